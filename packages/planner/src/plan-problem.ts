import { hashAssignment, nameAssignment } from './assignment.ts'
import { type BoundValue, computeBound } from './bound/bound.ts'
import type { CoverSolver } from './bound/cover.ts'
import { compileProblem } from './compile/compile.ts'
import type { Instance } from './compile/instance.ts'
import { findConflicts } from './conflict/find-conflicts.ts'
import { describePlan } from './describe.ts'
import { isFailoverAsked, withFailover } from './failover/with-failover.ts'
import type { PlacementPlan } from './plan.ts'
import { type PlacementProblem, plannerVersion } from './problem.ts'
import { currentHosts } from './search/current.ts'
import { type EpochResult, type EpochTask, runEpoch } from './search/epoch.ts'
import type { OpenLanes } from './search/lanes.ts'
import { createSearch, type Search } from './search/search.ts'
import { load } from './search/state.ts'

/** What the world outside lends: time, a way to stop, somebody to tell. All may be absent. */
export interface PlanOptions {
  /** Seconds since the call; without it `policy.budget.seconds` is no cap. */
  readonly elapsedSeconds?: () => number
  /** An `AbortSignal`, or anything with its flag: once set, the best plan so far is returned. */
  readonly signal?: { readonly aborted: boolean }
  /** Proves bounds where host types differ (an integer programme); a weaker argument serves without it. */
  readonly solveCover?: CoverSolver
  /** Called after each epoch. */
  readonly onProgress?: (progress: PlanProgress) => void
}

/** How far a search is. */
export interface PlanProgress {
  readonly iterations: number
  readonly unplaced: number
  readonly cost: number
  readonly bound: number
}

/** Iterations where the policy names none. */
export const defaultIterations = 60_000

/**
 * A plan for `problem`, which must have passed `parseProblem`: every workload on a host that has room and keeps every required rule, at
 * the least cost found, with a bound on any plan's cost. The same problem, seed and iterations give the same plan, and more iterations
 * never a worse one. Never throws for want of room: what found no place is in `unplaced` with reasons, and
 * `infeasibility` names the smallest sets of constraints that no plan could keep, as far as they were found.
 */
export function plan(problem: PlacementProblem, options: PlanOptions = {}): PlacementPlan {
  const planning = startPlanning(problem, options)
  for (let tasks = planning.nextTasks(); tasks.length > 0; tasks = planning.nextTasks()) {
    planning.absorb(tasks.map((task) => runEpoch(planning.instance, task, planning.isOver)))
  }
  return planning.finish()
}

/**
 * The plan that `plan` gives, its lanes run wherever `openLanes` runs them; between epochs the caller's other work has its turn.
 * Rejects with what the lanes reject with.
 */
export async function planOnLanes(problem: PlacementProblem, options: PlanOptions, openLanes: OpenLanes): Promise<PlacementPlan> {
  const planning = startPlanning(problem, options)
  const lanes = openLanes(planning.instance)
  try {
    for (let tasks = planning.nextTasks(); tasks.length > 0; tasks = planning.nextTasks()) {
      planning.absorb(await lanes.run(tasks, planning.isOver))
    }
  } finally {
    await lanes.close()
  }
  return planning.finish()
}

/** A plan in the making: ask for tasks until there are none, give their results back, take the plan. */
interface Planning {
  readonly instance: Instance
  readonly isOver: () => boolean
  readonly nextTasks: () => readonly EpochTask[]
  readonly absorb: (results: readonly EpochResult[]) => void
  readonly finish: () => PlacementPlan
}

function startPlanning(problem: PlacementProblem, options: PlanOptions): Planning {
  const instance = compileProblem(problem)
  const bound = computeBound(instance, options.solveCover)
  const budget = problem.policy?.budget
  const iterations = budget?.iterations ?? defaultIterations
  const isOver = () =>
    options.signal?.aborted === true ||
    (options.elapsedSeconds !== undefined && options.elapsedSeconds() >= (budget?.seconds ?? Infinity))
  const search = createSearch(instance, seedOf(problem), currentHosts(instance, seedOf(problem)))
  let isCutShort = false
  return {
    instance,
    isOver,
    nextTasks: () => (isCutShort ? [] : search.nextTasks({ iterations: iterations - search.iterations(), bound: bound.value })),
    absorb: (results) => {
      search.absorb(results)
      isCutShort = isOver()
      const { waiting: unplaced, cost } = search.worth()
      options.onProgress?.({ iterations: search.iterations(), unplaced, cost, bound: bound.value })
    },
    finish: () => {
      const made = writePlan(instance, { search, bound, isCutShort: isCutShort && search.iterations() < iterations })
      const failover = problem.policy?.failover
      return withConflicts(
        problem,
        isFailoverAsked(failover) ? withFailover(made, failover, { instance, bound, solveCover: options.solveCover }) : made,
      )
    },
  }
}

/** `plan`, with the constraints that keep it from placing everything, if it does not. */
function withConflicts(problem: PlacementProblem, plan: PlacementPlan): PlacementPlan {
  const left = new Set(plan.unplaced.map(({ workload }) => workload))
  const indexes = problem.workloads.flatMap(({ name }, index) => (left.has(name) ? index : []))
  return indexes.length === 0 ? plan : { ...plan, infeasibility: findConflicts(problem, indexes) }
}

/** The seed of a problem's search. */
const seedOf = (problem: PlacementProblem): number => problem.policy?.seed ?? 1

/** The plan that `search` has come to. */
function writePlan(
  instance: Instance,
  run: { readonly search: Search; readonly bound: BoundValue; readonly isCutShort: boolean },
): PlacementPlan {
  const { problem } = instance
  const packing = load(instance, run.search.best())
  const assignment = nameAssignment(packing)
  return {
    apiVersion: plannerVersion,
    kind: 'PlacementPlan',
    ...(problem.metadata === undefined ? {} : { metadata: problem.metadata }),
    ...describePlan(packing, assignment, run.bound),
    certificates: [],
    run: {
      seed: seedOf(problem),
      iterations: run.search.iterations(),
      isCutShort: run.isCutShort,
      hash: hashAssignment(problem, assignment.hostOf),
    },
  }
}
