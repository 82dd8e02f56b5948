import { dataVolume, persistentVolumeClaim } from '@weir/api'
import { isWeirError } from '@weir/base'
import type { ManagerContext } from '@weir/runtime'
import { claimBytes } from '../claim/reconcile-claim.ts'
import type { Transfers } from '../data-volume/transfers.ts'
import { ingestImage } from '../volume/ingest.ts'
import type { Volumes } from '../volume/volumes.ts'
import type { UploadTokens } from './tokens.ts'

/** What uploads stand on. */
export interface UploadDeps {
  /** Asked at each request: the caches belong to a manager that is made later. */
  readonly context: () => ManagerContext
  readonly volumes: Volumes
  readonly transfers: Transfers
  readonly tokens: UploadTokens
}

/** An answer in words. */
export interface Verdict {
  readonly code: number
  readonly body: string
}

/** A volume that may be filled, and the size of its claim. */
interface Admitted {
  readonly kind: 'Admitted'
  readonly id: string
  readonly sizeBytes: number
}

type Admission = Admitted | { readonly kind: 'Refused'; readonly verdict: Verdict }

const refused = (code: number, body: string): Admission => ({ kind: 'Refused', verdict: { code, body: `${body}\n` } })

/** The claim that the bearer of a request's token may fill now, or why not. */
export async function admit(
  deps: UploadDeps,
  { method, headers }: { readonly method: string; readonly headers: Readonly<Record<string, string>> },
): Promise<Admission> {
  const grant = deps.tokens.read(/^Bearer (\S+)$/iu.exec(headers['authorization'] ?? '')?.[1] ?? '')
  if (grant === undefined) return refused(401, 'the upload token is missing, wrong or too old; ask for a new one')
  if (method !== 'POST' && method !== 'PUT') return refused(405, 'send the image by POST')
  const { client } = deps.context()
  const key = { namespace: grant.namespace, name: grant.claim }
  const claim = await client.get(persistentVolumeClaim, key)
  const object = await client.get(dataVolume, key)
  const isWanted = claim.metadata.uid === grant.uid && claim.metadata.deletionTimestamp === undefined
  if (!isWanted || object.status?.phase !== 'UploadReady')
    return refused(409, `DataVolume '${grant.claim}' is not ready for an upload (phase ${object.status?.phase ?? 'unknown'})`)
  return { kind: 'Admitted', id: grant.uid, sizeBytes: claimBytes(claim) }
}

/** An image that is taken. */
export interface Taking {
  readonly into: Admitted
  /** Aborts when its sender is gone. */
  readonly signal: AbortSignal
  /** Undefined if the sender does not tell. */
  readonly lengthBytes: number | undefined
  /** Its bytes, until `signal`. */
  readonly chunks: (signal: AbortSignal) => AsyncIterable<Uint8Array>
}

/** Runs an upload as a transfer, so that its progress is seen and its DataVolume's deletion ends it. Resolves with the answer. */
export async function take(
  { transfers, volumes }: UploadDeps,
  { into: { id, sizeBytes }, signal: gone, lengthBytes, chunks }: Taking,
): Promise<Verdict> {
  if (transfers.state(id)?.kind === 'Running') return { code: 503, body: 'another upload to this DataVolume is under way\n' }
  return new Promise((resolve) => {
    transfers.start(id, async (cancelled, onProgress) => {
      const signal = AbortSignal.any([gone, cancelled])
      const length = lengthBytes === undefined ? {} : { lengthBytes }
      try {
        await ingestImage(volumes, { id, sizeBytes, chunks: chunks(signal), signal, onProgress, ...length })
        resolve({ code: 200, body: 'the image is complete\n' })
      } catch (error) {
        resolve(verdictOn(error))
        // The upload may be repeated: it is the sender who hears of it, not the DataVolume.
        if (signal.aborted) throw error
      }
    })
  })
}

function verdictOn(error: unknown): Verdict {
  if (!isWeirError(error)) return { code: 500, body: 'the upload was interrupted; nothing of it is kept\n' }
  const code = error.code === 'VOLUME_NO_SPACE' ? 507 : error.family === 'Input' ? 400 : 503
  return { code, body: `${error.message} (${error.code})\n` }
}
