import { type ApiExtension, dataVolume, persistentVolumeClaim, type RawRoute } from '@weir/api'
import { isWeirError, WeirError } from '@weir/base'
import type { ManagerContext } from '@weir/runtime'
import { claimBytes } from '../claim/reconcile-claim.ts'
import type { Transfers } from '../data-volume/transfers.ts'
import { ingestImage } from '../volume/ingest.ts'
import type { Volumes } from '../volume/volumes.ts'
import { patiently } from './patiently.ts'
import type { UploadTokens } from './tokens.ts'

export interface UploadDeps {
  /** Asked at each request: the caches belong to a manager that is made later. */
  readonly context: () => ManagerContext
  readonly volumes: Volumes
  readonly transfers: Transfers
  readonly tokens: UploadTokens
}

const maxRequestBytes = 65_536
/** A sender that says nothing for so long is gone: another one may begin. */
const idleMillis = 120_000

async function readJson(
  body: AsyncIterable<Uint8Array>,
): Promise<{ readonly spec?: { readonly pvcName?: unknown }; readonly metadata?: { readonly name?: unknown } }> {
  let text = ''
  for await (const part of body) {
    text += Buffer.from(part).toString('utf8')
    if (text.length > maxRequestBytes) throw new WeirError('API_BAD_REQUEST', 'the request is too long')
  }
  try {
    return JSON.parse(text) as { readonly spec?: { readonly pvcName?: unknown } }
  } catch (cause) {
    throw new WeirError('API_BAD_REQUEST', 'the body could not be read as JSON', { cause })
  }
}

/** `upload.cdi.kubevirt.io/v1beta1 UploadTokenRequest`: gives out a token for one claim. */
export const uploadTokenExtension = ({ context, tokens }: UploadDeps): ApiExtension => ({
  group: 'upload.cdi.kubevirt.io',
  version: 'v1beta1',
  resources: [{ name: 'uploadtokenrequests', kind: 'UploadTokenRequest', namespaced: true, verbs: ['create'] }],
  handle: async ({ method, namespace = '', body }) => {
    if (method !== 'POST') throw new WeirError('API_BAD_REQUEST', 'an UploadTokenRequest can only be created')
    const request = await readJson(body)
    const name = request.spec?.pvcName
    if (typeof name !== 'string')
      throw new WeirError('API_INVALID', '`spec.pvcName` must name a claim', {
        causes: [{ field: 'spec.pvcName', message: 'must name a claim' }],
      })
    const claim = await context().client.get(persistentVolumeClaim, { namespace, name })
    const token = tokens.sign({ namespace, claim: name, uid: claim.metadata.uid ?? '' })
    return {
      kind: 'Json',
      code: 201,
      body: {
        apiVersion: 'upload.cdi.kubevirt.io/v1beta1',
        kind: 'UploadTokenRequest',
        metadata: { name: typeof request.metadata?.name === 'string' ? request.metadata.name : name, namespace },
        spec: { pvcName: name },
        status: { token },
      },
    }
  },
})

/** CDI's upload proxy: takes an image for the claim that the bearer's token names, straight into its disk. */
export const uploadRoute = (deps: UploadDeps): RawRoute => ({
  path: '/v1beta1/upload',
  handle: async ({ method, headers, body, signal }) => {
    const grant = deps.tokens.read(/^Bearer (\S+)$/iu.exec(headers['authorization'] ?? '')?.[1] ?? '')
    if (grant === undefined) return { code: 401, body: 'the upload token is missing, wrong or too old; ask for a new one\n' }
    if (method !== 'POST' && method !== 'PUT') return { code: 405, body: 'send the image by POST\n' }
    const { client } = deps.context()
    const key = { namespace: grant.namespace, name: grant.claim }
    const claim = await client.get(persistentVolumeClaim, key)
    const object = await client.get(dataVolume, key)
    const isWanted = claim.metadata.uid === grant.uid && claim.metadata.deletionTimestamp === undefined
    if (!isWanted || object.status?.phase !== 'UploadReady')
      return {
        code: 409,
        body: `DataVolume '${grant.claim}' is not ready for an upload (phase ${object.status?.phase ?? 'unknown'})\n`,
      }
    if (deps.transfers.state(grant.uid)?.kind === 'Running')
      return { code: 503, body: 'another upload to this DataVolume is under way\n' }
    return take(deps, { id: grant.uid, sizeBytes: claimBytes(claim), body, signal, length: headers['content-length'] })
  },
})

interface Upload {
  readonly id: string
  readonly sizeBytes: number
  readonly body: AsyncIterable<Uint8Array>
  readonly signal: AbortSignal
  readonly length: string | undefined
}

/** Runs the upload as a transfer, so that its progress is seen and its DataVolume's deletion ends it. */
function take(
  { transfers, volumes }: UploadDeps,
  { id, sizeBytes, body, signal, length }: Upload,
): Promise<{ readonly code: number; readonly body: string }> {
  return new Promise((resolve) => {
    transfers.start(id, async (cancelled, onProgress) => {
      const either = AbortSignal.any([signal, cancelled])
      const lengthBytes = length === undefined ? undefined : Number(length)
      try {
        await ingestImage(volumes, {
          id,
          sizeBytes,
          chunks: patiently(body, { idleMillis, signal: either }),
          signal: either,
          onProgress,
          ...(lengthBytes === undefined ? {} : { lengthBytes }),
        })
        resolve({ code: 200, body: 'the image is complete\n' })
      } catch (error) {
        resolve(answerTo(error))
        // The upload may be repeated: it is the sender who hears of it, not the DataVolume.
        if (either.aborted) throw error
      }
    })
  })
}

function answerTo(error: unknown): { readonly code: number; readonly body: string } {
  if (!isWeirError(error)) return { code: 500, body: 'the upload was interrupted; nothing of it is kept\n' }
  const code = error.code === 'VOLUME_NO_SPACE' ? 507 : error.family === 'Input' ? 400 : 503
  return { code, body: `${error.message} (${error.code})\n` }
}
