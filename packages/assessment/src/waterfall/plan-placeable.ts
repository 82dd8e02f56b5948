import type { PlacementPlan, PlacementProblem } from '@weir/planner'
import type { Planner } from './waterfall.ts'

/** A plan in which every workload has a place, and the names of those that are not part of it since they have none. */
export interface PlaceablePlan {
  readonly plan: PlacementPlan
  readonly unplaced: readonly string[]
}

/**
 * Plans `problem` without what fits nowhere: a bound that counts workloads of which the plan has none says nothing about the plan.
 * @throws what `planner` throws.
 */
export async function planPlaceable(problem: PlacementProblem, planner: Planner): Promise<PlaceablePlan> {
  const whole = await planner(problem)
  if (whole.unplaced.length === 0) return { plan: whole, unplaced: [] }
  const left = new Set(whole.unplaced.map(({ workload }) => workload))
  const plan = await planner(without(problem, left))
  return { plan, unplaced: [...left, ...plan.unplaced.map(({ workload }) => workload)] }
}

function without(problem: PlacementProblem, names: ReadonlySet<string>): PlacementProblem {
  const rules = (problem.rules ?? []).flatMap((rule) => {
    if (!('workloads' in rule) || rule.workloads?.names === undefined) return [rule]
    const rest = rule.workloads.names.filter((name) => !names.has(name))
    return rest.length < 2 ? [] : [{ ...rule, workloads: { ...rule.workloads, names: rest } }]
  })
  return { ...problem, workloads: problem.workloads.filter(({ name }) => !names.has(name)), rules }
}
