import { dataVolume, type PersistentVolumeClaim, persistentVolumeClaim } from '@weir/api'
import { isWeirError } from '@weir/base'
import type { ManagerContext } from '@weir/runtime'
import type { Transfers } from '../data-volume/transfers.ts'
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

type Admission =
  | { readonly kind: 'Admitted'; readonly claim: PersistentVolumeClaim; readonly id: string }
  | { readonly kind: 'Refused'; readonly verdict: Verdict }

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
  return { kind: 'Admitted', claim, id: grant.uid }
}

/** An image that is taken. `signal` aborts when its sender is gone. */
export interface Taking {
  readonly id: string
  readonly signal: AbortSignal
  readonly ingest: (signal: AbortSignal, onProgress: (percent: number) => void) => Promise<unknown>
}

/** Runs an upload as a transfer, so that its progress is seen and its DataVolume's deletion ends it. Resolves with the answer. */
export async function take({ transfers }: UploadDeps, { id, signal, ingest }: Taking): Promise<Verdict> {
  if (transfers.state(id)?.kind === 'Running') return { code: 503, body: 'another upload to this DataVolume is under way\n' }
  return new Promise((resolve) => {
    transfers.start(id, async (cancelled, onProgress) => {
      const either = AbortSignal.any([signal, cancelled])
      try {
        await ingest(either, onProgress)
        resolve({ code: 200, body: 'the image is complete\n' })
      } catch (error) {
        resolve(verdictOn(error))
        // The upload may be repeated: it is the sender who hears of it, not the DataVolume.
        if (either.aborted) throw error
      }
    })
  })
}

function verdictOn(error: unknown): Verdict {
  if (!isWeirError(error)) return { code: 500, body: 'the upload was interrupted; nothing of it is kept\n' }
  const code = error.code === 'VOLUME_NO_SPACE' ? 507 : error.family === 'Input' ? 400 : 503
  return { code, body: `${error.message} (${error.code})\n` }
}
