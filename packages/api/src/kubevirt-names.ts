import type { Meanings } from './schemas.ts'

/** `spec.runStrategy`: who decides whether the machine runs. */
export const runStrategies = {
  Always: 'runs, and is started again whenever it ends',
  RerunOnFailure: 'is started once, and again only after a failure',
  Once: 'is started once and never again',
  Manual: 'runs as the verbs start, stop and restart say',
  Halted: 'does not run',
} as const satisfies Meanings
export type RunStrategy = keyof typeof runStrategies

/** `status.printableStatus` of a VirtualMachine, as KubeVirt words it. */
export const printableStatuses = {
  Stopped: 'there is no instance, and none is wanted',
  Provisioning: 'its disks are being made or filled',
  Starting: 'an instance is wanted or placed, and the guest does not run yet',
  Running: 'the guest runs',
  Paused: 'the guest is held in memory and does not run',
  Stopping: 'the guest is told to power off',
  Terminating: 'the machine is being deleted',
  CrashLoopBackOff: 'the instance failed and the next start waits a while',
  Migrating: 'the guest moves to another host',
  Unknown: 'nothing was heard from the host of the guest',
  ErrorUnschedulable: 'no host has room for it',
  ErrorPvcNotFound: 'a claim that it names does not exist',
  DataVolumeError: 'a disk could not be made or filled',
  WaitingForVolumeBinding: 'a claim waits for its volume',
} as const satisfies Meanings
export type PrintableStatus = keyof typeof printableStatuses

/** `status.phase` of a VirtualMachineInstance. Succeeded and Failed are final. */
export const instancePhases = {
  Pending: 'it was accepted, and its disks or its host are not settled',
  Scheduling: 'it waits for a host',
  Scheduled: 'a host was chosen',
  Running: 'the guest was started',
  Succeeded: 'the guest powered off, as asked or by itself',
  Failed: 'the guest ended in another way, or could not be started',
  Unknown: 'nothing was heard from its host',
} as const satisfies Meanings
export type InstancePhase = keyof typeof instancePhases

/** `status.conditions[].type` of a VirtualMachine. */
export const machineConditions = {
  Ready: 'is true if the guest runs',
  Paused: 'is true if the guest is held in memory and does not run',
  AgentConnected: 'is true if the guest agent answers',
  Failure: 'is true if the instance could not be made or deleted; the message says why',
  RestartRequired: 'is true if a change takes effect only at the next start',
} as const satisfies Meanings

/** `status.conditions[].type` of a VirtualMachineInstance. */
export const instanceConditions = {
  Ready: 'is true if the guest runs and is not paused',
  Paused: 'is true if the guest is held in memory and does not run',
  AgentConnected: 'is true if the guest agent answers',
  PodScheduled: 'is true if a host was found; with the reason Unschedulable the message says why none was',
  Synchronized: 'is true if the host could do what the spec asks for; else reason and message say what it could not',
  DataVolumesReady: 'is true if all disks are filled',
  LiveMigratable: 'is true if the guest can move to another host while it runs',
} as const satisfies Meanings
