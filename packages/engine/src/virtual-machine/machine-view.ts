import type { RunStrategy, VirtualMachine, VirtualMachineInstance } from '@weir/api'

/** How the disks of a machine are; of several answers the first in this order counts (as KubeVirt orders its statuses). */
export type DisksState =
  /** `name` is a claim that neither exists nor will be made. */
  | { readonly kind: 'Missing'; readonly name: string }
  /** The DataVolume `name` failed for good. */
  | { readonly kind: 'Failed'; readonly name: string }
  /** They are being made or filled. */
  | { readonly kind: 'Provisioning' }
  /** A claim waits for its volume. */
  | { readonly kind: 'Unbound' }
  | { readonly kind: 'Ready' }

/** What a VirtualMachine is and has, as one reads it to decide. */
export interface MachineView {
  readonly machine: VirtualMachine
  /** The instance that is this machine's. */
  readonly instance: VirtualMachineInstance | undefined
  /** True if an instance of this name is somebody else's. */
  readonly isNameTaken: boolean
  readonly disks: DisksState
  /** True if the host of the instance is not heard from. */
  readonly isHostLost: boolean
  readonly now: number
}

/** `spec.runStrategy`, or what the older `spec.running` means. */
export const strategyOf = ({ spec }: VirtualMachine): RunStrategy =>
  spec.runStrategy ?? (spec.running === true ? 'Always' : 'Halted')

type StateChangeRequest = NonNullable<NonNullable<VirtualMachine['status']>['stateChangeRequests']>[number]

/** The request of a verb that waits first in line. */
export const firstRequest = ({ status }: VirtualMachine): StateChangeRequest | undefined => status?.stateChangeRequests?.[0]

/** True if `request` asks to stop this very instance. */
export const isStopOf = (request: StateChangeRequest | undefined, instance: VirtualMachineInstance): boolean =>
  request?.action === 'Stop' && (request.uid === undefined || request.uid === instance.metadata.uid)

/** The end of the back-off after failed starts, in milliseconds since the epoch; 0 if there is none. */
export const retryAt = ({ status }: VirtualMachine): number => Date.parse(status?.startFailure?.retryAfterTimestamp ?? '') || 0
