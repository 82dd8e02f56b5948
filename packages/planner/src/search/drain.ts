import { f64, i32 } from '../compile/typed-array.ts'
import { drawUsed } from './area.ts'
import type { Best } from './best.ts'
import type { Fits } from './fits.ts'
import { addItem, clearSlot, copySlot, itemsOn, type Packing, pasteSlot, type SlotCopy, slotCost } from './packing.ts'
import type { Random } from './random.ts'

/** Tries to empty one host after another for good. */
export interface Drain {
  /** True while items of an emptied host look for a place. */
  readonly isOn: () => boolean
  /** Empties one of the emptier hosts. Does nothing while items wait for other reasons. */
  readonly start: () => void
  /** One iteration of looking. It ends the drain when all items have a place, or patience is over. */
  readonly step: () => void
  /** Puts everything back as it was at the start, if it is on. */
  readonly stop: () => void
}

/** Iterations of one drain. */
const patience = 300
/** Hosts that are looked at for each item that fits nowhere as things are. */
const looks = 6

interface State {
  readonly packing: Packing
  readonly fits: Fits
  readonly random: Random
  readonly best: Best
  /** What it is worth to have an item of a type placed: 1, and 1 more for each iteration that one waited. */
  readonly weights: Float64Array
  /** Slots changed since the start: what was on them and what they cost. */
  readonly touched: Map<number, { readonly copy: SlotCopy; readonly cost: number }>
  /** Types of the items that look for a place. */
  pool: number[]
  /** The emptied slot; -1 if the drain is off. */
  victim: number
  left: number
  missing: number
}

/**
 * Guided ejection search (Nagata and Bräysy 2009, for vehicle routing): a host is emptied, and its items go to hosts with room or take
 * the place of items whose weights sum to less than their own. Weights grow while items wait, so that what is hard to place ends
 * up placed, and what waits is easy. A host that nothing helps to empty comes back as it was.
 */
export function createDrain(
  packing: Packing,
  tools: { readonly fits: Fits; readonly random: Random; readonly best: Best },
): Drain {
  const state: State = {
    packing,
    ...tools,
    weights: new Float64Array(packing.instance.types.count).fill(1),
    touched: new Map(),
    pool: [],
    victim: -1,
    left: 0,
    missing: 0,
  }
  return {
    isOn: () => state.victim >= 0,
    start: () => start(state),
    step: () => {
      const at = state.random.below(state.pool.length)
      const type = state.pool[at] ?? 0
      state.pool[at] = state.pool.at(-1) ?? 0
      state.pool.pop()
      if (!placeFreely(state, type)) placeInstead(state, type)
      if (state.pool.length === 0) finish(state)
      else if (--state.left <= 0) stop(state)
    },
    stop: () => stop(state),
  }
}

function start(state: State): void {
  const { packing } = state
  if (packing.waitingCount > 0) return
  const slot = drawUsed(packing, state.random, 8)
  if (slot < 0) return
  state.missing = packing.tracker.missing()
  touch(state, slot)
  state.pool = [...itemsOn(packing, slot)]
  clearSlot(packing, slot)
  state.victim = slot
  state.left = patience
}

/** Remembers `slot` as it is, if it was not changed before. */
function touch({ packing, touched }: State, slot: number): void {
  if (!touched.has(slot)) touched.set(slot, { copy: copySlot(packing, slot), cost: slotCost(packing, slot) })
}

/** Puts an item of `type` on a used host with room, the first one from a place drawn by chance on; false if there is none. */
function placeFreely(state: State, type: number): boolean {
  const { packing, fits, victim } = state
  const { slotCount } = packing
  const begin = state.random.below(slotCount)
  for (let step = 0; step < slotCount; step++) {
    const slot = begin + step < slotCount ? begin + step : begin + step - slotCount
    if (slot === victim || i32(packing.itemCount, slot) === 0 || !fits(packing, type, slot)) continue
    touch(state, slot)
    addItem(packing, slot, type)
    return true
  }
  return false
}

/** What a host would hold, and what would leave it, with one more item. */
interface Exchange {
  readonly slot: number
  readonly stays: Int32Array
  readonly leaves: readonly number[]
  readonly weight: number
}

/** Puts an item of `type` where the least weight leaves for it, if that is less than its own; else it goes on waiting. */
function placeInstead(state: State, type: number): void {
  const { packing, weights, pool } = state
  let best: Exchange | undefined
  for (let look = 0; look < looks; look++) {
    const slot = drawUsed(packing, state.random, 1)
    if (slot < 0) continue
    best = exchangeOn(state, { slot, type, below: best?.weight ?? f64(weights, type) }) ?? best
  }
  if (best === undefined) pool.push(type)
  else {
    touch(state, best.slot)
    clearSlot(packing, best.slot)
    for (const item of best.stays) addItem(packing, best.slot, item)
    pool.push(...best.leaves)
  }
  for (const waiting of pool) weights[waiting] = f64(weights, waiting) + 1
}

/** The exchange that `type` on `slot` leads to, or undefined unless less weight than `below` leaves. The slot is as before. */
function exchangeOn(
  { packing, fits, weights, random }: State,
  { slot, type, below }: { readonly slot: number; readonly type: number; readonly below: number },
): Exchange | undefined {
  const copy = copySlot(packing, slot)
  const keyed = Array.from(copy.items, (item) => ({ item, key: f64(weights, item) * (1 + random.next()) }))
  clearSlot(packing, slot)
  const leaves: number[] = []
  let weight = fits(packing, type, slot) ? 0 : Infinity
  if (weight < below) {
    addItem(packing, slot, type)
    for (const { item } of keyed.sort((a, b) => b.key - a.key)) {
      if (fits(packing, item, slot)) addItem(packing, slot, item)
      else {
        leaves.push(item)
        weight += f64(weights, item)
        if (weight >= below) break
      }
    }
  }
  const found = weight < below ? { slot, stays: itemsOn(packing, slot).slice(), leaves, weight } : undefined
  clearSlot(packing, slot)
  pasteSlot(packing, slot, copy)
  return found
}

/** Everything has a place: that is noted, unless something misses what it depends on. */
function finish(state: State): void {
  const { packing, touched } = state
  if (packing.tracker.missing() > state.missing) return stop(state)
  let before = 0
  let after = 0
  for (const [slot, { cost }] of touched) {
    before += cost
    after += slotCost(packing, slot)
  }
  const penalty = packing.tracker.penalty()
  state.best.note(Int32Array.from(touched.keys()), { waiting: 0, cost: before, penalty }, { waiting: 0, cost: after, penalty })
  touched.clear()
  state.victim = -1
}

function stop(state: State): void {
  if (state.victim < 0) return
  const { packing, touched } = state
  for (const slot of touched.keys()) clearSlot(packing, slot)
  for (const [slot, { copy }] of touched) pasteSlot(packing, slot, copy)
  touched.clear()
  state.pool = []
  state.victim = -1
}
