import type { Instance } from '../compile/instance.ts'
import { f64, i32, listAt } from '../compile/typed-array.ts'
import { createFill, type Fill, type FillChoices } from './fill.ts'
import type { Fits } from './fits.ts'
import { addItem, clearSlot, itemsOn, type Packing, slotCost, spareSlot, worthOf } from './packing.ts'
import { shuffle } from './random.ts'

/** How many classes are tried before a host of the best of them is taken. */
const classTrials = 12

/**
 * Places what waits: first what few hosts may take, then host by host. Each new host is of the class that, when filled, costs least
 * for what it holds, among some classes drawn by chance. What fits nowhere stays waiting.
 * O(hosts * (classes tried) * (items per host) * (types looked at)).
 */
export function construct(packing: Packing, fits: Fits, choices: FillChoices): void {
  const { instance } = packing
  placePicky(packing, fits)
  const fill = createFill(instance, fits, choices)
  const open = Int32Array.from({ length: instance.classes.count }, (_, index) => index)
  let openCount = open.length
  while (packing.waitingCount > 0 && openCount > 0) {
    shuffle(open, openCount, choices.random)
    const tried = Math.min(openCount, classTrials)
    if (fillBest(packing, fill, open.subarray(0, tried)) > 0) continue
    // None of those drawn takes anything that waits; nor will they later, as far as hosts alone decide.
    open.copyWithin(0, tried, openCount)
    openCount -= tried
  }
}

/** Places types that only a handful of hosts may take, first fit, and dependencies before what depends on them. */
export function placePicky(packing: Packing, fits: Fits): void {
  const { types, rules } = packing.instance
  const rank = Float64Array.from({ length: types.count }, (_, type) => choiceOf(packing.instance, type))
  const order = [...rank.keys()].filter((type) => f64(rank, type) <= 8 || rules.isTracked[type] === 1)
  const needed = (type: number) => Number(isDependent(packing.instance, type))
  for (const type of order.toSorted((a, b) => needed(a) - needed(b) || f64(rank, a) - f64(rank, b) || a - b))
    placeAnywhere(packing, fits, type)
}

function isDependent({ rules }: Instance, type: number): boolean {
  for (let at = i32(rules.groupsOfType.starts, type); at < i32(rules.groupsOfType.starts, type + 1); at++) {
    if (rules.groups[i32(rules.groupsOfType.values, at)]?.kind === 'Dependent') return true
  }
  return false
}

/** Hosts that could take an item of `type`. */
function choiceOf({ classes, eligible }: Instance, type: number): number {
  let hosts = 0
  for (let hostClass = 0; hostClass < classes.count; hostClass++) {
    if (eligible[type * classes.count + hostClass] === 1) hosts += i32(classes.limit, hostClass)
  }
  return hosts
}

/** Places waiting items of `type` on used slots first, then on new ones, cheapest class first, while any takes one. */
function placeAnywhere(packing: Packing, fits: Fits, type: number): void {
  const { classes } = packing.instance
  const byCost = Array.from({ length: classes.count }, (_, index) => index).toSorted(
    (a, b) => f64(classes.cost, a) - f64(classes.cost, b) || a - b,
  )
  while (i32(packing.waiting, type) > 0) {
    const slot = firstUsed(packing, fits, type)
    const chosen = slot >= 0 ? slot : firstSpare(packing, fits, { type, byCost })
    if (chosen < 0) return
    addItem(packing, chosen, type)
  }
}

function firstUsed(packing: Packing, fits: Fits, type: number): number {
  for (let slot = 0; slot < packing.slotCount; slot++) {
    if (i32(packing.itemCount, slot) > 0 && fits(packing, type, slot)) return slot
  }
  return -1
}

function firstSpare(
  packing: Packing,
  fits: Fits,
  { type, byCost }: { readonly type: number; readonly byCost: readonly number[] },
): number {
  const { classes, eligible } = packing.instance
  for (const hostClass of byCost) {
    if (eligible[type * classes.count + hostClass] !== 1) continue
    const slot = spareSlot(packing, hostClass)
    if (slot >= 0 && fits(packing, type, slot)) return slot
  }
  return -1
}

/** Fills a new host of that of the classes `drawn` where what it then holds costs least; returns how many items it holds. */
function fillBest(packing: Packing, fill: Fill, drawn: Int32Array): number {
  if (drawn.length === 1) {
    const slot = spareSlot(packing, i32(drawn, 0))
    return slot < 0 ? 0 : fill(packing, slot)
  }
  // Of hosts that hold the same at the same cost, the larger one can take more later.
  const sizes = classSizes(packing.instance)
  let best = -1
  let bestRatio = Infinity
  let bestItems = new Int32Array(0)
  for (const hostClass of drawn) {
    const slot = spareSlot(packing, hostClass)
    if (slot < 0 || fill(packing, slot) === 0) continue
    const ratio = slotCost(packing, slot) / worthOf(packing, slot)
    if (ratio < bestRatio || (ratio === bestRatio && f64(sizes, hostClass) > f64(sizes, best))) {
      best = hostClass
      bestRatio = ratio
      bestItems = itemsOn(packing, slot).slice()
    }
    clearSlot(packing, slot)
  }
  if (best < 0) return 0
  const slot = spareSlot(packing, best)
  for (const type of bestItems) addItem(packing, slot, type)
  return bestItems.length
}

/** How much a host of each class can hold, by the scale that all hosts share. */
function classSizes({ classes, scalars, series, scale }: Instance): Float64Array {
  return Float64Array.from({ length: classes.count }, (_, hostClass) => {
    let size = 0
    for (let scalar = 0; scalar < scalars.count; scalar++)
      size += f64(scale, scalar) * f64(classes.usable, hostClass * scalars.count + scalar)
    for (let serial = 0; serial < series.count; serial++) {
      size += f64(scale, scalars.count + serial) * series.points * f64(classes.usableSeries, hostClass * series.count + serial)
    }
    return size
  })
}

/** The most that a class holds for its cost; a class without cost holds as if its cost were 1. */
export function bestValue(instance: Instance): number {
  return (
    classSizes(instance).reduce((most, size, index) => Math.max(most, size / (f64(instance.classes.cost, index) || 1)), 0) || 1
  )
}

/** Classes by what they hold for their cost, the best first. */
export function byValue(instance: Instance): readonly number[] {
  const sizes = classSizes(instance)
  const { cost } = instance.classes
  return [...sizes.keys()].toSorted((a, b) => f64(cost, a) * f64(sizes, b) - f64(cost, b) * f64(sizes, a) || a - b)
}

/**
 * Takes off hosts what depends on something that is not in its domain, and what is too close together for a spread whose other
 * members found no place, until all is sound. O(slots * rounds).
 */
export function evictUnsound(packing: Packing): void {
  while (packing.tracker.missing() > 0) {
    for (let slot = 0; slot < packing.slotCount; slot++) if (isUnsound(packing, slot)) clearSlot(packing, slot)
  }
}

function isUnsound(packing: Packing, slot: number): boolean {
  const { rules } = packing.instance
  const { tracker } = packing
  const hostClass = i32(packing.hostClass, slot)
  return itemsOn(packing, slot).some((type) =>
    listAt(rules.groupsOfType, type).some((index) => {
      const group = rules.groups[index]
      if (group?.kind === 'Spread') return tracker.isNarrow(index) && tracker.countIn(index, slot, hostClass) > 1
      return group?.kind === 'Dependent' && group.isRequired && tracker.countIn(group.value, slot, hostClass) === 0
    }),
  )
}
