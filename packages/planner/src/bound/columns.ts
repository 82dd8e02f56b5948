import type { Instance } from '../compile/instance.ts'
import { f64 } from '../compile/typed-array.ts'
import { sumOver } from './volume.ts'

/** One dimension that all hosts together must cover: a resource, or one moment of a resource with curves. */
export interface Column {
  readonly isMoment: boolean
  readonly demand: number
  readonly needOf: (type: number) => number
  readonly usableOf: (hostClass: number) => number
}

/** All dimensions of `instance`: scalars, the mean of each series, and of each series the moments. O(types * points). */
export function columnsOf(instance: Instance): readonly Column[] {
  const { scalars, series, types, classes } = instance
  const make = (isMoment: boolean, needOf: Column['needOf'], usableOf: Column['usableOf']): Column => ({
    isMoment,
    demand: sumOver(instance, needOf),
    needOf,
    usableOf,
  })
  const columns: Column[] = []
  for (let scalar = 0; scalar < scalars.count; scalar++) {
    columns.push(
      make(
        false,
        (type) => f64(types.need, type * scalars.count + scalar),
        (index) => f64(classes.usable, index * scalars.count + scalar),
      ),
    )
  }
  for (let serial = 0; serial < series.count; serial++) {
    const usableOf = (index: number) => f64(classes.usableSeries, index * series.count + serial)
    columns.push(make(false, (type) => f64(types.total, type * series.count + serial) / series.points, usableOf))
    for (let point = 0; point < series.points; point++) {
      columns.push(make(true, (type) => f64(types.curve, (type * series.count + serial) * series.points + point), usableOf))
    }
  }
  return columns
}

/** What the largest host has of a dimension. O(classes). */
export function largestOf({ classes }: Instance, column: Column): number {
  let capacity = 0
  for (let index = 0; index < classes.count; index++) capacity = Math.max(capacity, column.usableOf(index))
  return capacity
}
