import { type ApiExtension, persistentVolumeClaim, type RawRoute } from '@weir/api'
import { WeirError } from '@weir/base'
import { patiently } from '@weir/images'
import { readJsonObject } from '../json-body.ts'
import { admit, take, type UploadDeps } from './admit.ts'

/** A sender that says nothing for so long is gone: another one may begin. */
const idleMillis = 120_000

interface TokenRequest {
  readonly spec?: { readonly pvcName?: unknown }
  readonly metadata?: { readonly name?: unknown }
}

/** `upload.cdi.kubevirt.io/v1beta1 UploadTokenRequest`: gives out a token for one claim. */
export const uploadTokenExtension = ({ context, tokens }: UploadDeps): ApiExtension => ({
  group: 'upload.cdi.kubevirt.io',
  version: 'v1beta1',
  resources: [{ name: 'uploadtokenrequests', kind: 'UploadTokenRequest', namespaced: true, verbs: ['create'] }],
  handle: async ({ method, namespace = '', body }) => {
    if (method !== 'POST') throw new WeirError('API_BAD_REQUEST', 'an UploadTokenRequest can only be created')
    const request = (await readJsonObject(body)) as TokenRequest
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
  handle: async (call) => {
    const admission = await admit(deps, call)
    if (admission.kind === 'Refused') return admission.verdict
    const length = call.headers['content-length']
    return take(deps, {
      into: admission,
      signal: call.signal,
      lengthBytes: length === undefined ? undefined : Number(length),
      chunks: (signal) => patiently(call.body, { idleMillis, signal }),
    })
  },
})
