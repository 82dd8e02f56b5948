import type { PrintableStatus, RunStrategy, VirtualMachine, VirtualMachineInstance } from '@weir/api'

/** What a VirtualMachine is and has, as one reads it to decide. */
export interface MachineView {
  readonly machine: VirtualMachine
  readonly instance: VirtualMachineInstance | undefined
  /** False while a disk of the machine is not there yet. */
  readonly disksReady: boolean
  readonly diskFailed: boolean
  readonly now: number
}

/** What to do about the instance. */
export type Action =
  | { readonly kind: 'None' }
  | { readonly kind: 'Create' }
  | { readonly kind: 'Delete' }
  | { readonly kind: 'WaitUntil'; readonly millis: number }

export const strategyOf = ({ spec }: VirtualMachine): RunStrategy =>
  spec.runStrategy ?? (spec.running === true ? 'Always' : 'Halted')

/** True once the instance's life is over. */
export const isFinal = (instance: VirtualMachineInstance): boolean =>
  instance.status?.phase === 'Succeeded' || instance.status?.phase === 'Failed'

/** The request of a verb that waits first in line. */
export const firstRequest = ({ status }: VirtualMachine) => status?.stateChangeRequests?.[0]

/** What the run strategy and the verbs ask for (KubeVirt's run strategies). Pure. */
export function decide(view: MachineView): Action {
  const { machine, instance, disksReady } = view
  const request = firstRequest(machine)
  if (
    request?.action === 'Stop' &&
    instance !== undefined &&
    (request.uid === undefined || request.uid === instance.metadata.uid)
  ) {
    return instance.metadata.deletionTimestamp === undefined ? { kind: 'Delete' } : { kind: 'None' }
  }
  if (instance !== undefined) return aboutInstance(strategyOf(machine), instance)
  const isWanted = request?.action === 'Start' || startsByItself(machine)
  if (!isWanted || !disksReady) return { kind: 'None' }
  const retryAt = Date.parse(machine.status?.startFailure?.retryAfterTimestamp ?? '')
  return retryAt > view.now ? { kind: 'WaitUntil', millis: retryAt } : { kind: 'Create' }
}

function startsByItself(machine: VirtualMachine): boolean {
  const strategy = strategyOf(machine)
  const hasRun = machine.status?.conditions?.some(({ type }) => type === 'Ready') === true && machine.status.created !== undefined
  return strategy === 'Always' || ((strategy === 'RerunOnFailure' || strategy === 'Once') && !hasRun)
}

function aboutInstance(strategy: RunStrategy, instance: VirtualMachineInstance): Action {
  if (instance.metadata.deletionTimestamp !== undefined) return { kind: 'None' }
  if (strategy === 'Halted') return { kind: 'Delete' }
  if (!isFinal(instance)) return { kind: 'None' }
  const restarts = strategy === 'Always' || (strategy === 'RerunOnFailure' && instance.status?.phase === 'Failed')
  return restarts ? { kind: 'Delete' } : { kind: 'None' }
}

/** The state in one word, as KubeVirt's `printableStatus`. Pure. */
export function printableStatusOf({ machine, instance, disksReady, diskFailed, now }: MachineView): PrintableStatus {
  if (machine.metadata.deletionTimestamp !== undefined) return 'Terminating'
  if (instance !== undefined) return ofInstance(instance)
  const isWanted = firstRequest(machine)?.action === 'Start' || startsByItself(machine)
  if (diskFailed) return 'DataVolumeError'
  if (!disksReady && (isWanted || (machine.spec.dataVolumeTemplates ?? []).length > 0)) return 'Provisioning'
  if (!isWanted) return 'Stopped'
  return Date.parse(machine.status?.startFailure?.retryAfterTimestamp ?? '') > now ? 'CrashLoopBackOff' : 'Starting'
}

function ofInstance(instance: VirtualMachineInstance): PrintableStatus {
  const has = (type: string, status: string, reason?: string): boolean =>
    instance.status?.conditions?.some(
      (condition) =>
        condition.type === type && condition.status === status && (reason === undefined || condition.reason === reason),
    ) === true
  if (isFinal(instance)) return 'Stopped'
  if (instance.metadata.deletionTimestamp !== undefined) return 'Stopping'
  if (has('Paused', 'True')) return 'Paused'
  if (instance.status?.phase === 'Running') return 'Running'
  if (has('PodScheduled', 'False', 'Unschedulable')) return 'ErrorUnschedulable'
  return has('Synchronized', 'False', 'PvcNotFound') ? 'ErrorPvcNotFound' : 'Starting'
}
