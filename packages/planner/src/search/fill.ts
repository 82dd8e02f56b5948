import type { Instance } from '../compile/instance.ts'
import { f64, i32 } from '../compile/typed-array.ts'
import type { Fits } from './fits.ts'
import { addItem, fillOf, type Packing } from './packing.ts'
import type { Random } from './random.ts'

/** Puts waiting items on `slot` until none that was looked at fits; returns how many. */
export type Fill = (packing: Packing, slot: number) => number

/** Types looked at for each item: few while the host is loosely filled, which keeps the mix; more to fill it up; and before it is called full. */
const samples = 60
const looseSamples = 3
const lastSamples = 240
/** Points of a curve that a score looks at. */
const scoredPoints = 12

/** Chance, and up to how full a host takes almost anything: 0 is greedy from the start. */
export interface FillChoices {
  readonly random: Random
  readonly looseUntil: number
}

/**
 * Fills hosts one by one with what balances them best: of some waiting types drawn by chance, the one that leaves the smallest sum of
 * squares of what is free (the L2 rule of Panigrahy et al. 2011, "Heuristics for vector bin packing"). Chance keeps the mix of what waits
 * as it was, where a sorted order would leave the items that fit nothing.
 */
export function createFill(instance: Instance, fits: Fits, { random, looseUntil }: FillChoices): Fill {
  const pool = new Int32Array(instance.types.amount.reduce((sum, amount) => sum + amount, 0))
  let poolCount = 0
  let builtFor = Infinity
  const score = createLeftover(instance)
  const best = (packing: Packing, slot: number, looks: number) => {
    const isAll = poolCount <= looks
    let found = -1
    let least = Infinity
    let last = -1
    for (let look = 0; look < (isAll ? poolCount : looks); look++) {
      const type = i32(pool, isAll ? look : random.below(poolCount))
      if (type === last || i32(packing.waiting, type) === 0 || !fits(packing, type, slot)) continue
      last = type
      const left = score(packing, type, slot)
      if (left < least) {
        least = left
        found = type
      }
    }
    return found
  }
  return (packing, slot) => {
    if (packing.waitingCount * 2 < builtFor || packing.waitingCount > builtFor) {
      poolCount = collectWaiting(packing, pool)
      builtFor = packing.waitingCount
    }
    let placed = 0
    for (;;) {
      let type = best(packing, slot, fillOf(packing, slot) < looseUntil ? looseSamples : samples)
      if (type < 0) type = best(packing, slot, lastSamples)
      if (type < 0 && placed === 0) type = best(packing, slot, poolCount)
      if (type < 0) return placed
      addItem(packing, slot, type)
      placed++
    }
  }
}

/** Waiting items as types, equal ones side by side, so that what there is most of is drawn most. */
function collectWaiting(packing: Packing, pool: Int32Array): number {
  let count = 0
  packing.waiting.forEach((amount, type) => {
    pool.fill(type, count, count + amount)
    count += amount
  })
  return count
}

/** What would be left on `slot` after one more item of `type`: the weighted sum of squares of free shares. Smaller is better. */
export type Leftover = (packing: Packing, type: number, slot: number) => number

/** The leftover measure of `instance`. O(scalars + scored points). */
export function createLeftover(instance: Instance): Leftover {
  const { scalars, series, classes, types, weights } = instance
  const stride = Math.max(1, Math.floor(series.points / scoredPoints))
  return (packing, type, slot) => {
    const hostClass = i32(packing.hostClass, slot)
    let left = 0
    for (let scalar = 0; scalar < scalars.count; scalar++) {
      const usable = f64(classes.usable, hostClass * scalars.count + scalar)
      if (usable <= 0) continue
      const share = (f64(packing.free, slot * scalars.count + scalar) - f64(types.need, type * scalars.count + scalar)) / usable
      left += f64(weights, scalar) * share * share
    }
    for (let serial = 0; serial < series.count; serial++) {
      const usable = f64(classes.usableSeries, hostClass * series.count + serial)
      if (usable <= 0) continue
      const start = (slot * series.count + serial) * series.points
      const from = (type * series.count + serial) * series.points
      let sum = 0
      let seen = 0
      for (let point = 0; point < series.points; point += stride) {
        const share = (f64(packing.freeSeries, start + point) - f64(types.curve, from + point)) / usable
        sum += share * share
        seen++
      }
      left += (f64(weights, scalars.count + serial) * sum) / seen
    }
    return left
  }
}
