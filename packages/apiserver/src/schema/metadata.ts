import { type Cause, forbidden, invalid, required, tooLong } from './cause.ts'
import { isJsonObject, type JsonObject, own } from './json.ts'
import { labelKeyErrors, labelValueErrors, nameErrors, type NameRule } from './names.ts'

const maxAnnotationBytes = 256 * 1024

/** What the kind says about its objects' metadata. */
export interface MetadataRules {
  readonly namespaced: boolean
  /** `subdomain` if absent. */
  readonly nameRule?: NameRule
}

/** What is wrong with `metadata`, whose types the schema has checked already; [] if nothing. Names are checked after generation. */
export function validateMetadata(metadata: JsonObject, rules: MetadataRules): readonly Cause[] {
  return [
    ...nameCauses(metadata, rules),
    ...namespaceCauses(metadata, rules),
    ...labelCauses(metadata),
    ...annotationCauses(metadata),
    ...finalizerCauses(metadata),
    ...ownerCauses(metadata),
  ]
}

const textAt = (metadata: JsonObject, key: string): string => {
  const value = own(metadata, key)
  return typeof value === 'string' ? value : ''
}

function nameCauses(metadata: JsonObject, { nameRule = 'subdomain' }: MetadataRules): readonly Cause[] {
  const causes: Cause[] = []
  const name = textAt(metadata, 'name')
  const generateName = textAt(metadata, 'generateName')
  if (generateName !== '') {
    // A prefix may end in '-': what follows makes it a name.
    const prefix = generateName.replace(/-$/u, 'a')
    causes.push(...nameErrors(prefix, nameRule).map((text) => invalid('metadata.generateName', generateName, text)))
  }
  if (name === '') causes.push(required('metadata.name', 'name or generateName is required'))
  else causes.push(...nameErrors(name, nameRule).map((text) => invalid('metadata.name', name, text)))
  return causes
}

function namespaceCauses(metadata: JsonObject, { namespaced }: MetadataRules): readonly Cause[] {
  const namespace = textAt(metadata, 'namespace')
  if (!namespaced) return namespace === '' ? [] : [forbidden('metadata.namespace', 'not allowed on this type')]
  if (namespace === '') return [required('metadata.namespace')]
  return nameErrors(namespace, 'label').map((text) => invalid('metadata.namespace', namespace, text))
}

function labelCauses(metadata: JsonObject): readonly Cause[] {
  const labels = own(metadata, 'labels')
  if (!isJsonObject(labels)) return []
  return Object.keys(labels).flatMap((key) => [
    ...labelKeyErrors(key).map((text) => invalid('metadata.labels', key, text)),
    ...labelValueErrors(String(labels[key])).map((text) => invalid('metadata.labels', labels[key], text)),
  ])
}

function annotationCauses(metadata: JsonObject): readonly Cause[] {
  const annotations = own(metadata, 'annotations')
  if (!isJsonObject(annotations)) return []
  const keys = Object.keys(annotations)
  const causes = keys.flatMap((key) =>
    labelKeyErrors(key.toLowerCase()).map((text) => invalid('metadata.annotations', key, text)),
  )
  const size = keys.reduce((sum, key) => sum + Buffer.byteLength(key) + Buffer.byteLength(String(annotations[key])), 0)
  return size > maxAnnotationBytes ? [...causes, tooLong('metadata.annotations', maxAnnotationBytes)] : causes
}

const standardFinalizers: readonly string[] = [
  'orphan',
  'foregroundDeletion',
  'kubernetes',
  'customresourcecleanup.apiextensions.k8s.io',
]

function finalizerCauses(metadata: JsonObject): readonly Cause[] {
  const finalizers = own(metadata, 'finalizers')
  if (!Array.isArray(finalizers)) return []
  const both = finalizers.includes('orphan') && finalizers.includes('foregroundDeletion')
  const causes = finalizers.flatMap((finalizer) => {
    const name = String(finalizer)
    const errors = labelKeyErrors(name)
    if (errors.length === 0 && !name.includes('/') && !standardFinalizers.includes(name)) {
      errors.push('name is neither a standard finalizer name nor is it fully qualified')
    }
    return errors.map((text) => invalid('metadata.finalizers', name, text))
  })
  const words = 'finalizer orphan and foregroundDeletion cannot be both set'
  return both ? [...causes, invalid('metadata.finalizers', finalizers, words)] : causes
}

function ownerCauses(metadata: JsonObject): readonly Cause[] {
  const owners = own(metadata, 'ownerReferences')
  if (!Array.isArray(owners)) return []
  const causes = owners.flatMap((owner: unknown, index) =>
    ['apiVersion', 'kind', 'name', 'uid']
      .filter((key) => isJsonObject(owner) && own(owner, key) === '')
      .map((key) => invalid(`metadata.ownerReferences[${index}].${key}`, '', `${key} must not be empty`)),
  )
  const controllers = owners.filter((owner) => isJsonObject(owner) && own(owner, 'controller') === true)
  if (controllers.length < 2) return causes
  const words = `Only one reference can have Controller set to true. Found "true" in references for ${controllers.length} owners`
  return [...causes, invalid('metadata.ownerReferences', owners, words)]
}
