import type { Instance } from '../compile/instance.ts'
import { f64, i32 } from '../compile/typed-array.ts'
import { type Column, largestOf } from './columns.ts'

/** Thresholds that are tried for each dimension. */
const mostThresholds = 200

/**
 * How many hosts `column` needs at least, counting that items above half a host do not share one: the bound L2 of Martello and Toth
 * (1990), which is a dual feasible function (Fekete and Schepers 2001). All hosts count as large as the largest. O(types * thresholds).
 */
export function dualFeasibleHosts(instance: Instance, column: Column): number {
  const { types } = instance
  const capacity = largestOf(instance, column)
  if (capacity <= 0) return 0
  return leastBins({
    sizes: Float64Array.from({ length: types.count }, (_, type) => column.needOf(type)),
    amount: types.amount,
    capacity,
  })
}

/** Items of one dimension, `amount` of each of `sizes`, and what one bin holds. */
export interface Bins {
  readonly sizes: Float64Array
  readonly amount: Int32Array
  readonly capacity: number
}

/** How many bins the items need at least: L2. O(sizes * thresholds). */
export function leastBins({ sizes, amount, capacity }: Bins): number {
  const small = [...new Set(sizes)].filter((size) => size > 0 && size * 2 <= capacity).toSorted((a, b) => a - b)
  const stride = Math.max(1, Math.floor(small.length / mostThresholds))
  let best = 0
  for (let at = -1; at < small.length; at += stride) {
    best = Math.max(best, hostsAt({ sizes, amount, capacity }, at < 0 ? 0 : (small[at] ?? 0)))
  }
  return best
}

function hostsAt({ sizes, amount, capacity }: Bins, threshold: number): number {
  let alone = 0
  let large = 0
  let roomBesideLarge = 0
  let small = 0
  for (let type = 0; type < sizes.length; type++) {
    const size = f64(sizes, type)
    const count = i32(amount, type)
    if (size > capacity - threshold) alone += count
    else if (size * 2 > capacity) {
      large += count
      roomBesideLarge += count * (capacity - size)
    } else if (size >= threshold) small += count * size
  }
  return alone + large + Math.max(0, Math.ceil(((small - roomBesideLarge) / capacity) * (1 - 1e-12)))
}
