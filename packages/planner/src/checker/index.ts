/**
 * The checker: what is wrong with a plan or with moves, counted from the documents alone. It shares no code with the planner, so
 * that neither can hide the other's mistakes. Words: violation (one thing that is wrong), world (who is where). It repairs nothing.
 */
export { checkMoves } from './check-moves.ts'
export { checkPlan } from './check-plan.ts'
export { checkWaves } from './check-waves.ts'
export { type Violation, type ViolationKind, violationKinds } from './violation.ts'
export { checkReassignment, type ReassignmentVerdict } from './check-reassignment.ts'
