import { availableParallelism } from 'node:os'
import { type PlacementPlan, type PlacementProblem, plan } from '@weir/planner'
import { planOnThreads } from '@weir/planner/threads'

/** A smaller problem is planned before a thread has started. */
const threadedFrom = 500

/**
 * Plans one problem after the other, large ones on a thread for each core; the plans are the same wherever they are made.
 * Rejects with the reason of `signal` once that aborts, and soon, but within a small problem.
 */
export function createPlanner(signal: AbortSignal): (problem: PlacementProblem) => Promise<PlacementPlan> {
  const make = async (problem: PlacementProblem): Promise<PlacementPlan> => {
    signal.throwIfAborted()
    const isLarge = problem.workloads.length >= threadedFrom
    const made = isLarge ? await planOnThreads(problem, { workers: availableParallelism(), signal }) : plan(problem, { signal })
    // What was cut short is no plan to judge by.
    signal.throwIfAborted()
    return made
  }
  let last: Promise<unknown> = Promise.resolve()
  return (problem) => {
    const mine = last.then(() => make(problem))
    last = mine.catch(() => {})
    return mine
  }
}
