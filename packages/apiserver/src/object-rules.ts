import { apiVersionOf, type KindDefinition, type KubernetesObject, type ObjectMeta } from '@weir/api'
import { cleanupFinalizer, type CustomResourceDefinition } from './crd/crd.ts'
import { builtinCauses, isKind, nameRuleOf, prepare } from './builtin-rules.ts'
import { crdCauses } from './crd/accept.ts'
import { badRequest, invalid } from './failure.ts'
import { type Cause, invalid as invalidCause } from './schema/cause.ts'
import { compileSchema } from './schema/compile.ts'
import { isJsonObject, jsonEquals, type JsonObject } from './schema/json.ts'
import { validateMetadata } from './schema/metadata.ts'

/** How a write treats fields that the kind does not know, and whom it tells. */
export interface WriteRules {
  readonly fieldValidation: 'Strict' | 'Warn' | 'Ignore'
  readonly warn: (text: string) => void
}

const asJson = (object: KubernetesObject): JsonObject => object as unknown as JsonObject
const asObject = (object: JsonObject): KubernetesObject => object as unknown as KubernetesObject

/** The body of a request as an object of `kind`. @throws 400 if it is none. */
export function asObjectOf(kind: KindDefinition, body: unknown): KubernetesObject {
  if (!isJsonObject(body)) throw badRequest('the body must be a JSON object')
  const { apiVersion = apiVersionOf(kind), kind: name = kind.kind, metadata = {} } = body
  if (apiVersion !== apiVersionOf(kind) || name !== kind.kind) {
    throw badRequest(
      `the API version in the data (${JSON.stringify(apiVersion)}, ${JSON.stringify(name)}) does not match the expected API version (${apiVersionOf(kind)}, ${kind.kind})`,
    )
  }
  if (!isJsonObject(metadata)) throw badRequest('`metadata` must be an object')
  const { managedFields: _, selfLink: __, ...kept } = metadata
  return asObject({ ...body, apiVersion, kind: name, metadata: kept })
}

/** The object pruned, with its defaults, checked. `old` is what it replaces. @throws 400 or 422. */
export function conform(
  kind: KindDefinition,
  object: KubernetesObject,
  context: { readonly rules: WriteRules; readonly old?: KubernetesObject | undefined },
): KubernetesObject {
  const { rules, old } = context
  const schema = compileSchema(kind.schema)
  const pruned = schema.prune(withoutEmptyLists(asJson(object)))
  reportUnknown(kind, pruned.unknown, { rules, name: object.metadata.name })
  const complete = asObject(schema.applyDefaults(prepare(kind, pruned.object)))
  const causes: readonly Cause[] = [
    ...validateMetadata(asJson(complete)['metadata'] as JsonObject, { namespaced: kind.namespaced, nameRule: nameRuleOf(kind) }),
    ...schema.validate(asJson(complete), old === undefined ? undefined : asJson(old)),
    ...builtinCauses(kind, asJson(complete), old === undefined ? undefined : asJson(old)),
  ]
  if (causes.length > 0) throw invalid(kind, complete.metadata.name, causes)
  if (isKind(kind, 'apiextensions.k8s.io', 'CustomResourceDefinition')) {
    const own = crdCauses(complete as CustomResourceDefinition, old as CustomResourceDefinition | undefined)
    if (own.length > 0) throw invalid(kind, complete.metadata.name, own)
  }
  return complete
}

const lists = ['labels', 'annotations', 'finalizers', 'ownerReferences'] as const

/** Metadata that says nothing is left out, as Kubernetes does: an object without labels has no `labels`. */
function withoutEmptyLists(object: JsonObject): JsonObject {
  const metadata = object['metadata'] as JsonObject
  const isEmpty = (key: string): boolean => {
    const value = metadata[key]
    return typeof value === 'object' && value !== null && Object.keys(value).length === 0
  }
  const empty: readonly string[] = lists.filter(isEmpty)
  if (empty.length === 0) return object
  return { ...object, metadata: Object.fromEntries(Object.entries(metadata).filter(([key]) => !empty.includes(key))) }
}

function reportUnknown(
  kind: KindDefinition,
  unknown: readonly string[],
  context: { readonly rules: WriteRules; readonly name: string },
): void {
  const { fieldValidation, warn } = context.rules
  if (unknown.length === 0 || fieldValidation === 'Ignore') return
  const texts = unknown.map((field) => `unknown field "${field}"`)
  if (fieldValidation === 'Warn') for (const text of texts) warn(text)
  else
    throw badRequest(
      `${kind.kind} in version "${kind.version}" cannot be handled as a ${kind.kind}: strict decoding error: ${texts.join(', ')}`,
    )
}

/** An object as it is created: with what the server alone decides. */
export function asCreated(
  kind: KindDefinition,
  object: KubernetesObject,
  given: { readonly uid: string; readonly now: string; readonly namespace: string; readonly newSuffix: () => string },
): KubernetesObject {
  const { metadata } = object
  if (metadata.resourceVersion !== undefined && metadata.resourceVersion !== '') {
    throw badRequest('resourceVersion should not be set on objects to be created')
  }
  const { deletionTimestamp: _, deletionGracePeriodSeconds: __, resourceVersion: ___, namespace: ____, ...kept } = metadata
  const name =
    metadata.name || (metadata.generateName === undefined ? '' : `${metadata.generateName.slice(0, 58)}${given.newSuffix()}`)
  if (name === '') throw invalid(kind, '', [invalidCause('metadata.name', '', 'name or generateName is required')])
  const { status: ignored, ...body } = object as KubernetesObject & { readonly status?: unknown }
  const created = {
    ...(kind.statusSubresource === true ? body : { ...body, ...(ignored === undefined ? {} : { status: ignored }) }),
    metadata: {
      ...kept,
      name,
      ...(kind.namespaced ? { namespace: given.namespace } : {}),
      uid: given.uid,
      creationTimestamp: given.now,
      generation: 1,
      ...initialFinalizers(kind, kept),
    },
  }
  return isKind(kind, '', 'Namespace')
    ? ({ ...created, spec: { finalizers: ['kubernetes'] }, status: { phase: 'Active' } } as KubernetesObject)
    : created
}

const initialFinalizers = (
  kind: KindDefinition,
  { finalizers = [] }: Pick<ObjectMeta, 'finalizers'>,
): Pick<ObjectMeta, 'finalizers'> =>
  isKind(kind, 'apiextensions.k8s.io', 'CustomResourceDefinition') && !finalizers.includes(cleanupFinalizer)
    ? { finalizers: [...finalizers, cleanupFinalizer] }
    : {}

/** Which part of an object an update may change. */
export type Part = 'main' | 'status' | 'finalize'

/** `object` as it may replace `old`: the rest of the object, and what the server alone decides, stays as it was. */
export function asUpdated(
  kind: KindDefinition,
  object: KubernetesObject,
  change: { readonly old: KubernetesObject; readonly part: Part },
): KubernetesObject {
  const { old, part } = change
  const [next, before] = [asJson(object), asJson(old)]
  if (part === 'status') return asObject(withField(before, 'status', next['status']))
  if (part === 'finalize') return asObject({ ...before, spec: next['spec'] })
  const { uid, creationTimestamp, deletionTimestamp, deletionGracePeriodSeconds, generation, namespace } = old.metadata
  const metadata = {
    ...object.metadata,
    ...(namespace === undefined ? {} : { namespace }),
    ...(uid === undefined ? {} : { uid }),
    ...(creationTimestamp === undefined ? {} : { creationTimestamp }),
    ...(generation === undefined ? {} : { generation }),
    ...(deletionTimestamp === undefined ? {} : { deletionTimestamp }),
    ...(deletionGracePeriodSeconds === undefined ? {} : { deletionGracePeriodSeconds }),
  }
  const { deletionTimestamp: _, deletionGracePeriodSeconds: __, ...living } = metadata
  const whole: JsonObject = { ...next, metadata: deletionTimestamp === undefined ? living : metadata }
  const protectedStatus = kind.statusSubresource === true ? withField(whole, 'status', before['status']) : whole
  return asObject(isKind(kind, '', 'Namespace') ? { ...protectedStatus, spec: before['spec'] } : protectedStatus)
}

function withField(object: JsonObject, field: string, value: unknown): JsonObject {
  const { [field]: _, ...rest } = object
  return value === undefined ? rest : { ...rest, [field]: value }
}

/** True if nothing but the resourceVersion differs. */
export const isSame = (a: KubernetesObject, b: KubernetesObject): boolean => jsonEquals(bare(a), bare(b))

/** True if what is wanted differs: anything outside metadata and, where it is written apart, status. */
export function specDiffers(kind: KindDefinition, a: KubernetesObject, b: KubernetesObject): boolean {
  const { metadata: _, ...left } = asJson(a)
  const { metadata: __, ...right } = asJson(b)
  if (kind.statusSubresource !== true) return !jsonEquals(left, right)
  return !jsonEquals(withField(left, 'status', undefined), withField(right, 'status', undefined))
}

const bare = (object: KubernetesObject): JsonObject => {
  const { resourceVersion: _, ...metadata } = object.metadata
  return { ...asJson(object), metadata }
}
