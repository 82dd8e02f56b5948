import type { FileHandle } from 'node:fs/promises'
import { setTimeout as pause } from 'node:timers/promises'
import { type HandOver, handOverPath, type HandOverReport, type RawRoute } from '@weir/api'
import { WeirError } from '@weir/base'
import { identityOf, isSameFile, readRegion } from '@weir/images'
import { readJsonObject } from '../json-body.ts'
import { admit, take, type UploadDeps, type Verdict } from './admit.ts'
import { openHeldFile } from './held-file.ts'

const reportMillis = 100

/**
 * Takes an image from an open file of the caller instead of its bytes: for a socket to which only our own user and root can
 * connect, and never for a network. Answers 422 at once if the file cannot be opened from here; else 200 and a line of JSON for
 * each `HandOverReport`. A file that changes meanwhile is refused.
 */
export const handOverRoute = (deps: UploadDeps): RawRoute => ({
  path: handOverPath,
  handle: async (call) => {
    const admission = await admit(deps, call)
    if (admission.kind === 'Refused') return admission.verdict
    const asked = parseHandOver(await readJsonObject(call.body))
    const file = await openHeldFile(asked.file)
    if (file === undefined) return { code: 422, body: 'the file cannot be read from here; send its bytes\n' }
    const progress = { readBytes: 0 }
    const verdict = take(deps, {
      into: admission,
      signal: call.signal,
      lengthBytes: asked.lengthBytes,
      chunks: () => counted(bytesOf(file, asked), progress),
    }).finally(() => file.close())
    return { code: 200, body: reports(verdict, progress) }
  },
})

/** @throws VOLUME_SOURCE_FAILED after the last byte if they are not all of one moment. */
async function* bytesOf(file: FileHandle, { file: { identity }, offset, lengthBytes }: HandOver): AsyncGenerator<Uint8Array> {
  yield* readRegion({ file, offset, lengthBytes }, 'the disk image')
  if (!isSameFile(identity, await identityOf(file)))
    throw new WeirError('VOLUME_SOURCE_FAILED', 'the file changed while it was read; import it again')
}

async function* counted(bytes: AsyncIterable<Uint8Array>, progress: { readBytes: number }): AsyncGenerator<Uint8Array> {
  for await (const part of bytes) {
    yield part
    progress.readBytes += part.length
  }
}

async function* reports(verdict: Promise<Verdict>, progress: { readonly readBytes: number }): AsyncGenerator<string> {
  const line = (report: HandOverReport): string => `${JSON.stringify(report)}\n`
  const over = new AbortController()
  const answer = verdict.finally(() => over.abort())
  do {
    yield line({ kind: 'Read', readBytes: progress.readBytes })
    // A race with a promise that lives as long as the transfer would grow with it.
    await pause(reportMillis, undefined, { signal: over.signal }).catch(() => {})
  } while (!over.signal.aborted)
  yield line({ kind: 'Verdict', ...(await answer) })
}

/** @throws API_BAD_REQUEST */
function parseHandOver(value: object): HandOver {
  const { file, offset, lengthBytes } = value as Partial<HandOver>
  const { pid, fd, identity } = file ?? {}
  const { dev, ino, size, mtimeNs } = (identity ?? {}) as Partial<HandOver['file']['identity']>
  const isCount = (each: unknown): each is number => Number.isSafeInteger(each) && Number(each) >= 0
  const isDecimal = (each: unknown): each is string => typeof each === 'string' && /^\d{1,20}$/u.test(each)
  if (!isCount(pid) || !isCount(fd) || !isCount(offset) || !isCount(lengthBytes) || !isCount(offset + lengthBytes))
    throw new WeirError('API_BAD_REQUEST', '`file.pid`, `file.fd`, `offset` and `lengthBytes` must be whole numbers')
  if (!isDecimal(dev) || !isDecimal(ino) || !isDecimal(size) || !isDecimal(mtimeNs))
    throw new WeirError('API_BAD_REQUEST', '`file.identity` must hold `dev`, `ino`, `size` and `mtimeNs` in decimal')
  return { file: { pid, fd, identity: { dev, ino, size, mtimeNs } }, offset, lengthBytes }
}
