import type { KindDefinition } from '@weir/api'
import { type Cause, forbidden, invalid, tooLong } from './schema/cause.ts'
import { isJsonObject, jsonEquals, type JsonObject } from './schema/json.ts'
import type { NameRule } from './schema/names.ts'

/** True for the kind `name` of `group`, in any version. */
export const isKind = (kind: KindDefinition, group: string, name: string): boolean => kind.group === group && kind.kind === name

const holdsData = (kind: KindDefinition): boolean => isKind(kind, '', 'Secret') || isKind(kind, '', 'ConfigMap')

/** What the names of a kind's objects may be. */
export const nameRuleOf = (kind: KindDefinition): NameRule => (isKind(kind, '', 'Namespace') ? 'label' : 'subdomain')

/** The object with what writing fills in for its kind: a Secret's plain values as data, a Namespace's name as label. */
export function prepare(kind: KindDefinition, object: JsonObject): JsonObject {
  if (isKind(kind, '', 'Secret')) return withEncodedData(object)
  return isKind(kind, '', 'Namespace') ? withNameLabel(object) : object
}

function withEncodedData(object: JsonObject): JsonObject {
  const { stringData, data, ...rest } = object
  if (!isJsonObject(stringData)) return object
  const encoded = Object.entries(stringData).map(([key, value]) => [
    key,
    Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64'),
  ])
  return { ...rest, data: { ...(isJsonObject(data) ? data : {}), ...(Object.fromEntries(encoded) as JsonObject) } }
}

/** Selectors of namespaces select by this label. */
function withNameLabel(object: JsonObject): JsonObject {
  const metadata = isJsonObject(object['metadata']) ? object['metadata'] : {}
  const labels = isJsonObject(metadata['labels']) ? metadata['labels'] : {}
  return { ...object, metadata: { ...metadata, labels: { ...labels, 'kubernetes.io/metadata.name': metadata['name'] } } }
}

/** What is wrong with an object of a built-in kind beyond its schema, [] if nothing. `old` is what it replaces. */
export function builtinCauses(kind: KindDefinition, object: JsonObject, old: JsonObject | undefined): readonly Cause[] {
  if (isKind(kind, '', 'PersistentVolumeClaim')) return claimCauses(object, old)
  if (!holdsData(kind)) return []
  return [...dataCauses(kind, object), ...(old === undefined ? [] : immutableCauses(kind, object, old))]
}

const maxDataBytes = 1024 * 1024
const keyPattern = /^[-._a-zA-Z0-9]+$/u
const keyWords = "a valid config key must consist of alphanumeric characters, '-', '_' or '.' (e.g. 'key.name', or 'KEY_NAME')"

/** Keys become names of files, and all values together have room in a request. */
function dataCauses(kind: KindDefinition, object: JsonObject): readonly Cause[] {
  const data = isJsonObject(object['data']) ? object['data'] : {}
  const binaryData = isJsonObject(object['binaryData']) ? object['binaryData'] : {}
  const causes = Object.entries({ data, binaryData }).flatMap(([field, values]) =>
    Object.keys(values).flatMap((key) => keyErrors(key).map((text) => invalid(`${field}[${key}]`, key, text))),
  )
  const twice = Object.keys(binaryData).filter((key) => Object.hasOwn(data, key))
  const encoded = Object.values(isKind(kind, '', 'Secret') ? { ...data, ...binaryData } : binaryData)
  const plain = isKind(kind, '', 'Secret') ? [] : Object.values(data)
  const size = sizeOf(plain, 'utf8') + sizeOf(encoded, 'base64')
  return [
    ...causes,
    ...twice.map((key) => invalid(`binaryData[${key}]`, key, 'duplicate of key present in data')),
    ...(size > maxDataBytes ? [tooLong('', maxDataBytes)] : []),
  ]
}

const sizeOf = (values: readonly unknown[], encoding: BufferEncoding): number =>
  values.reduce<number>((sum, value) => sum + Buffer.byteLength(String(value), encoding), 0)

function keyErrors(key: string): readonly string[] {
  if (key.length > 253) return ['must be no more than 253 bytes']
  if (!keyPattern.test(key)) return [keyWords]
  return key === '.' || key.startsWith('..') ? [`must not be '.' and must not start with '..'`] : []
}

/** What may not change once it is written. */
function immutableCauses(kind: KindDefinition, object: JsonObject, old: JsonObject): readonly Cause[] {
  const differs = (field: string): boolean => !jsonEquals(object[field], old[field])
  const type = isKind(kind, '', 'Secret') && differs('type') ? [invalid('type', object['type'], 'field is immutable')] : []
  if (old['immutable'] !== true) return type
  const frozen = ['data', 'binaryData', 'immutable'].filter(differs)
  return [...type, ...frozen.map((field) => forbidden(field, 'field is immutable when `immutable` is set'))]
}

/** A claim asks for something, and once it has its volume it asks for the same, or more. Types are checked by the schema. */
function claimCauses(object: JsonObject, old: JsonObject | undefined): readonly Cause[] {
  const spec = objectAt(object, 'spec')
  const asked = objectAt(objectAt(spec, 'resources'), 'requests')['storage']
  const size = isMore(asked ?? 1) ? [] : [invalid('spec.resources[storage]', asked, 'must be greater than zero')]
  const before = objectAt(old ?? {}, 'spec')
  if ((before['volumeName'] ?? '') === '') return size
  const isKept = jsonEquals({ ...spec, resources: null }, { ...before, resources: null })
  const words = 'spec is immutable after creation except resources.requests and volumeAttributesClassName for bound claims'
  return isKept ? size : [...size, forbidden('spec', words)]
}

const objectAt = (object: JsonObject, key: string): JsonObject => (isJsonObject(object[key]) ? object[key] : {})

/** True for a quantity above zero: no minus, and a digit that counts before its unit. */
const isMore = (quantity: unknown): boolean => /^\+?[\d.]*[1-9]/u.test(String(quantity))
