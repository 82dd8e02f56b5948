import { open, type FileHandle } from 'node:fs/promises'
import { inflateRawSync } from 'node:zlib'

/**
 * The bytes of one entry of a zip archive (PKWARE APPNOTE 4.3), stored or deflated, below 4 GiB: so that the tests need no
 * tool to unpack. Rejects if there is no such entry.
 */
export async function readZipEntry(archive: string, name: string): Promise<Buffer> {
  const file = await open(archive)
  try {
    const { size } = await file.stat()
    const tail = await readAt(file, Math.max(0, size - 65_557), Math.min(size, 65_557))
    const end = tail.lastIndexOf(Buffer.from('PK\u0005\u0006'))
    if (end < 0) throw new Error(`${archive} is no zip archive`)
    const directory = await readAt(file, tail.readUInt32LE(end + 16), tail.readUInt32LE(end + 12))
    return await readEntry(file, directory, name)
  } finally {
    await file.close()
  }
}

async function readEntry(file: FileHandle, directory: Buffer, name: string): Promise<Buffer> {
  for (let at = 0; at + 46 <= directory.length;) {
    const nameLength = directory.readUInt16LE(at + 28)
    if (directory.toString('utf8', at + 46, at + 46 + nameLength) === name) {
      const start = directory.readUInt32LE(at + 42)
      const header = await readAt(file, start, 30)
      const dataStart = start + 30 + header.readUInt16LE(26) + header.readUInt16LE(28)
      const data = await readAt(file, dataStart, directory.readUInt32LE(at + 20))
      return directory.readUInt16LE(at + 10) === 0 ? data : inflateRawSync(data)
    }
    at += 46 + nameLength + directory.readUInt16LE(at + 30) + directory.readUInt16LE(at + 32)
  }
  throw new Error(`The archive has no entry '${name}'`)
}

async function readAt(file: FileHandle, position: number, length: number): Promise<Buffer> {
  const { buffer, bytesRead } = await file.read({ buffer: Buffer.alloc(length), position })
  return buffer.subarray(0, bytesRead)
}
