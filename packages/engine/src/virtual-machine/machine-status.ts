import type { Condition, RunStrategy, VirtualMachine, VirtualMachineStatus } from '@weir/api'
import { formatTime, getCondition, isConditionTrue, setConditions } from '@weir/runtime'
import { isFinal } from '../virtual-machine-instance/observe.ts'
import { type Action, isOneShot } from './desired.ts'
import { firstRequest, isStopOf, type MachineView, strategyOf } from './machine-view.ts'
import { printableStatusOf } from './printable-status.ts'

const maxBackoffMillis = 300_000
const firstBackoffMillis = 10_000

/** All fields that the controller writes; undefined removes one. */
type WrittenStatus = { readonly [K in keyof VirtualMachineStatus]: VirtualMachineStatus[K] | undefined }

/**
 * What there is to say of a machine before `action` is taken. It counts a failure once however often it is computed, and is
 * written before the failed instance is deleted: then nothing is left to count. Pure.
 */
export function machineStatus(view: MachineView, action: Action): WrittenStatus {
  const { machine, instance, now } = view
  const startFailure = startFailureOf(view)
  const seen = { ...view, machine: { ...machine, status: { ...withoutFailure(machine), ...(startFailure && { startFailure }) } } }
  return {
    created: instance !== undefined,
    ready: !view.isHostLost && isConditionTrue(instance?.status?.conditions, 'Ready'),
    printableStatus: printableStatusOf(seen),
    runStrategy: lastStrategy(view),
    observedGeneration: machine.metadata.generation,
    stateChangeRequests: remainingRequests(view),
    startFailure,
    conditions: setConditions(kept(machine, view, action), conditionsOf(view, action), formatTime(now)),
  }
}

const withoutFailure = ({ status }: VirtualMachine): VirtualMachineStatus => {
  const { startFailure: _, ...rest } = status ?? {}
  return rest
}

/** The strategy that the machine was last started under: one that starts once has not done so before there is an instance. */
function lastStrategy({ machine, instance }: MachineView): VirtualMachineStatus['runStrategy'] {
  const strategy = strategyOf(machine)
  return instance !== undefined || !isOneShot(strategy) ? strategy : machine.status?.runStrategy
}

/** A Stop is done when its instance is gone, a Start when there is an instance that lives, or the strategy now forbids it. */
function remainingRequests({ machine, instance }: MachineView): NonNullable<VirtualMachineStatus['stateChangeRequests']> {
  const requests = machine.status?.stateChangeRequests ?? []
  const first = firstRequest(machine)
  if (first === undefined) return requests
  const isDone =
    first.action === 'Stop'
      ? instance === undefined || !isStopOf(first, instance)
      : forbidsStart(strategyOf(machine)) ||
        (instance !== undefined && !isFinal(instance) && instance.metadata.deletionTimestamp === undefined)
  return isDone ? requests.slice(1) : requests
}

const forbidsStart = (strategy: RunStrategy): boolean => strategy === 'Halted' || strategy === 'Once'

/**
 * Failures in a row make the next start wait longer: 10 s, doubled each time, at most 5 minutes. A guest that runs ends the
 * row. One that was switched off, by us when the data center stopped or by the host's own shutdown, has not failed: it is
 * remembered, for a strategy that starts again, and counts for nothing.
 */
function startFailureOf({ machine, instance, now }: MachineView): VirtualMachineStatus['startFailure'] {
  const before = machine.status?.startFailure
  const strategy = strategyOf(machine)
  if (strategy === 'Halted' || strategy === 'Manual') return undefined
  if (instance === undefined) return before
  const { phase } = instance.status ?? {}
  if (phase === 'Running' || phase === 'Succeeded') return undefined
  const { uid = '' } = instance.metadata
  if (phase !== 'Failed' || before?.lastFailedVMIUID === uid) return before
  if (instance.status?.reason === 'Killed')
    return { consecutiveFailCount: before?.consecutiveFailCount ?? 0, lastFailedVMIUID: uid }
  const count = (before?.consecutiveFailCount ?? 0) + 1
  const delay = Math.min(maxBackoffMillis, firstBackoffMillis * 2 ** Math.min(10, count - 1))
  return { consecutiveFailCount: count, lastFailedVMIUID: uid, retryAfterTimestamp: formatTime(now + delay) }
}

/** Conditions that stay as they are or change: what the instance no longer says is not said here either. */
function kept({ status }: VirtualMachine, view: MachineView, action: Action): readonly Condition[] {
  const now = new Set(conditionsOf(view, action).map(({ type }) => type))
  // A failure to create or delete is known to who tried; it stays until there is nothing to try.
  const isTrying = action.kind === 'Create' || action.kind === 'Delete'
  return (status?.conditions ?? []).filter(({ type }) => now.has(type) || (type === 'Failure' && isTrying))
}

function conditionsOf({ instance, isHostLost }: MachineView, action: Action): readonly Condition[] {
  const mirrored = (instance?.status?.conditions ?? []).filter(({ type }) => type !== 'Ready')
  return [
    readyOf(getCondition(instance?.status?.conditions, 'Ready'), instance !== undefined, isHostLost),
    ...mirrored.map(({ type, status, reason, message }) => ({ type, status, reason, message })),
    ...(action.kind === 'Blocked'
      ? [{ type: 'Failure', status: 'True' as const, reason: action.reason, message: action.message }]
      : []),
  ]
}

function readyOf(found: Condition | undefined, exists: boolean, isHostLost: boolean): Condition {
  const not = (status: 'False' | 'Unknown', reason: string, message: string): Condition => ({
    type: 'Ready',
    status,
    reason,
    message,
  })
  if (!exists) return not('False', 'VMINotExists', 'VMI does not exist')
  if (isHostLost) return not('Unknown', 'NodeNotReady', 'nothing is heard from the host of the guest')
  if (found === undefined) return not('False', 'VMIConditionMissing', 'VMI is missing the Ready condition')
  const { status, reason, message } = found
  return { type: 'Ready', status, reason, message }
}
