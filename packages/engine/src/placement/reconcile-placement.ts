import { node, type VirtualMachineInstance, virtualMachineInstance } from '@weir/api'
import type { Clock, FieldCause } from '@weir/base'
import {
  type Controller,
  createObjectWriter,
  defineConcern,
  defineWatch,
  type EventRecorder,
  type ManagerContext,
  type Next,
  type Outcome,
} from '@weir/runtime'
import { checkSpec } from '../virtual-machine-instance/check-spec.ts'
import { indexInstances } from '../virtual-machine-instance/instance-index.ts'
import { keyOf, toInstanceSpec } from '../virtual-machine-instance/instance-spec.ts'
import { inPhase, isFinal, notRunning } from '../virtual-machine-instance/observe.ts'
import { demandOf } from './demand.ts'
import { firstFit } from './first-fit.ts'
import type { Ledger } from './ledger.ts'

/** What the choice of hosts stands on. `ledger` is of the context's cache of instances. */
export interface PlacementDeps {
  readonly context: ManagerContext
  readonly clock: Clock
  readonly events: EventRecorder
  readonly ledger: Ledger
}

const wait: Next = { kind: 'Wait' }

/**
 * Binds instances to hosts, one after the other, by first fit: `status.nodeName` is set once and is from then on the business
 * of that host's agent. What cannot be placed says why, and is tried again when a host or room appears.
 */
export function placementController({ context, clock, events, ledger }: PlacementDeps): Controller {
  const { client, cacheOf } = context
  const instances = cacheOf(virtualMachineInstance)
  const nodes = cacheOf(node)
  const index = indexInstances(instances)
  const writer = createObjectWriter({ client, clock, kind: virtualMachineInstance, finalizer: 'weir.dev/placement' })
  const tell = (instance: VirtualMachineInstance, { conditions }: Decision, isNews: boolean): Next => {
    const refused = conditions.find(({ type, status }) => type === 'PodScheduled' && status === 'False')
    if (isNews && refused !== undefined)
      events.record(instance, { type: 'Warning', reason: 'FailedScheduling', message: refused.message })
    return wait
  }
  return {
    name: 'placement',
    kind: virtualMachineInstance,
    concerns: defineConcern(virtualMachineInstance, isUnplaced),
    // Two decisions at once could both take the last room.
    concurrency: 1,
    watches: [defineWatch({ kind: node, map: () => index.unplaced().map(keyOf) })],
    sources: [(wake) => ledger.onFreed(() => index.unplaced().forEach((instance) => wake(keyOf(instance))))],
    reconcile: async (key, signal) => {
      const instance = instances.get(key)
      if (instance === undefined || !isUnplaced(instance)) return wait
      const causes = checkSpec(toInstanceSpec(instance))
      if (causes.length > 0) {
        const decision = refusal(instance, { reason: 'InvalidSpec', message: unsupported(causes) }, clock.now())
        return tell(instance, decision, await writer.patchStatus(instance, decision, signal))
      }
      const { uid = '' } = instance.metadata
      ledger.forget(uid)
      const found = firstFit(demandOf(instance), nodes.list(), (nodeName) => ledger.taken(nodeName))
      if (found.kind === 'Placed') ledger.assume(instance, found.nodeName)
      const decision =
        found.kind === 'Placed'
          ? placed(instance, found.nodeName, clock.now())
          : refusal(instance, { reason: 'Unschedulable', message: found.message }, clock.now())
      return tell(instance, decision, await writer.patchStatus(instance, decision, signal))
    },
  }
}

const isUnplaced = (instance: VirtualMachineInstance): boolean =>
  instance.status?.nodeName === undefined && instance.metadata.deletionTimestamp === undefined && !isFinal(instance)

type Decision = Pick<Outcome<NonNullable<VirtualMachineInstance['status']>>, 'conditions' | 'status'>

const placed = (instance: VirtualMachineInstance, nodeName: string, now: number): Decision => ({
  conditions: [{ type: 'PodScheduled', status: 'True', reason: 'Scheduled', message: '' }],
  status: { ...inPhase(instance, 'Scheduled', now), nodeName },
})

const refusal = (
  instance: VirtualMachineInstance,
  because: { readonly reason: string; readonly message: string },
  now: number,
): Decision => ({
  conditions: [
    ...notRunning(because),
    { type: 'PodScheduled', status: 'False', reason: 'Unschedulable', message: because.message },
  ],
  status: inPhase(instance, 'Scheduling', now),
})

/** What no host of this engine can do, every wrong field at once. */
const unsupported = (causes: readonly FieldCause[]): string =>
  `no host can run it: ${causes.map(({ field, message }) => `\`${field}\` ${message}`).join('; ')}`
