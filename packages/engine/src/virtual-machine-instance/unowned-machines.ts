import { virtualMachineInstance } from '@weir/api'
import type { Clock, Logger } from '@weir/base'
import { type Controller, type ManagerContext, type Next, type Request } from '@weir/runtime'
import type { Machines } from '../machine/machine.ts'
import { endMachine } from './end-machine.ts'
import { indexInstances } from './instance-index.ts'

/** What the end of unowned machines stands on. */
export interface UnownedDeps {
  readonly context: ManagerContext
  readonly clock: Clock
  readonly logger: Logger
  readonly machines: Machines
}

const wait: Next = { kind: 'Wait' }
/** Nothing says how long this guest wanted: KubeVirt's default. */
const graceSeconds = 30

/**
 * Ends the machines of this machine whose instance is gone from the API, as on its deletion: power button, grace period, plug
 * (KubeVirt's virt-handler does so with domains of which it knows no instance). It takes finalizers removed by hand, or a
 * database restored from a backup, to come to that; their disks stay. Keys are uids.
 */
export function unownedMachinesController({ context, clock, logger, machines }: UnownedDeps): Controller {
  const instances = context.cacheOf(virtualMachineInstance)
  const index = indexInstances(instances)
  const noticed = new Map<string, number>()
  const asked = new Map<string, number>()
  const keyOf = (uid: string): Request => ({ namespace: '', name: uid })
  return {
    name: 'unownedmachines',
    kind: virtualMachineInstance,
    concerns: () => false,
    watches: [],
    sources: [
      (wake) => {
        machines.list().forEach((id) => wake(keyOf(id)))
        return machines.onChange((id) => wake(keyOf(id)))
      },
      (wake) =>
        instances.subscribe(({ previous }) => {
          const uid = previous?.metadata.uid
          if (uid !== undefined && index.byUid(uid) === undefined) wake(keyOf(uid))
        }),
    ],
    reconcile: async ({ name: id }) => {
      if (index.byUid(id) !== undefined || machines.state(id) === undefined) {
        noticed.delete(id)
        return wait
      }
      if (!noticed.has(id)) {
        noticed.set(id, clock.now())
        logger.warn('A machine without an instance is ended', { id })
      }
      const next = await endMachine({ machines, clock, asked }, { id, begunMillis: noticed.get(id) ?? clock.now(), graceSeconds })
      if (next !== undefined) return next
      noticed.delete(id)
      return wait
    },
  }
}
