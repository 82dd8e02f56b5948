import type { Instance } from '../compile/instance.ts'
import { i32, listAt } from '../compile/typed-array.ts'
import { construct, evictUnsound } from './construct.ts'
import { createFits } from './fits.ts'
import { addItem, addSlot, createPacking } from './packing.ts'
import { createRandom } from './random.ts'
import { type PackedHosts, unload } from './state.ts'

/**
 * What runs now, as far as it keeps to capacity and rules, with the rest placed around it; undefined if nothing runs on a host that is
 * known and ready.
 */
export function currentHosts(instance: Instance, seed: number): PackedHosts | undefined {
  const { problem, classes, types } = instance
  if (!problem.workloads.some((workload) => workload.currentHost !== undefined)) return undefined
  const packing = createPacking(instance)
  const fits = createFits(instance)
  const slotOf = new Map<string, number>()
  classes.names.forEach((names, hostClass) => {
    for (const name of names) slotOf.set(name, addSlot(packing, hostClass))
  })
  for (let type = 0; type < types.count; type++) {
    for (const item of listAt(types.items, type)) {
      const host = problem.workloads[i32(listAt(types.workloads, item), 0)]?.currentHost
      const slot = host === undefined ? undefined : slotOf.get(host)
      if (slot !== undefined && fits(packing, type, slot)) addItem(packing, slot, type)
    }
  }
  if (packing.waitingCount > 0) construct(packing, fits, { random: createRandom(seed, 0, 0), looseUntil: 0.7 })
  evictUnsound(packing)
  return unload(packing)
}
