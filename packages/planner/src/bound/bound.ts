import type { Instance } from '../compile/instance.ts'
import { f64 } from '../compile/typed-array.ts'
import type { Bound, BoundArgument } from '../plan.ts'
import { volumeBound } from './volume.ts'

/** A bound before the plan is known. */
export type BoundValue = Omit<Bound, 'gapPercent'>

/**
 * What every plan that places all workloads costs at least, in the unit of the objective. Each argument is valid by itself; the best
 * counts. Whole numbers are rounded up where every cost is whole.
 */
export function computeBound(instance: Instance): BoundValue {
  const all = [{ by: 'Volume' as BoundArgument, value: volumeBound(instance) }].map(({ by, value }) => ({
    by,
    value: roundUp(instance, value),
  }))
  const best = all.reduce((best, next) => (next.value > best.value ? next : best))
  return { ...best, all }
}

/** Rounds up to what a sum of whole costs can be; sums of fractions are lowered first by what floating point may have added. */
function roundUp({ classes }: Instance, value: number): number {
  const lowered = value * (1 - 1e-9)
  for (let index = 0; index < classes.count; index++) if (!Number.isInteger(f64(classes.cost, index))) return lowered
  return Math.ceil(lowered)
}
