import type { Conflict, PlacementPlan } from '../plan.ts'
import { type ConstraintSet, isPlaceable } from './placeable.ts'
import type { ProblemIndex } from './problem-index.ts'
import type { Violation } from './violation.ts'

/** Trials that one conflict may take in all. */
const maxTrials = 50_000

/**
 * Conflicts that are none, or that name more than is needed, as far as 50,000 trials show it; and statements that do not belong
 * together. A larger set, which takes more trials, is believed.
 */
export function checkConflicts(index: ProblemIndex, plan: PlacementPlan): Violation[] {
  const { infeasibility, unplaced } = plan
  const found = (subject: string, message: string): Violation => ({ kind: 'Conflict', subject, message })
  if (infeasibility === undefined) return []
  const violations = infeasibility.conflicts.flatMap((conflict) =>
    checkConflict(index, conflict).map((text) => found('conflicts', text)),
  )
  if (unplaced.length === 0) violations.push(found('infeasibility', 'Everything is placed, so nothing is in conflict.'))
  if ((infeasibility.status === 'Proven') !== infeasibility.conflicts.length > 0) {
    violations.push(
      found('infeasibility', `The status is ${infeasibility.status} with ${infeasibility.conflicts.length} conflicts.`),
    )
  }
  return violations
}

function checkConflict({ problem, workloads }: ProblemIndex, conflict: Conflict): readonly string[] {
  const rules = new Set((problem.rules ?? []).flatMap(({ name, enforcement }) => (enforcement === 'Preferred' ? [] : name)))
  const unknown = [
    ...conflict.rules.filter((name) => !rules.has(name)),
    ...conflict.workloads.filter((name) => !workloads.has(name)),
  ]
  if (unknown.length > 0) return unknown.map((name) => `${name} is no required rule or workload of the problem.`)
  const text = JSON.stringify([conflict.rules, conflict.workloads, conflict.limits])
  const trials = { left: maxTrials }
  if (isPlaceable(problem, conflict, trials) === 'Placeable')
    return [`The hosts can keep what is said to be in conflict: ${text}.`]
  if (!conflict.isMinimal) return []
  return [...smaller(conflict)]
    .filter(({ set }) => isPlaceable(problem, set, trials) === 'Impossible')
    .map(({ without }) => `${without} is not needed for the conflict ${text}.`)
}

/** The set without each one of its parts. A workload takes what is said of it along. */
export function* smaller({
  rules,
  workloads,
  limits,
}: ConstraintSet): Generator<{ readonly without: string; readonly set: ConstraintSet }> {
  for (const name of rules) yield { without: name, set: { rules: rules.filter((other) => other !== name), workloads, limits } }
  for (const name of workloads) {
    const rest = limits.filter(({ workload }) => workload !== name)
    yield { without: name, set: { rules, workloads: workloads.filter((other) => other !== name), limits: rest } }
  }
  for (const limit of limits) {
    yield { without: JSON.stringify(limit), set: { rules, workloads, limits: limits.filter((other) => other !== limit) } }
  }
}
