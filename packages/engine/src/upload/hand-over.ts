import type { FileHandle } from 'node:fs/promises'
import { type HandOver, handOverPath, type HandOverReport, type RawRoute } from '@weir/api'
import { WeirError } from '@weir/base'
import { identityOf, isSameFile, readRegion } from '@weir/images'
import { claimBytes } from '../claim/reconcile-claim.ts'
import { ingestImage } from '../volume/ingest.ts'
import { admit, take, type UploadDeps, type Verdict } from './admit.ts'
import { openHeldFile } from './held-file.ts'
import { readJson } from './read-json.ts'

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
    const asked = parseHandOver(await readJson(call.body))
    const file = await openHeldFile(asked.file)
    if (file === undefined) return { code: 422, body: 'the file cannot be read from here; send its bytes\n' }
    const { claim, id } = admission
    const progress = { readBytes: 0 }
    const verdict = take(deps, {
      id,
      signal: call.signal,
      ingest: (signal, onProgress) =>
        ingestImage(deps.volumes, {
          id,
          sizeBytes: claimBytes(claim),
          chunks: counted(bytesOf(file, asked), progress),
          signal,
          onProgress,
          lengthBytes: asked.lengthBytes,
        }),
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
  const ended: { verdict?: Verdict } = {}
  // One reaction for all lines: a race with a promise that lives as long as the transfer would grow with it.
  let wake: () => void = () => {}
  void verdict.then((answer) => {
    ended.verdict = answer
    wake()
  })
  for (;;) {
    yield line({ kind: 'Read', readBytes: progress.readBytes })
    if (ended.verdict === undefined)
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, reportMillis)
        wake = () => {
          clearTimeout(timer)
          resolve()
        }
      })
    if (ended.verdict !== undefined) return yield line({ kind: 'Verdict', ...ended.verdict })
  }
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
