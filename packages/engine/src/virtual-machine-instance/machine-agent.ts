import { persistentVolumeClaim, type VirtualMachineInstance, virtualMachineInstance } from '@weir/api'
import { type Controller, createObjectWriter, defineConcern, defineWatch, type EventRecorder, type Next } from '@weir/runtime'
import { endMachine, type Farewell } from './end-machine.ts'
import { type FollowDeps, followMachine } from './follow-machine.ts'
import { indexInstances } from './instance-index.ts'
import { keyOf } from './instance-spec.ts'
import type { Observation } from './observe.ts'
import { removeEmptyDisks } from './machine-parts.ts'

/** What the machines of one host stand on, and who is told of them. */
export interface MachineAgentDeps extends FollowDeps {
  readonly events: EventRecorder
}

const wait: Next = { kind: 'Wait' }

/** The part of a node agent that runs the machines bound to its host, tells how they are, and takes them away without a trace. */
export function machineAgentController(deps: MachineAgentDeps): Controller {
  const { context, clock, machines, events, host, volumes } = deps
  const { client, cacheOf } = context
  const instances = cacheOf(virtualMachineInstance)
  const index = indexInstances(instances)
  const isOurs = ({ status }: VirtualMachineInstance): boolean => status?.nodeName === host
  const writer = createObjectWriter({ client, clock, kind: virtualMachineInstance, finalizer: 'weir.dev/machine' })
  // The moments at which guests were asked to power off; a restart of this process asks again.
  const asked = new Map<string, number>()

  return {
    name: `machines/${host}`,
    kind: virtualMachineInstance,
    concerns: defineConcern(virtualMachineInstance, isOurs),
    watches: [
      defineWatch({ kind: persistentVolumeClaim, map: ({ metadata }) => index.usingClaim(metadata).filter(isOurs).map(keyOf) }),
    ],
    sources: [
      (wake) =>
        machines.onChange((id) => {
          const instance = index.byUid(id)
          if (instance !== undefined && isOurs(instance)) wake(keyOf(instance))
        }),
    ],
    reconcile: async (key, signal) => {
      const instance = instances.get(key)
      if (instance === undefined || !isOurs(instance)) return wait
      if (instance.metadata.deletionTimestamp !== undefined) {
        const next = await endMachine({ machines, clock, asked }, farewellOf(instance))
        if (next !== undefined) return next
        await removeEmptyDisks(volumes, instance)
        await writer.removeFinalizer(instance, signal)
        return wait
      }
      // Before the first outside effect: what runs must not be forgotten.
      if (await writer.ensureFinalizer(instance, signal)) return wait
      const { next, ...seen } = await followMachine(deps, instance, signal)
      const isNews = await writer.patchStatus(instance, seen, signal)
      if (isNews && seen.status.phase !== instance.status?.phase) note(events, instance, { ...seen, host })
      return next
    },
  }
}

/** KubeVirt's `DefaultGracePeriodSeconds`. */
const defaultGraceSeconds = 30

const farewellOf = ({ metadata, spec }: VirtualMachineInstance): Farewell => ({
  id: metadata.uid ?? '',
  begunMillis: Date.parse(metadata.deletionTimestamp ?? ''),
  graceSeconds: spec.terminationGracePeriodSeconds ?? defaultGraceSeconds,
})

function note(
  events: EventRecorder,
  instance: VirtualMachineInstance,
  { status, conditions, host }: Observation & { readonly host: string },
): void {
  const why = conditions.find(({ message }) => message !== '')?.message ?? ''
  if (status.phase === 'Running')
    events.record(instance, {
      type: 'Normal',
      reason: 'Started',
      message: `VirtualMachineInstance started on ${host}`,
    })
  if (status.phase === 'Succeeded') events.record(instance, { type: 'Normal', reason: 'ShuttingDown', message: why })
  if (status.phase === 'Failed') events.record(instance, { type: 'Warning', reason: 'Stopped', message: why })
}
