import type { KindDefinition, KubernetesObject } from '@weir/api'
import { applyPatch, type Operation, Pointer } from 'rfc6902'
import { badRequest, Failure, tooLarge, unsupportedMediaType } from './failure.ts'
import { isJsonObject, type JsonObject } from './schema/json.ts'
import { applyStrategicMerge } from './schema/strategic-merge.ts'

type Apply = (object: KubernetesObject) => KubernetesObject
type PatchKind = (kind: KindDefinition, patch: unknown) => Apply

const maxOperations = 10_000
/** As the real API server: what copies may add to an object together. A few that each double it would fill the memory. */
const maxCopiedBytes = 3 * 1024 * 1024
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
  patch.forEach(checkOperation)
  return (object) => applyOperations(object, patch as readonly Operation[])
}

function checkOperation(operation: unknown): void {
  if (!isJsonObject(operation)) throw badRequest('a JSON patch operation must be an object')
  const { op, path, from } = operation
  const isFromNeeded = op === 'copy' || op === 'move'
  if (!isPointer(path) || (isFromNeeded && !isPointer(from)))
    throw badRequest('a JSON patch operation needs a `path`, and a `from` where it copies or moves, that names a field')
}

/** RFC 6901; what leads into prototypes names no field. */
const isPointer = (text: unknown): boolean => typeof text === 'string' && /^(?:\/|$)/u.test(text) && !forbiddenPart.test(text)

function applyOperations(object: KubernetesObject, operations: readonly Operation[]): KubernetesObject {
  const patched = structuredClone(object)
  let copiedBytes = 0
  for (const operation of operations) {
    if (operation.op === 'copy') copiedBytes += sizeAt(patched, operation.from)
    if (copiedBytes > maxCopiedBytes) throw tooLarge(maxCopiedBytes)
    const [error] = applyPatch(patched, [operation])
    if (error !== undefined && error !== null)
      throw new Failure(
        422,
        'Invalid',
        `the server rejected our request due to an error in our request: ${error.message || error.name}`,
      )
  }
  return patched
}

/** The size of the value at a pointer as JSON; 0 if there is none, which applying it tells. */
const sizeAt = (object: KubernetesObject, from: string): number =>
  Buffer.byteLength(JSON.stringify(Pointer.fromJSON(from).get(object)) ?? '')

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
