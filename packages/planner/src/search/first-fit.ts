import { i32 } from '../compile/typed-array.ts'
import { byValue, placePicky } from './construct.ts'
import type { Fits } from './fits.ts'
import { addItem, type Packing, spareSlot } from './packing.ts'
import { type Random, shuffle } from './random.ts'
import { allItems, createSlotTree } from './slot-tree.ts'

/**
 * Places what waits in an order of chance, each item on the first host that takes it: hosts that rules closed to one item are filled by
 * later ones, where filling host by host would leave them. A new host is of the class with the most room for its cost.
 * O(items * (log hosts + hosts that only rules refuse)).
 */
export function constructFirstFit(packing: Packing, fits: Fits, random: Random): void {
  const { instance } = packing
  placePicky(packing, fits)
  const order = byValue(instance)
  const items = allItems(instance)
  const left = packing.waiting.slice()
  shuffle(items, items.length, random)
  const tree = createSlotTree(instance, items.length + packing.slotCount)
  for (let slot = 0; slot < packing.slotCount; slot++) if (i32(packing.itemCount, slot) > 0) tree.update(packing, slot)
  for (const type of items) {
    // Some of the type may be placed already: only as many as wait are taken.
    if (i32(left, type) === 0) continue
    left[type] = i32(left, type) - 1
    let slot = tree.next(type, 0)
    while (slot >= 0 && !fits(packing, type, slot)) slot = tree.next(type, slot + 1)
    if (slot < 0) slot = newSlot(packing, fits, { type, order })
    if (slot < 0) continue
    addItem(packing, slot, type)
    tree.update(packing, slot)
  }
}

function newSlot(
  packing: Packing,
  fits: Fits,
  { type, order }: { readonly type: number; readonly order: readonly number[] },
): number {
  const { eligible, classes } = packing.instance
  for (const hostClass of order) {
    if (eligible[type * classes.count + hostClass] !== 1) continue
    const slot = spareSlot(packing, hostClass)
    if (slot >= 0 && fits(packing, type, slot)) return slot
  }
  return -1
}
