/**
 * This machine as hosts of the fabric. Words: Machine (one QEMU process), Volume (a disk image behind a claim), node agent
 * (one a host: makes the objects bound to its Node come true), placement (binds objects to Nodes). It reaches the API only
 * through `client` and never stops a guest that nobody asked to stop.
 */
export type {
  MachineDisk,
  MachineNic,
  Machines,
  MachineSpec,
  MachineState,
  MachineStream,
  PortForward,
} from './machine/machine.ts'
export { probeKvm } from './kvm/probe-kvm.ts'
export { createQemuMachines } from './machine/qemu-machines.ts'
export { createEngine, type Engine } from './create-engine.ts'
export { createVolumes, type Volumes } from './volume/volumes.ts'
