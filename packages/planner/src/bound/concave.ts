import type { Instance } from '../compile/instance.ts'
import { f64, i32 } from '../compile/typed-array.ts'
import { type Column, largestOf } from './columns.ts'

/** Slopes that are tried below the kink (1 and up) and above it (0 to 1). */
const steep = [1, 1.2, 1.4, 1.6, 1.8, 2, 2.3, 2.6, 3, 3.5, 4, 5, 7, 10, 1000]
const flat = [0, 0.1, 0.2, 0.35, 0.5, 0.75, 1]
/** How often the mix of dimensions is changed, and by how much at first. */
const rounds = 24
const firstFactor = 2

/**
 * How many hosts are needed, counting that only small items are ever k + 1 on a host. Any mix of dimensions is one dimension, in which a
 * host has room for 1 and item `i` takes `s`. Let f(s) be the lower of two lines, one through (1/(k+1), 1/(k+1)) with a slope of 1
 * or more and one through (1/k, 1/k) with a slope of 1 or less, and at least 0. f is concave where it is above 0, so that m items that
 * share a host have f summing to m f(1/m) at most, which is at most 1: f is dual feasible, and its sum over all items is a bound. The
 * mix is found by moving one weight at a time. Hosts count as large as the largest. O(rounds * dimensions * (dimensions * types + slopes)).
 */
export function concaveHosts(instance: Instance, columns: readonly Column[]): number {
  const shares = columns.map((column) => sharesOf(instance, column)).filter((share) => share !== undefined)
  if (shares.length === 0) return 0
  const { amount } = instance.types
  let weights = shares.map(() => 1 / shares.length)
  let best = Math.max(bestOfMix(shares, weights, amount), ...shares.map((share) => bestOfMix([share], [1], amount)))
  let factor = firstFactor
  for (let round = 0; round < rounds && shares.length > 1; round++) {
    let hasGained = false
    for (let index = 0; index < weights.length; index++) {
      for (const change of [factor, 1 / factor]) {
        const tried = weights.map((weight, at) => (at === index ? weight * change : weight))
        const value = bestOfMix(shares, tried, amount)
        if (value <= best) continue
        best = value
        weights = tried
        hasGained = true
      }
    }
    if (!hasGained) factor = Math.sqrt(factor)
    if (factor < 1.05) break
  }
  return best
}

/** What an item of each type takes of the largest host; undefined if there is nothing to take. */
function sharesOf(instance: Instance, column: Column): Float64Array | undefined {
  const capacity = largestOf(instance, column)
  if (capacity <= 0 || column.demand <= 0) return undefined
  return Float64Array.from({ length: instance.types.count }, (_, type) => column.needOf(type) / capacity)
}

/** Cells of the histogram that stands for the sorted items of one mix. */
const cellCount = 4096

/** How many items have less than `cell / cellCount`, and the sum of what they take. */
interface Histogram {
  readonly count: Float64Array
  readonly sum: Float64Array
}

/** The best bound of one mix of dimensions, whose weights are scaled to a sum of 1. */
function bestOfMix(shares: readonly Float64Array[], weights: readonly number[], amount: Int32Array): number {
  const histogram = histogramOf(shares, weights, amount)
  const total = f64(histogram.sum, cellCount)
  // The kink that matters is where most items are: about the mean.
  const middle = total > 0 ? Math.floor(f64(histogram.count, cellCount) / total) : 0
  let best = 0
  for (let k = Math.max(1, middle - 1); k <= middle + 1; k++) {
    for (const below of steep) for (const above of flat) best = Math.max(best, sumOfKinked(histogram, { k, below, above }))
  }
  return best
}

function histogramOf(shares: readonly Float64Array[], weights: readonly number[], amount: Int32Array): Histogram {
  const total = weights.reduce((sum, weight) => sum + weight, 0)
  const count = new Float64Array(cellCount + 1)
  const sum = new Float64Array(cellCount + 1)
  for (let type = 0; type < amount.length; type++) {
    let share = 0
    shares.forEach((values, index) => {
      share += ((weights[index] ?? 0) / total) * f64(values, type)
    })
    const cell = 1 + Math.min(cellCount - 1, Math.floor(share * cellCount))
    count[cell] = f64(count, cell) + i32(amount, type)
    sum[cell] = f64(sum, cell) + i32(amount, type) * share
  }
  for (let cell = 1; cell <= cellCount; cell++) {
    count[cell] = f64(count, cell) + f64(count, cell - 1)
    sum[cell] = f64(sum, cell) + f64(sum, cell - 1)
  }
  return { count, sum }
}

/** The sum of f over all items, or a little less: where f bends within a cell, items count as the cell's smallest. See `concaveHosts`. */
function sumOfKinked(
  { count, sum }: Histogram,
  { k, below, above }: { readonly k: number; readonly below: number; readonly above: number },
): number {
  const low = 1 / (k + 1)
  const high = 1 / k
  const zero = Math.max(0, low - low / below)
  const kink = below === above ? high : Math.min(1, (high - low + below * low - above * high) / (below - above))
  const first = Math.min(cellCount, Math.ceil(zero * cellCount))
  const bend = Math.max(first, Math.floor(kink * cellCount))
  const next = Math.min(cellCount, bend + 1)
  const between = (table: Float64Array, from: number, to: number) => f64(table, to) - f64(table, from)
  const atBend = Math.max(0, Math.min(low + below * (bend / cellCount - low), high + above * (bend / cellCount - high)))
  return (
    between(count, first, bend) * (low - below * low) +
    between(sum, first, bend) * below +
    between(count, bend, next) * atBend +
    between(count, next, cellCount) * (high - above * high) +
    between(sum, next, cellCount) * above
  )
}
