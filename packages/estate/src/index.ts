/**
 * A source estate: what runs at the source, before it moves. Words: estate (machines, hosts, clusters, datastores, networks and the
 * findings about the data themselves), source (a file or server they are from), reader (RVTools, OVF, Kubernetes, our own document),
 * source machine (the hardware of one appliance). It writes nothing to the source, and it moves no disk: see `images`.
 */
export type { SourceDisk, SourceMachine, SourceNic } from './hardware.ts'
export {
  type Estate,
  type EstateCluster,
  type EstateDatastore,
  type EstateHost,
  type EstateNetwork,
  type EstateSource,
  estateVersion,
  type Finding,
} from './model/estate.ts'
export type {
  EstateMachine,
  GuestPartition,
  MachineCpu,
  MachineDevice,
  MachineDisk,
  MachineGuest,
  MachineMemory,
  MachineNic,
  MachineSnapshot,
  MachineUsage,
} from './model/machine.ts'
export { parseOvf } from './ovf/parse-ovf.ts'
export { type CheckContext, createCheckContext, type EstateConcern, type Severity, type TargetNode } from './concerns/concern.ts'
export { concernsOfCluster } from './concerns/find-concerns.ts'
export { concernText, evidenceText } from './concerns/concern-text.ts'
export { type OperatingSystem, operatingSystemOf } from './concerns/operating-system.ts'
export { assessMachine, type MachineAssessment, type Readiness } from './concerns/readiness.ts'
export { parseUserRules, type UserRule } from './concerns/user-rules.ts'
export { type Concern, concernsOf } from './mapping/concerns.ts'
export { toLabel } from './mapping/names.ts'
export { type MappedDisk, type Mapping, type MappingOptions, toVirtualMachine } from './mapping/to-virtual-machine.ts'
export { mergeEstates } from './document/merge-estates.ts'
export { parseEstate } from './document/parse-estate.ts'
export type { EstateInput } from './door/input.ts'
export { openEstateFile, openEstateFiles, type OpenEstateOptions } from './door/open-estate.ts'
export { finding, findingText } from './findings/finding.ts'
export { bracesOf, fillTemplate, type Language, type Values } from './sentences/template.ts'
export { reconcile } from './reconcile/reconcile.ts'
export { fromKubernetes, type KubernetesSource } from './kubernetes/from-kubernetes.ts'
export type {
  KubernetesNode,
  KubernetesObjects,
  KubernetesPod,
  KubevirtInstance,
  LabelSelector,
  ObjectMeta as KubernetesMeta,
  PodAffinityTerm,
  Quantities,
  SchedulingRules,
  SelectorRequirement,
  Taint,
} from './kubernetes/objects.ts'
export { type KubernetesList, parseKubernetesObjects } from './kubernetes/parse-objects.ts'
export { controllerOf, isDone, keyOf, launchedBy, launcherOf, podTotal, podUsage } from './kubernetes/pods.ts'
export { type QuantityReader, quantityReader } from './kubernetes/quantities.ts'
