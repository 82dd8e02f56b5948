import type { Instance } from '../compile/instance.ts'
import { f64 } from '../compile/typed-array.ts'
import type { Bound, BoundArgument } from '../plan.ts'
import { type Column, columnsOf } from './columns.ts'
import { coverProgram, type CoverSolver, surrogateCost } from './cover.ts'
import { dualFeasibleHosts } from './dual-feasible.ts'
import { groupHosts } from './group.ts'
import { coverCost } from './volume.ts'
import { wasteHosts } from './waste.ts'

/** A bound before the plan is known. */
export type BoundValue = Omit<Bound, 'gapPercent'>

/**
 * What every plan that places all workloads costs at least, in the unit of the objective. Each argument is valid by itself; the best
 * counts, and the first of equal ones. Sums of whole costs are rounded up. `solveCover` sharpens the bound where host types differ.
 */
export function computeBound(instance: Instance, solveCover?: CoverSolver): BoundValue {
  if (instance.classes.count === 0 || instance.types.count === 0) return { value: 0, by: 'Volume', all: [] }
  const columns = columnsOf(instance)
  const hosts = (count: number) => coverCost(instance, Math.ceil(count * (1 - 1e-9)), () => 1)
  const volume = (isMoment: boolean) =>
    best(
      columns
        .filter((column) => column.isMoment === isMoment)
        .map((column) => coverCost(instance, column.demand, column.usableOf)),
    )
  const areHostsEqual = instance.classes.count === 1
  const all: { readonly by: BoundArgument; readonly value: number }[] = [
    { by: 'Volume', value: volume(false) },
    { by: 'DualFeasible', value: hosts(best(sharpColumns(columns).map((column) => dualFeasibleHosts(instance, column)))) },
    { by: 'Waste', value: hosts(wasteHosts(instance, columns)) },
    ...(instance.series.count > 0 ? [{ by: 'Time' as const, value: volume(true) }] : []),
    ...(areHostsEqual
      ? []
      : [
          {
            by: 'Cover' as const,
            value: Math.max(surrogateCost(instance, columns), solveCover?.(coverProgram(instance, columns)) ?? 0),
          },
        ]),
    { by: 'Group', value: hosts(groupHosts(instance)) },
  ]
  const rounded = all.map(({ by, value }) => ({ by, value: roundUp(instance, value) }))
  const first = rounded[0] ?? { by: 'Volume' as const, value: 0 }
  return { ...rounded.reduce((most, next) => (next.value > most.value ? next : most), first), all: rounded }
}

const best = (values: readonly number[]) => values.reduce((most, value) => Math.max(most, value), 0)

/** All dimensions but the moments, and of these the busiest. */
function sharpColumns(columns: readonly Column[]): readonly Column[] {
  const moments = columns.filter((column) => column.isMoment).toSorted((a, b) => b.demand - a.demand)
  return [...columns.filter((column) => !column.isMoment), ...moments.slice(0, 3)]
}

/** Rounds up to what a sum of whole costs can be, after lowering by what floating point may have added. */
function roundUp({ classes }: Instance, value: number): number {
  const lowered = value * (1 - 1e-9)
  for (let index = 0; index < classes.count; index++) if (!Number.isInteger(f64(classes.cost, index))) return lowered
  return Math.ceil(lowered)
}
