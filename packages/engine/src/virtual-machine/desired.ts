import type { RunStrategy, VirtualMachine, VirtualMachineInstance } from '@weir/api'
import { isFinal } from '../virtual-machine-instance/observe.ts'
import { firstRequest, isStopOf, type MachineView, retryAt, strategyOf } from './machine-view.ts'

/** What to do about the instance. */
export type Action =
  | { readonly kind: 'None' }
  | { readonly kind: 'Create' }
  | { readonly kind: 'Delete' }
  /** To be created, when the back-off after a failure is over. */
  | { readonly kind: 'WaitUntil'; readonly millis: number }
  /** To be created, and something is in the way. */
  | { readonly kind: 'Blocked'; readonly reason: string; readonly message: string }

/** What the run strategy and the verbs ask for (KubeVirt's run strategies). Pure. */
export function decide(view: MachineView): Action {
  const { machine, instance, disks } = view
  if (instance !== undefined) return aboutInstance(machine, instance)
  if (!isWanted(machine)) return { kind: 'None' }
  if (disks.kind === 'Missing')
    return {
      kind: 'Blocked',
      reason: 'FailedPvcNotFound',
      message: `there is no claim '${disks.name}'; create it, or take the volume out of the machine`,
    }
  if (disks.kind !== 'Ready') return { kind: 'None' }
  if (view.isNameTaken)
    return {
      kind: 'Blocked',
      reason: 'FailedCreate',
      message: `the VirtualMachineInstance '${machine.metadata.name}' belongs to somebody else; delete it, or rename the machine`,
    }
  return retryAt(machine) > view.now ? { kind: 'WaitUntil', millis: retryAt(machine) } : { kind: 'Create' }
}

/** Strategies under which a machine is started once by itself. */
export const isOneShot = (strategy: RunStrategy): boolean => strategy === 'RerunOnFailure' || strategy === 'Once'

/** True if the machine is to run though it has no instance. `status.runStrategy` is the strategy that it was last started under. */
export function isWanted(machine: VirtualMachine): boolean {
  const strategy = strategyOf(machine)
  const isAsked = firstRequest(machine)?.action === 'Start'
  const isNew = machine.status?.runStrategy !== strategy
  switch (strategy) {
    case 'Always':
      return true
    case 'Halted':
      return false
    case 'Manual':
      return isAsked
    case 'Once':
      return isNew
    case 'RerunOnFailure':
      return isAsked || isNew || machine.status?.startFailure !== undefined
  }
}

function aboutInstance(machine: VirtualMachine, instance: VirtualMachineInstance): Action {
  if (instance.metadata.deletionTimestamp !== undefined) return { kind: 'None' }
  if (isStopOf(firstRequest(machine), instance)) return { kind: 'Delete' }
  switch (strategyOf(machine)) {
    case 'Halted':
      return { kind: 'Delete' }
    case 'Always':
    case 'RerunOnFailure':
      return { kind: isFinal(instance) ? 'Delete' : 'None' }
    case 'Manual':
    case 'Once':
      return { kind: 'None' }
  }
}
