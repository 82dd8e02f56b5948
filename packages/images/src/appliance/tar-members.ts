import type { FileHandle } from 'node:fs/promises'
import { Readable } from 'node:stream'
import { extract, type Header } from 'tar-stream'

/** A member of a tar archive, and where its bytes begin in the file. */
export interface TarMember {
  readonly header: Header
  readonly offset: number
}

const blockBytes = 512
const readBytes = 64 * 1024

/**
 * The members of the archive in `file`, which has `sizeBytes`, by their headers alone: what lies between is not read, however
 * much it is.
 * @throws what tar-stream throws for a damaged header or an end too early.
 */
export async function* tarMembers(file: FileHandle, sizeBytes: number): AsyncGenerator<TarMember> {
  for (let at = 0; at < sizeBytes;) {
    const member = await memberAt(file, at)
    if (member === undefined) return
    const end = member.offset + (member.header.type === 'directory' ? 0 : member.header.size)
    if (end > sizeBytes) throw new Error('Unexpected end of data')
    yield member
    at = Math.ceil(end / blockBytes) * blockBytes
  }
}

/** The first member at or after `start`, where another one has ended. */
async function memberAt(file: FileHandle, start: number): Promise<TarMember | undefined> {
  const tar = extract()
  const input = Readable.from(piecesFrom(file, start), { objectMode: false })
  input.on('error', (error) => tar.destroy(error)).pipe(tar)
  try {
    for await (const { header, offset } of tar) return { header, offset: start + offset + blockBytes }
    return undefined
  } finally {
    input.destroy()
    tar.destroy()
  }
}

async function* piecesFrom(file: FileHandle, start: number): AsyncGenerator<Uint8Array> {
  for (let at = start; ;) {
    const { bytesRead, buffer } = await file.read(Buffer.allocUnsafe(readBytes), 0, readBytes, at)
    if (bytesRead === 0) return
    yield buffer.subarray(0, bytesRead)
    at += bytesRead
  }
}
