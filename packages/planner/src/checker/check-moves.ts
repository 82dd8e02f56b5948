import type { MovePlan } from '../fabric/move-plan.ts'
import type { PlacementProblem } from '../problem.ts'
import { checkMoveFields } from './move-fields.ts'
import { checkMoveSums } from './move-sums.ts'
import { checkAtEveryInstant, checkLimits } from './move-times.ts'
import { checkEveryPrefix } from './move-prefixes.ts'
import { indexProblem } from './problem-index.ts'
import type { Violation } from './violation.ts'

/**
 * Everything that is wrong with moves; empty for valid ones. The state after each move in their order, and the state at every
 * instant of their times, must be one in which no move has overfilled a host or broken a required rule more often than it was
 * broken before. While a workload moves its transient resources count on both hosts; the others count where it runs.
 * Limits hold at every instant. Shares nothing with the planner but the types of the documents.
 */
export function checkMoves(problem: PlacementProblem, plan: MovePlan): Violation[] {
  const index = indexProblem(problem)
  const fields = checkMoveFields(index, plan)
  // Moves of unknown workloads or hosts cannot be followed through time.
  if (fields.some(({ kind }) => kind === 'Move')) return fields
  return [
    ...fields,
    ...checkEveryPrefix(index, plan),
    ...checkAtEveryInstant(index, plan),
    ...checkLimits(plan),
    ...checkMoveSums(index, plan),
  ]
}
