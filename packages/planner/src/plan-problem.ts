import { hashAssignment, nameAssignment } from './assignment.ts'
import { computeBound } from './bound/bound.ts'
import { compileProblem } from './compile/compile.ts'
import type { PlacementPlan } from './plan.ts'
import type { PlacementProblem } from './problem.ts'
import { plannerVersion } from './problem.ts'
import { describePlan } from './describe.ts'
import { construct } from './search/construct.ts'
import { createFits } from './search/fits.ts'
import { createPacking } from './search/packing.ts'
import { createRandom } from './search/random.ts'

/** How a plan is made. All but the problem's own policy: what it costs to look, and how to stop. */
export interface PlanOptions {
  /** Asked between steps; true ends the search, and the best plan so far is returned. */
  readonly isOver?: () => boolean
}

/**
 * A plan for `problem`, which must have passed `parseProblem`: every workload on a host that has room and keeps every required rule, at
 * the least cost found, with a bound on any plan's cost. The same problem, seed and iterations give the same plan. Never throws for
 * want of room: what found no place is in `unplaced` with reasons.
 */
export function plan(problem: PlacementProblem, _options: PlanOptions = {}): PlacementPlan {
  const instance = compileProblem(problem)
  const seed = problem.policy?.seed ?? 1
  const packing = createPacking(instance)
  construct(packing, createFits(instance), createRandom(seed, 0, 0))
  const assignment = nameAssignment(packing)
  return {
    apiVersion: plannerVersion,
    kind: 'PlacementPlan',
    ...(problem.metadata === undefined ? {} : { metadata: problem.metadata }),
    ...describePlan(packing, assignment, computeBound(instance)),
    certificates: [],
    run: {
      seed,
      iterations: 0,
      isCutShort: false,
      hash: hashAssignment(
        problem.workloads.map(({ name }) => name),
        assignment.hostOf,
      ),
    },
  }
}
