import type { Instance } from '../compile/instance.ts'
import { f64, i32, listAt } from '../compile/typed-array.ts'
import { createTracker, type Tracker } from './tracker.ts'

/**
 * A mutable assignment of items to slots. A slot is one host that may be used, of one class; an empty slot costs nothing. Only
 * `addItem`, `clearSlot` and `pasteSlot` change what is on a slot; they keep every derived array in step.
 */
export interface Packing {
  readonly instance: Instance
  slotCount: number
  hostClass: Int32Array
  /** What is left: `slot * scalars + scalar`. */
  free: Float64Array
  /** What is left at each moment: `slot * series * points + point`; then its minimum, where that is, and its sum per series. */
  freeSeries: Float64Array
  freeMin: Float64Array
  tightest: Int32Array
  freeSum: Float64Array
  /** Item types on each slot, in no order; the first `itemCount[slot]` count. */
  items: Int32Array[]
  itemCount: Int32Array
  /** Grows whenever something leaves a slot: while it is the same, items were only added after those that were there. */
  removals: Int32Array
  /** Slots that exist by class, and which of them are empty. */
  readonly slotsOfClass: Int32Array
  readonly spare: number[][]
  /** Used hosts of each closed host set. */
  readonly closedUsed: Int32Array
  readonly tracker: Tracker
  /** Items of each type that are nowhere. */
  readonly waiting: Int32Array
  waitingCount: number
}

/** A packing with nothing placed and no slots. */
export function createPacking(instance: Instance): Packing {
  const packing: Packing = {
    instance,
    slotCount: 0,
    hostClass: new Int32Array(0),
    free: new Float64Array(0),
    freeSeries: new Float64Array(0),
    freeMin: new Float64Array(0),
    tightest: new Int32Array(0),
    freeSum: new Float64Array(0),
    items: [],
    itemCount: new Int32Array(0),
    removals: new Int32Array(0),
    slotsOfClass: new Int32Array(instance.classes.count),
    spare: Array.from({ length: instance.classes.count }, () => []),
    closedUsed: new Int32Array(instance.rules.closedSets.length),
    tracker: createTracker(instance),
    waiting: instance.types.amount.slice(),
    waitingCount: instance.types.amount.reduce((sum, amount) => sum + amount, 0),
  }
  grow(packing, 64)
  return packing
}

function grow(packing: Packing, capacity: number): void {
  const { scalars, series } = packing.instance
  const row = series.count * series.points
  packing.hostClass = widen(packing.hostClass, new Int32Array(capacity))
  packing.free = widen(packing.free, new Float64Array(capacity * scalars.count))
  packing.freeSeries = widen(packing.freeSeries, new Float64Array(capacity * row))
  packing.freeMin = widen(packing.freeMin, new Float64Array(capacity * series.count))
  packing.tightest = widen(packing.tightest, new Int32Array(capacity * series.count))
  packing.freeSum = widen(packing.freeSum, new Float64Array(capacity * series.count))
  packing.itemCount = widen(packing.itemCount, new Int32Array(capacity))
  packing.removals = widen(packing.removals, new Int32Array(capacity))
}

/** `to` with what `from` holds at its beginning. */
export function widen<T extends Float64Array | Int32Array>(from: T, to: T): T {
  to.set(from)
  return to
}

/** An empty slot of `hostClass`, or -1 if there is none and no host may be added. The slot stays spare until something is on it. */
export function spareSlot(packing: Packing, hostClass: number): number {
  const spare = packing.spare[hostClass]
  const top = spare?.at(-1)
  if (top !== undefined) return top
  return addSlot(packing, hostClass)
}

/** A new empty slot of `hostClass`, or -1 if its limit is reached. */
export function addSlot(packing: Packing, hostClass: number): number {
  const { classes } = packing.instance
  return i32(packing.slotsOfClass, hostClass) < i32(classes.limit, hostClass) ? openSlot(packing, hostClass) : -1
}

/** A new empty slot of `hostClass` whatever its limit: for a host that is there. */
export function openSlot(packing: Packing, hostClass: number): number {
  const slot = packing.slotCount++
  if (slot >= packing.hostClass.length) grow(packing, packing.hostClass.length * 2)
  packing.slotsOfClass[hostClass] = i32(packing.slotsOfClass, hostClass) + 1
  packing.hostClass[slot] = hostClass
  packing.items[slot] = new Int32Array(8)
  resetRoom(packing, slot)
  packing.spare[hostClass]?.push(slot)
  return slot
}

/** Sets what is left on `slot` to all that its class has. */
function resetRoom(packing: Packing, slot: number): void {
  const { classes, scalars, series } = packing.instance
  const hostClass = i32(packing.hostClass, slot)
  for (let scalar = 0; scalar < scalars.count; scalar++) {
    packing.free[slot * scalars.count + scalar] = f64(classes.usable, hostClass * scalars.count + scalar)
  }
  for (let serial = 0; serial < series.count; serial++) {
    const usable = f64(classes.usableSeries, hostClass * series.count + serial)
    const start = (slot * series.count + serial) * series.points
    packing.freeSeries.fill(usable, start, start + series.points)
    packing.freeMin[slot * series.count + serial] = usable
    packing.tightest[slot * series.count + serial] = 0
    packing.freeSum[slot * series.count + serial] = usable * series.points
  }
}

/** Puts one waiting item of `type` on `slot`, without asking whether it fits. O(scalars + points + groups). */
export function addItem(packing: Packing, slot: number, type: number): void {
  const count = i32(packing.itemCount, slot)
  let items = packing.items[slot]
  if (items === undefined || count >= items.length) {
    items = widen(items ?? new Int32Array(0), new Int32Array(Math.max(8, count * 2)))
    packing.items[slot] = items
  }
  items[count] = type
  packing.itemCount[slot] = count + 1
  packing.waiting[type] = i32(packing.waiting, type) - 1
  packing.waitingCount--
  if (count === 0) occupy(packing, slot, type)
  shift(packing, slot, type)
  packing.tracker.add(slot, i32(packing.hostClass, slot), type)
}

function occupy(packing: Packing, slot: number, type: number): void {
  const spare = packing.spare[i32(packing.hostClass, slot)] ?? []
  const at = spare.lastIndexOf(slot)
  if (at >= 0) spare.splice(at, 1)
  for (const set of closedSetsOf(packing, type)) packing.closedUsed[set] = i32(packing.closedUsed, set) + 1
}

function vacate(packing: Packing, slot: number, type: number): void {
  packing.spare[i32(packing.hostClass, slot)]?.push(slot)
  for (const set of closedSetsOf(packing, type)) packing.closedUsed[set] = i32(packing.closedUsed, set) - 1
}

const closedSetsOf = ({ instance: { rules } }: Packing, type: number): readonly number[] =>
  rules.closures[i32(rules.closure, type)] ?? []

/** Takes what `type` needs from what is left on `slot`. */
function shift(packing: Packing, slot: number, type: number): void {
  const { scalars, series, types } = packing.instance
  const { free } = packing
  const { need } = types
  for (let scalar = 0; scalar < scalars.count; scalar++) {
    const at = slot * scalars.count + scalar
    free[at] = f64(free, at) - f64(need, type * scalars.count + scalar)
  }
  for (let serial = 0; serial < series.count; serial++) {
    shiftSeries(packing, { row: slot * series.count + serial, from: type * series.count + serial })
  }
}

function shiftSeries(packing: Packing, { row, from }: { readonly row: number; readonly from: number }): void {
  const { series, types } = packing.instance
  const { freeSeries } = packing
  const { curve } = types
  const start = row * series.points
  const source = from * series.points
  let least = Infinity
  let where = 0
  for (let point = 0; point < series.points; point++) {
    const left = f64(freeSeries, start + point) - f64(curve, source + point)
    freeSeries[start + point] = left
    if (left < least) {
      least = left
      where = point
    }
  }
  packing.freeMin[row] = least
  packing.tightest[row] = where
  packing.freeSum[row] = f64(packing.freeSum, row) - f64(types.total, from)
}

/** What a slot holds, to be put back later: the first `count` of `items`, and what they leave. */
export interface SlotCopy {
  items: Int32Array
  count: number
  readonly free: Float64Array
  readonly freeSeries: Float64Array
  readonly freeMin: Float64Array
  readonly tightest: Int32Array
  readonly freeSum: Float64Array
}

/** A copy that holds nothing yet, to be written over again and again. */
export function emptyCopy({ scalars, series }: Instance): SlotCopy {
  return {
    items: new Int32Array(8),
    count: 0,
    free: new Float64Array(scalars.count),
    freeSeries: new Float64Array(series.count * series.points),
    freeMin: new Float64Array(series.count),
    tightest: new Int32Array(series.count),
    freeSum: new Float64Array(series.count),
  }
}

/** A copy of what `slot` holds, written over `into`. O(items + points). */
export function copySlot(packing: Packing, slot: number, into: SlotCopy = emptyCopy(packing.instance)): SlotCopy {
  const { scalars, series } = packing.instance
  const count = i32(packing.itemCount, slot)
  const items = packing.items[slot]
  if (into.items.length < count) into.items = new Int32Array(count * 2)
  into.count = count
  if (items !== undefined) for (let at = 0; at < count; at++) into.items[at] = i32(items, at)
  for (let scalar = 0; scalar < scalars.count; scalar++) into.free[scalar] = f64(packing.free, slot * scalars.count + scalar)
  if (series.count === 0) return into
  const row = series.count * series.points
  into.freeSeries.set(packing.freeSeries.subarray(slot * row, (slot + 1) * row))
  for (let serial = 0; serial < series.count; serial++) {
    into.freeMin[serial] = f64(packing.freeMin, slot * series.count + serial)
    into.tightest[serial] = i32(packing.tightest, slot * series.count + serial)
    into.freeSum[serial] = f64(packing.freeSum, slot * series.count + serial)
  }
  return into
}

/** Puts the items of `copy` back on `slot`, which is empty; they wait now. O(items + points). */
export function pasteSlot(packing: Packing, slot: number, copy: SlotCopy): void {
  const { scalars, series } = packing.instance
  const { items, count } = copy
  const hostClass = i32(packing.hostClass, slot)
  if (count === 0) return
  let to = packing.items[slot]
  if (to === undefined || to.length < count) to = new Int32Array(count * 2)
  packing.items[slot] = to
  packing.itemCount[slot] = count
  packing.waitingCount -= count
  occupy(packing, slot, i32(items, 0))
  for (let at = 0; at < count; at++) {
    const type = i32(items, at)
    to[at] = type
    packing.waiting[type] = i32(packing.waiting, type) - 1
    packing.tracker.add(slot, hostClass, type)
  }
  for (let scalar = 0; scalar < scalars.count; scalar++) packing.free[slot * scalars.count + scalar] = f64(copy.free, scalar)
  if (series.count === 0) return
  packing.freeSeries.set(copy.freeSeries, slot * series.count * series.points)
  packing.freeMin.set(copy.freeMin, slot * series.count)
  packing.tightest.set(copy.tightest, slot * series.count)
  packing.freeSum.set(copy.freeSum, slot * series.count)
}

/** Takes everything off `slot`; it waits then. O(items + points). */
export function clearSlot(packing: Packing, slot: number): void {
  const count = i32(packing.itemCount, slot)
  if (count === 0) return
  const items = packing.items[slot] ?? new Int32Array(0)
  const hostClass = i32(packing.hostClass, slot)
  packing.itemCount[slot] = 0
  packing.removals[slot] = i32(packing.removals, slot) + 1
  packing.waitingCount += count
  vacate(packing, slot, i32(items, 0))
  for (let at = 0; at < count; at++) {
    const type = i32(items, at)
    packing.waiting[type] = i32(packing.waiting, type) + 1
    packing.tracker.remove(slot, hostClass, type)
  }
  resetRoom(packing, slot)
}

/** Types of the items on `slot`, in no order, as a view that the next change overwrites. */
export const itemsOn = (packing: Packing, slot: number): Int32Array =>
  (packing.items[slot] ?? new Int32Array(0)).subarray(0, i32(packing.itemCount, slot))

/** What the used host `slot` costs: its price and the licences that its items bring. 0 if it is empty. */
export function slotCost(packing: Packing, slot: number): number {
  const { classes, types } = packing.instance
  const hostClass = i32(packing.hostClass, slot)
  if (i32(packing.itemCount, slot) === 0) return 0
  let cost = f64(classes.cost, hostClass)
  if (classes.licences.length === 0) return cost
  const seen = new Set<number>()
  for (const type of itemsOn(packing, slot)) {
    for (const licence of listAt(types.licences, type)) {
      if (seen.has(licence)) continue
      seen.add(licence)
      cost += f64(classes.licenceCost, hostClass * classes.licences.length + licence)
    }
  }
  return cost
}

/** How full `slot` is, from 0 to 1: the mean over resources, scarce ones weighing more; curves count with their mean. */
export function fillOf(packing: Packing, slot: number): number {
  const { scalars, series, classes, weights } = packing.instance
  const hostClass = i32(packing.hostClass, slot)
  let fill = 0
  for (let scalar = 0; scalar < scalars.count; scalar++) {
    const usable = f64(classes.usable, hostClass * scalars.count + scalar)
    if (usable > 0) fill += f64(weights, scalar) * (1 - f64(packing.free, slot * scalars.count + scalar) / usable)
  }
  for (let serial = 0; serial < series.count; serial++) {
    const usable = f64(classes.usableSeries, hostClass * series.count + serial) * series.points
    if (usable > 0)
      fill += f64(weights, scalars.count + serial) * (1 - f64(packing.freeSum, slot * series.count + serial) / usable)
  }
  return fill
}

/** How much is on `slot`, by the scale that all hosts share, so that hosts of different size compare. */
export function worthOf(packing: Packing, slot: number): number {
  const { scalars, series, classes, scale } = packing.instance
  const hostClass = i32(packing.hostClass, slot)
  let worth = 0
  for (let scalar = 0; scalar < scalars.count; scalar++) {
    const usable = f64(classes.usable, hostClass * scalars.count + scalar)
    worth += f64(scale, scalar) * (usable - f64(packing.free, slot * scalars.count + scalar))
  }
  for (let serial = 0; serial < series.count; serial++) {
    const usable = f64(classes.usableSeries, hostClass * series.count + serial) * series.points
    worth += f64(scale, scalars.count + serial) * (usable - f64(packing.freeSum, slot * series.count + serial))
  }
  return worth
}
