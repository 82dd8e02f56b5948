import type { MovePlan } from '../fabric/move-plan.ts'
import type { ProblemIndex } from './problem-index.ts'
import { createMoveState } from './move-state.ts'
import type { Violation } from './violation.ts'

/** Carries the moves out one after the other in their order, so that stopping after any of them is looked at. */
export function checkEveryPrefix(index: ProblemIndex, plan: MovePlan): Violation[] {
  const state = createMoveState(index)
  return plan.moves.flatMap((move, at) => {
    const workload = index.workloads.get(move.workload)
    if (workload === undefined) return []
    const found = [...state.start(workload, move.to), ...state.end(workload, move.to)]
    return found.map((violation) => ({ ...violation, message: `After ${at + 1} moves: ${violation.message}` }))
  })
}
