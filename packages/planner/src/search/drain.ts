import { f64, i32 } from '../compile/typed-array.ts'
import { drawUsed } from './area.ts'
import type { Best } from './best.ts'
import type { Fits } from './fits.ts'
import { addItem, clearSlot, copySlot, emptyCopy, itemsOn, type Packing, pasteSlot, type SlotCopy, slotCost } from './packing.ts'
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

/** Iterations of one drain, and more for each item of the host: placing one takes one at least. */
const patience = 300
const patienceEach = 2
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
  exchanges: { readonly best: Exchange; readonly tried: Exchange }
  /** Scratch space of one look. */
  readonly before: SlotCopy
  readonly order: ReturnType<typeof createOrder>
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
    exchanges: { best: noExchange(), tried: noExchange() },
    before: emptyCopy(packing.instance),
    order: createOrder(),
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
  state.left = patience + patienceEach * state.pool.length
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

/** What leaves a host, and what stays, where an item takes the place of others; written over by each look. */
interface Exchange {
  slot: number
  weight: number
  readonly stays: number[]
  readonly leaves: number[]
}

const noExchange = (): Exchange => ({ slot: -1, weight: Infinity, stays: [], leaves: [] })

/** Puts an item of `type` where the least weight leaves for it, if that is less than its own; else it goes on waiting. */
function placeInstead(state: State, type: number): void {
  const { packing, weights, pool } = state
  let best = state.exchanges.best
  let tried = state.exchanges.tried
  best.weight = f64(weights, type)
  best.slot = -1
  for (let look = 0; look < looks; look++) {
    const slot = drawUsed(packing, state.random, 1)
    if (slot < 0) continue
    tried.slot = slot
    exchangeAt(state, tried, { type, below: best.weight })
    if (tried.weight < best.weight) [best, tried] = [tried, best]
  }
  state.exchanges = { best, tried }
  if (best.slot < 0) pool.push(type)
  else {
    touch(state, best.slot)
    clearSlot(packing, best.slot)
    for (const item of best.stays) addItem(packing, best.slot, item)
    for (const item of best.leaves) pool.push(item)
  }
  for (const waiting of pool) weights[waiting] = f64(weights, waiting) + 1
}

/** Finds what leaves `tried.slot` if `type` comes there; its weight is Infinity unless it is less than `below`. The slot is as before. */
function exchangeAt(
  { packing, fits, weights, random, before, order }: State,
  tried: Exchange,
  { type, below }: { readonly type: number; readonly below: number },
): void {
  const { slot, stays, leaves } = tried
  copySlot(packing, slot, before)
  stays.length = 0
  leaves.length = 0
  tried.weight = Infinity
  clearSlot(packing, slot)
  if (fits(packing, type, slot)) {
    addItem(packing, slot, type)
    stays.push(type)
    let weight = 0
    // Those that weigh most come back first, those that weigh the same in an order of chance.
    for (const at of order(before, (item) => f64(weights, item) * (1 + random.next()))) {
      const item = i32(before.items, at)
      if (fits(packing, item, slot)) {
        addItem(packing, slot, item)
        stays.push(item)
      } else {
        leaves.push(item)
        weight += f64(weights, item)
        if (weight >= below) break
      }
    }
    if (weight < below) tried.weight = weight
  }
  clearSlot(packing, slot)
  pasteSlot(packing, slot, before)
}

/** Positions of the items of a copy by falling key. Returns the same array each time. */
function createOrder(): (copy: SlotCopy, keyOf: (item: number) => number) => readonly number[] {
  const keys: number[] = []
  const positions: number[] = []
  return (copy, keyOf) => {
    keys.length = copy.count
    positions.length = copy.count
    for (let at = 0; at < copy.count; at++) {
      const key = keyOf(i32(copy.items, at))
      // Insertion: there are few, and nothing is allocated.
      let to = at
      for (; to > 0 && (keys[to - 1] ?? 0) < key; to--) {
        keys[to] = keys[to - 1] ?? 0
        positions[to] = positions[to - 1] ?? 0
      }
      keys[to] = key
      positions[to] = at
    }
    return positions
  }
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
