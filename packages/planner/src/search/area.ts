import type { Instance } from '../compile/instance.ts'
import { i32 } from '../compile/typed-array.ts'
import { bestValue } from './construct.ts'
import { clearSlot, copySlot, fillOf, type Packing, pasteSlot, type SlotCopy, slotCost, widen, worthOf } from './packing.ts'
import type { Random } from './random.ts'
import type { Hand } from './rebuild.ts'
import type { Worth } from './worth.ts'

/** Items in one neighbourhood that are aimed at, and the most hosts: few large ones, or many with a few items each. */
const aimedItems = 90
/** Hosts in one neighbourhood at most, spare ones apart. */
const mostSlots = 3
/** Weight of how unevenly hosts are filled against their cost. */
const unevenness = 1

/** A few hosts under reconstruction: the first `slotCount` of `slots`, what was on each, and the items taken off them. */
export interface Area {
  readonly slots: Int32Array
  slotCount: number
  readonly hand: Hand
  readonly saved: SlotCopy[]
  /** The most that a class holds for its cost. */
  readonly value: number
}

/** An empty area for packings of `instance`. */
export const createArea = (instance: Instance): Area => ({
  slots: new Int32Array(mostSlots + 8),
  slotCount: 0,
  hand: { types: new Int32Array(256), count: 0 },
  saved: [],
  value: bestValue(instance),
})

/** How many hosts beside the one to drain a neighbourhood may have. */
export function othersOf(packing: Packing): number {
  let used = 0
  let items = 0
  for (let slot = 0; slot < packing.slotCount; slot++) {
    items += i32(packing.itemCount, slot)
    used += Number(i32(packing.itemCount, slot) > 0)
  }
  return Math.min(mostSlots - 1, Math.max(2, Math.round((aimedItems * used) / Math.max(1, items)) - 1))
}

/** Draws a used slot: of `rounds` drawn by chance, the emptiest. -1 if chance finds none. */
export function drawUsed(packing: Packing, random: Random, rounds: number): number {
  let found = -1
  let least = Infinity
  for (let round = 0; round < rounds; round++) {
    const slot = random.below(packing.slotCount)
    if (i32(packing.itemCount, slot) === 0) continue
    const fill = fillOf(packing, slot)
    if (fill < least) {
      least = fill
      found = slot
    }
  }
  return found
}

/** Adds `slot` to `area` unless it is there already, or is `victim`. */
export function addSlotTo(area: Area, slot: number, victim: number): void {
  if (slot < 0 || slot === victim) return
  for (let index = 0; index < area.slotCount; index++) if (area.slots[index] === slot) return
  area.slots[area.slotCount++] = slot
}

/**
 * Cost of the hosts, and of what they do not hold: a full host of the class that holds most for its cost has nothing of the second.
 */
export function energyOf(packing: Packing, area: Area): number {
  let energy = 0
  for (let index = 0; index < area.slotCount; index++) {
    const slot = i32(area.slots, index)
    if (i32(packing.itemCount, slot) === 0) continue
    const cost = slotCost(packing, slot)
    if (cost === 0) continue
    const fill = Math.min(1, worthOf(packing, slot) / (cost * area.value))
    energy += cost * (1 + unevenness * (1 - fill * fill))
  }
  return energy
}

/** What the area's hosts are worth; waiting items and preferences are those of the whole packing. */
export function localWorth(packing: Packing, area: Area): Worth {
  let cost = 0
  for (let index = 0; index < area.slotCount; index++) cost += slotCost(packing, i32(area.slots, index))
  return { waiting: packing.waitingCount, cost, penalty: packing.tracker.penalty() }
}

/** Takes everything off the area's hosts, into its hand. */
export function ruin(packing: Packing, area: Area): void {
  const { hand } = area
  hand.count = 0
  for (let index = 0; index < area.slotCount; index++) {
    const slot = i32(area.slots, index)
    const copy = copySlot(packing, slot, area.saved[index])
    area.saved[index] = copy
    if (hand.types.length < hand.count + copy.count) hand.types = widen(hand.types, new Int32Array((hand.count + copy.count) * 2))
    for (let at = 0; at < copy.count; at++) hand.types[hand.count++] = i32(copy.items, at)
    clearSlot(packing, slot)
  }
}

/** Puts everything back as it was before `ruin`. */
export function restore(packing: Packing, area: Area): void {
  for (let index = 0; index < area.slotCount; index++) clearSlot(packing, i32(area.slots, index))
  for (let index = 0; index < area.slotCount; index++) {
    const copy = area.saved[index]
    if (copy !== undefined) pasteSlot(packing, i32(area.slots, index), copy)
  }
}
