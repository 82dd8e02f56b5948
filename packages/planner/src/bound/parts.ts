import { closedSetsOf } from '../compile/membership.ts'
import type { PlacementProblem, Workload } from '../problem.ts'

/** Beyond so many parts the smallest are left out. */
const mostParts = 200

/**
 * The workloads of a problem in parts that share no host in any plan: those that are in the same required closed host sets, and the rest.
 * One part if nothing is closed; of more than 200 the largest. O(workloads + members).
 */
export function closedParts(problem: PlacementProblem): readonly (readonly Workload[])[] {
  const setsOf = closedSetsOf(problem)
  const parts = Map.groupBy(problem.workloads, (_, index) => setsOf[index]?.join() ?? '')
  const largest = [...parts.values()].toSorted((a, b) => b.length - a.length)
  return largest.slice(0, mostParts)
}
