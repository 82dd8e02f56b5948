/**
 * The kinds of the fabric as data: object types, structural schemas, printer columns, names of conditions and reasons.
 * Words: KindDefinition (all the API knows of a kind), ApiExtension (a group served by code). Browser-safe; it reads and
 * writes nothing.
 */
export { apiVersionOf, type KindDefinition, type PrinterColumn, type Schema } from './definition.ts'
export type { ApiExtension, ByteChannel, ExtensionAnswer, ExtensionCall, ExtensionResource, RawRoute } from './extension.ts'
export type { Condition, KubernetesObject, ObjectList, ObjectMeta, OwnerReference, Status, WatchEvent } from './meta.ts'
