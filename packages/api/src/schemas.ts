import type { Schema } from './definition.ts'

/** Short ways to write structural schemas; every level has its type. */
export const string = (description?: string): Schema => ({
  type: 'string',
  ...(description === undefined ? {} : { description }),
})
export const boolean = (description?: string): Schema => ({
  type: 'boolean',
  ...(description === undefined ? {} : { description }),
})
export const integer = (description?: string, minimum?: number): Schema => ({
  type: 'integer',
  ...(description === undefined ? {} : { description }),
  ...(minimum === undefined ? {} : { minimum }),
})
export const list = (items: Schema, description?: string): Schema => ({
  type: 'array',
  items,
  ...(description === undefined ? {} : { description }),
})
export const object = (properties: Readonly<Record<string, Schema>>, more: Omit<Schema, 'type' | 'properties'> = {}): Schema => ({
  type: 'object',
  properties,
  ...more,
})
export const oneOfStrings = (values: readonly string[], description?: string): Schema => ({
  ...string(description),
  enum: values,
})
/** Kubernetes `resource.Quantity`: a number or a text such as `512Mi`. */
export const quantity = (description?: string): Schema => ({
  'x-kubernetes-int-or-string': true,
  pattern:
    '^(\\+|-)?(([0-9]+(\\.[0-9]*)?)|(\\.[0-9]+))(([KMGTPE]i)|[numkMGTPE]|([eE](\\+|-)?(([0-9]+(\\.[0-9]*)?)|(\\.[0-9]+))))?$',
  ...(description === undefined ? {} : { description }),
})
/** RFC 3339. */
export const time: Schema = { type: 'string', format: 'date-time' }
export const stringMap: Schema = { type: 'object', additionalProperties: { type: 'string' } }
export const quantityMap: Schema = { type: 'object', additionalProperties: quantity() }
/** An object whose fields are kept as they are. */
export const open: Schema = { type: 'object', 'x-kubernetes-preserve-unknown-fields': true }
const conditionFields = {
  type: string('What is observed'),
  status: oneOfStrings(['True', 'False', 'Unknown']),
  reason: string('Why, for programs'),
  message: string('Why, for people'),
  lastTransitionTime: { ...time, nullable: true },
  lastProbeTime: { ...time, nullable: true },
  lastHeartbeatTime: { ...time, nullable: true },
}
const conditionOf = (fields: Readonly<Record<string, Schema>>): Schema => object(fields, { required: ['type', 'status'] })
/** Merged by their keys in strategic merge patches. */
export const listByKey = (key: string, items: Schema, description?: string): Schema => ({
  ...list(items, description),
  'x-kubernetes-list-type': 'map',
  'x-kubernetes-list-map-keys': [key],
})
export const conditions: Schema = listByKey(
  'type',
  conditionOf({ ...conditionFields, observedGeneration: integer('Of which generation of the spec') }),
  'Observations, one per type',
)

/** Names and what each means, for types and for `kubectl explain`. */
export type Meanings = Readonly<Record<string, string>>
/** `A: meaning of A; B: meaning of B.` */
export const wordsOf = (names: Meanings): string =>
  `${Object.entries(names)
    .map(([name, meaning]) => `${name}: ${meaning}`)
    .join('; ')}.`
/** Conditions of KubeVirt and CDI, which have no `observedGeneration`. */
export const conditionsOf = (types: Meanings): Schema =>
  listByKey('type', conditionOf(conditionFields), `Observations, one per type. ${wordsOf(types)}`)
export const objectReference: Schema = object({
  apiVersion: string(),
  kind: string(),
  name: string(),
  namespace: string(),
  uid: string(),
  resourceVersion: string(),
  fieldPath: string(),
})
export const labelSelector: Schema = object({
  matchLabels: stringMap,
  matchExpressions: list(
    object({ key: string(), operator: string(), values: list(string()) }, { required: ['key', 'operator'] }),
  ),
})
