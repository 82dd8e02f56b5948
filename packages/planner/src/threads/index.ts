/**
 * Planning on worker threads of Node. The plan does not depend on how many there are: they only compute the lanes that the search
 * has anyway.
 */
import type { PlacementPlan } from '../plan.ts'
import { planOnLanes, type PlanOptions } from '../plan-problem.ts'
import type { PlacementProblem } from '../problem.ts'
import { createThreadLanes } from './thread-lanes.ts'

/** What `plan` takes, and how many threads may compute at once, from 1. */
export interface ThreadedPlanOptions extends PlanOptions {
  readonly workers: number
}

/**
 * The plan that `plan` gives for `problem`, computed on at most `workers` threads. The caller's thread stays free between epochs, so
 * that its `signal` can be set. Rejects as `plan` throws, or if a thread dies.
 */
export const planOnThreads = (problem: PlacementProblem, { workers, ...options }: ThreadedPlanOptions): Promise<PlacementPlan> =>
  planOnLanes(problem, options, (instance) => createThreadLanes(instance, workers))
