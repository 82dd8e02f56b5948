import type { Instance } from '../compile/instance.ts'
import { f64, i32 } from '../compile/typed-array.ts'

/**
 * Least cost of hosts that offer `demand` of one resource when class `i` offers `offer(i)`: the fractional covering knapsack. `price` is what
 * a host of a class costs, by the objective if absent.
 */
export function coverCost(
  { classes }: Instance,
  demand: number,
  offer: (hostClass: number) => number,
  price = (hostClass: number): number => f64(classes.cost, hostClass),
): number {
  const order = Array.from({ length: classes.count }, (_, index) => index)
    .filter((index) => offer(index) > 0)
    .toSorted((a, b) => price(a) / offer(a) - price(b) / offer(b) || a - b)
  let left = demand
  let cost = 0
  for (const hostClass of order) {
    if (left <= 0) break
    const hosts = Math.min(left / offer(hostClass), i32(classes.limit, hostClass))
    cost += hosts * price(hostClass)
    left -= hosts * offer(hostClass)
  }
  return cost
}

/** The sum of `value(type)` over all items. */
export function sumOver({ types }: Instance, value: (type: number) => number): number {
  let sum = 0
  for (let type = 0; type < types.count; type++) sum += i32(types.amount, type) * value(type)
  return sum
}
