import type { Instance } from '../compile/instance.ts'
import { f64, i32 } from '../compile/typed-array.ts'
import type { Column } from './columns.ts'
import { coverCost } from './volume.ts'

/** Minimise `cost * hosts` with whole `hosts` from 0 to `limit` and, for each row, `coefficients * hosts >= atLeast`. */
export interface CoverProgram {
  readonly cost: readonly number[]
  readonly limit: readonly number[]
  readonly rows: readonly { readonly coefficients: readonly number[]; readonly atLeast: number }[]
}

/** A proven lower bound of a cover programme's optimum, or undefined if none was found. */
export type CoverSolver = (program: CoverProgram) => number | undefined

/** Rows of a programme: moments add little once the tightest are in. */
const mostRows = 40

/** The covering relaxation of `instance`: hosts must offer what is asked for, dimension by dimension, whatever goes where. */
export function coverProgram(instance: Instance, columns: readonly Column[]): CoverProgram {
  const { classes } = instance
  const indexes = Array.from({ length: classes.count }, (_, index) => index)
  return {
    cost: indexes.map((index) => f64(classes.cost, index)),
    limit: indexes.map((index) => i32(classes.limit, index)),
    rows: tightest(instance, columns).map((column) => ({
      coefficients: indexes.map((index) => column.usableOf(index)),
      atLeast: column.demand,
    })),
  }
}

function tightest(instance: Instance, columns: readonly Column[]): readonly Column[] {
  const value = new Map(columns.map((column) => [column, coverCost(instance, column.demand, column.usableOf)]))
  return columns
    .filter((column) => column.demand > 0)
    .toSorted((a, b) => (value.get(b) ?? 0) - (value.get(a) ?? 0))
    .slice(0, mostRows)
}

const rounds = 60

/**
 * A bound on the covering relaxation without a solver: any mix of dimensions with weights from 0 up is a dimension too (a surrogate
 * constraint, Glover 1968). The weights are moved towards the dimensions that the cheapest cover of the mix leaves short. O(rounds * classes
 * log classes * rows).
 */
export function surrogateCost(instance: Instance, columns: readonly Column[]): number {
  const rows = tightest(instance, columns)
  if (rows.length === 0) return 0
  const weights = rows.map((row, index) => (index === 0 ? 1 : 0.01) / row.demand)
  let best = 0
  for (let round = 0; round < rounds; round++) {
    const mix = (value: (row: Column) => number) => rows.reduce((sum, row, index) => sum + (weights[index] ?? 0) * value(row), 0)
    const offer = Float64Array.from({ length: instance.classes.count }, (_, index) => mix((row) => row.usableOf(index)))
    const demand = mix((row) => row.demand)
    best = Math.max(
      best,
      coverCost(instance, demand, (index) => f64(offer, index)),
    )
    const hosts = cheapestCover(instance, demand, offer)
    rows.forEach((row, index) => {
      const offered = hosts.reduce((sum, count, hostClass) => sum + count * row.usableOf(hostClass), 0)
      const short = Math.max(-1, Math.min(1, (row.demand - offered) / row.demand))
      weights[index] = (weights[index] ?? 0) * Math.exp((4 * short) / Math.sqrt(round + 1))
    })
  }
  return best
}

function cheapestCover({ classes }: Instance, demand: number, offer: Float64Array): Float64Array {
  const hosts = new Float64Array(classes.count)
  const order = Array.from(hosts.keys())
    .filter((index) => f64(offer, index) > 0)
    .toSorted((a, b) => f64(classes.cost, a) / f64(offer, a) - f64(classes.cost, b) / f64(offer, b) || a - b)
  let left = demand
  for (const index of order) {
    if (left <= 0) break
    hosts[index] = Math.min(left / f64(offer, index), i32(classes.limit, index))
    left -= f64(hosts, index) * f64(offer, index)
  }
  return hosts
}
