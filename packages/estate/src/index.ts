/**
 * A source estate: machines as VMware describes them, before they move. Words: source machine (one hardware model for all
 * readers), reader (OVF for now). It writes nothing to the source, and it moves no disk: see `images`.
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
export { type Concern, concernsOf } from './mapping/concerns.ts'
export { toLabel } from './mapping/names.ts'
export { type MappedDisk, type Mapping, type MappingOptions, toVirtualMachine } from './mapping/to-virtual-machine.ts'
