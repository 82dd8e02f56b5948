import { compareWorth, type Worth } from './worth.ts'
import { addItem, clearSlot, itemsOn, type Packing, slotCost } from './packing.ts'

/** Keeps the best state of a packing, copying only the slots that changed since the last one. */
export interface Best {
  /** Tells of a change to `slots`, worth `before` and `after` where only their costs are counted. */
  readonly note: (slots: Int32Array, before: Worth, after: Worth) => void
  readonly worth: () => Worth
  /** Brings the packing back to its best state, unless it is in one worth as much. O(slots). */
  readonly restore: () => void
}

/** Starts with the present state of `packing` as its best. */
export function createBest(packing: Packing): Best {
  const kept: Int32Array[] = []
  const changed = new Set<number>()
  let now: Worth = { waiting: packing.waitingCount, cost: totalCost(packing), penalty: packing.tracker.penalty() }
  let best = now
  for (let slot = 0; slot < packing.slotCount; slot++) kept[slot] = itemsOn(packing, slot).slice()
  const keep = () => {
    best = now
    for (const slot of changed) kept[slot] = itemsOn(packing, slot).slice()
    changed.clear()
  }
  return {
    note: (slots, before, after) => {
      now = { waiting: after.waiting, cost: now.cost + after.cost - before.cost, penalty: after.penalty }
      for (const slot of slots) changed.add(slot)
      if (compareWorth(now, best) < 0) keep()
    },
    worth: () => best,
    restore: () => {
      // What is worth as much is kept: it has drained further.
      if (compareWorth(now, best) <= 0) return
      for (const slot of changed) clearSlot(packing, slot)
      for (const slot of changed) for (const type of kept[slot] ?? []) addItem(packing, slot, type)
      changed.clear()
      now = best
    },
  }
}

/** Cost of all used slots of `packing`. O(slots). */
export function totalCost(packing: Packing): number {
  let cost = 0
  for (let slot = 0; slot < packing.slotCount; slot++) cost += slotCost(packing, slot)
  return cost
}
