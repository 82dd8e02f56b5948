import type { KindDefinition, KubernetesObject } from '@weir/api'
import { applyPatch, type Operation } from 'rfc6902'
import { badRequest, Failure, unsupportedMediaType } from './failure.ts'
import { isJsonObject, type JsonObject } from './schema/json.ts'
import { applyStrategicMerge } from './schema/strategic-merge.ts'

type Apply = (object: KubernetesObject) => KubernetesObject
type PatchKind = (kind: KindDefinition, patch: unknown) => Apply

const maxOperations = 10_000
const forbiddenPart = /(?:^|\/)(?:__proto__|constructor|prototype)(?:\/|$)/u

/** RFC 7386. */
function mergePatch(target: unknown, patch: unknown): unknown {
  if (!isJsonObject(patch)) return patch
  const result = new Map(Object.entries(isJsonObject(target) ? target : {}))
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) result.delete(key)
    else result.set(key, mergePatch(result.get(key), value))
  }
  return Object.fromEntries(result)
}

const objectPatch = (patch: unknown): JsonObject => {
  if (!isJsonObject(patch)) throw badRequest('the patch must be a JSON object')
  return patch
}
const asJson = (object: KubernetesObject): JsonObject => object as unknown as JsonObject

const merge: PatchKind = (_, patch) => {
  const checked = objectPatch(patch)
  return (object) => mergePatch(object, checked) as KubernetesObject
}

const json: PatchKind = (_, patch) => {
  if (!Array.isArray(patch)) throw badRequest('a JSON patch must be a list of operations')
  if (patch.length > maxOperations)
    throw new Failure(413, 'RequestEntityTooLarge', `a JSON patch may have at most ${maxOperations} operations`)
  const operations = patch as readonly Operation[]
  for (const { path } of operations) {
    if (typeof path !== 'string' || forbiddenPart.test(path))
      throw badRequest('a JSON patch operation needs a `path` that names a field')
  }
  return (object) => {
    const copy = structuredClone(object)
    const error = applyPatch(copy, [...operations]).find((result) => result !== null)
    if (error !== undefined)
      throw new Failure(
        422,
        'Invalid',
        `the server rejected our request due to an error in our request: ${error.message || error.name}`,
      )
    return copy
  }
}

const strategic: PatchKind = (kind, patch) => {
  if (kind.group.includes('.') && !kind.group.endsWith('.k8s.io'))
    throw unsupportedMediaType(
      'application/strategic-merge-patch+json',
      'application/json-patch+json, application/merge-patch+json',
    )
  const checked = objectPatch(patch)
  return (object) => applyStrategicMerge(asJson(object), checked, kind.schema) as unknown as KubernetesObject
}

/** Every kind of patch by its media type. Server-side apply will get its place here. */
const patchKinds: Readonly<Record<string, PatchKind>> = {
  'application/merge-patch+json': merge,
  'application/json-patch+json': json,
  'application/strategic-merge-patch+json': strategic,
}

/** What a patch does to an object. @throws 415 for kinds of patches not served, 400 for unreadable ones. */
export function parsePatch(kind: KindDefinition, mediaType: string, patch: unknown): Apply {
  const parse = Object.hasOwn(patchKinds, mediaType) ? patchKinds[mediaType] : undefined
  if (parse === undefined) throw unsupportedMediaType(mediaType, Object.keys(patchKinds).join(', '))
  return parse(kind, patch)
}
