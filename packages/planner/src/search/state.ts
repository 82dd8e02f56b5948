import type { Instance } from '../compile/instance.ts'
import { f64, i32 } from '../compile/typed-array.ts'
import { addItem, addSlot, createPacking, itemsOn, type Packing } from './packing.ts'

/** Used hosts with their items, detached from any packing: what travels between epochs and threads. Rows belong together. */
export interface PackedHosts {
  readonly hostClass: Int32Array
  /** Item types by host. */
  readonly items: readonly Int32Array[]
}

/** The used hosts of `packing`, in order of slots. */
export function unload(packing: Packing): PackedHosts {
  const slots = Array.from({ length: packing.slotCount }, (_, slot) => slot).filter((slot) => i32(packing.itemCount, slot) > 0)
  return {
    hostClass: Int32Array.from(slots, (slot) => i32(packing.hostClass, slot)),
    items: slots.map((slot) => itemsOn(packing, slot).slice()),
  }
}

/**
 * A packing of `hosts`. What else there is of items waits, unless it is a `part`: then `hosts` is all there is, and `spares` of each
 * class may be added to them.
 */
export function load(instance: Instance, hosts: PackedHosts, part?: { readonly spares: Float64Array }): Packing {
  const packing = createPacking(instance)
  if (part !== undefined) limitTo(packing, hosts, part.spares)
  hosts.items.forEach((items, row) => {
    const slot = addSlot(packing, i32(hosts.hostClass, row))
    for (const type of items) addItem(packing, slot, type)
  })
  return packing
}

function limitTo(packing: Packing, hosts: PackedHosts, spares: Float64Array): void {
  const { classes } = packing.instance
  const used = new Int32Array(classes.count)
  for (const hostClass of hosts.hostClass) used[hostClass] = i32(used, hostClass) + 1
  for (let hostClass = 0; hostClass < classes.count; hostClass++) {
    const may = i32(used, hostClass) + f64(spares, hostClass)
    packing.slotsOfClass[hostClass] = Math.max(0, i32(classes.limit, hostClass) - may)
  }
  packing.waiting.fill(0)
  packing.waitingCount = 0
  for (const items of hosts.items) {
    for (const type of items) packing.waiting[type] = i32(packing.waiting, type) + 1
    packing.waitingCount += items.length
  }
}
