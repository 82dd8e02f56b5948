import type { KindDefinition, KubernetesObject } from '@weir/api'
import { notAcceptable } from './failure.ts'
import { renderTable, toPartial } from './table/render.ts'

/** In which form a client wants objects. */
export type Form = 'Object' | 'Table' | 'Partial'

/** What objects are shown as: the form, what table rows carry, and the moment for ages. */
export interface Representation {
  readonly form: Form
  readonly includeObject: 'None' | 'Metadata' | 'Object'
  readonly now: number
}

/** The first media type of an Accept header that can be served. @throws 406 if there is none (protobuf and CBOR alone). */
export function formOf(accept: string | undefined): Form {
  if (accept === undefined || accept === '') return 'Object'
  for (const part of accept.split(',')) {
    const [type = '', ...parameters] = part.split(';').map((word) => word.trim())
    if (type !== 'application/json' && type !== '*/*' && type !== 'application/*') continue
    const as = parameters.find((word) => word.startsWith('as='))?.slice(3)
    const version = parameters.find((word) => word.startsWith('v='))?.slice(2)
    if (as === undefined) return 'Object'
    if (version !== 'v1') continue
    if (as === 'Table') return 'Table'
    if (as === 'PartialObjectMetadata' || as === 'PartialObjectMetadataList') return 'Partial'
  }
  throw notAcceptable('application/json')
}

/** One object's text in the form asked for. `text` is what the store holds. */
export function represent(kind: KindDefinition, text: string, { form, includeObject, now }: Representation): string {
  if (form === 'Object') return text
  const object = JSON.parse(text) as KubernetesObject
  if (form === 'Partial') return JSON.stringify(toPartial(object))
  return JSON.stringify(
    renderTable(kind, [object], { now, includeObject, metadata: { resourceVersion: object.metadata.resourceVersion } }),
  )
}
