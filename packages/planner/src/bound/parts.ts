import { createLookUp } from '../compile/membership.ts'
import type { PlacementProblem, Workload } from '../problem.ts'

/** Beyond so many parts the smallest are left out. */
const mostParts = 200

/**
 * The workloads of a problem in parts that share no host in any plan: those that are in the same required closed host sets, and the rest.
 * One part if nothing is closed; of more than 200 the
 * largest. O(workloads + members).
 */
export function closedParts(problem: PlacementProblem): readonly (readonly Workload[])[] {
  const lookUp = createLookUp(problem)
  const setsOf = problem.workloads.map((): number[] => [])
  ;(problem.rules ?? []).forEach((rule, set) => {
    if (rule.type !== 'ClosedHostSet' || rule.enforcement === 'Preferred') return
    for (const workload of lookUp(rule.workloads)) setsOf[workload]?.push(set)
  })
  const parts = Map.groupBy(problem.workloads, (_, index) => setsOf[index]?.join() ?? '')
  const largest = [...parts.values()].toSorted((a, b) => b.length - a.length)
  return largest.slice(0, mostParts)
}
