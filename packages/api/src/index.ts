/**
 * The kinds of the fabric as data: object types, structural schemas, printer columns, names of phases and statuses.
 * Words: KindDefinition (all the API knows of a kind), ApiExtension (a group served by code). Browser-safe; it reads and
 * writes nothing.
 */
export { importingAnnotation } from './annotations.ts'
export { type CDIConfig, cdiConfig, type DataVolume, dataVolume, type DataVolumePhase, type DataVolumeSpec } from './cdi.ts'
export {
  type CustomResourceDefinition,
  customResourceDefinition,
  type CustomResourceDefinitionVersion,
  type Lease,
  lease,
} from './cluster.ts'
export {
  type ConfigMap,
  configMap,
  type Event,
  event,
  type Namespace,
  namespace,
  type Node,
  node,
  type Secret,
  secret,
  type ServiceAccount,
  serviceAccount,
} from './core.ts'
export { apiVersionOf, type KindDefinition, type PrinterColumn, type Schema } from './definition.ts'
export { type HandOver, handOverPath, type HandOverReport, type HeldFile } from './hand-over.ts'
export type { ApiExtension, ByteChannel, ExtensionAnswer, ExtensionCall, ExtensionResource, RawRoute } from './extension.ts'
export { builtinKinds, crdOf, customKinds } from './kinds.ts'
export { virtualMachine, virtualMachineInstance } from './kubevirt.ts'
export type { InstancePhase, PrintableStatus, RunStrategy } from './kubevirt-names.ts'
export type {
  Disk,
  DiskBus,
  Domain,
  Interface,
  VirtualMachine,
  VirtualMachineInstance,
  VirtualMachineInstanceSpec,
  VirtualMachineInstanceStatus,
  VirtualMachineStatus,
  Volume,
} from './kubevirt-types.ts'
export type { Condition, KubernetesObject, ObjectList, ObjectMeta, OwnerReference, Status, WatchEvent } from './meta.ts'
export {
  type PersistentVolume,
  persistentVolume,
  type PersistentVolumeClaim,
  persistentVolumeClaim,
  type StorageClass,
  storageClass,
} from './storage.ts'
