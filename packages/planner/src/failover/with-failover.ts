import { type Assignment, hashAssignment } from '../assignment.ts'
import { type BoundValue, computeBound } from '../bound/bound.ts'
import type { CoverSolver } from '../bound/cover.ts'
import { compileProblem } from '../compile/compile.ts'
import type { Instance } from '../compile/instance.ts'
import { f64 } from '../compile/typed-array.ts'
import { describePlan } from '../describe.ts'
import { reinforce } from '../fabric/reinforce.ts'
import type { PlacementPlan } from '../plan.ts'
import type { Failover, PlacementProblem } from '../problem.ts'
import { loadPlacement } from '../search/load-placement.ts'

/** What the failures of a policy change: a plan, its problem, and how bounds are proven. */
interface FailoverInput {
  readonly instance: Instance
  readonly bound: BoundValue
  readonly solveCover: CoverSolver | undefined
}

/** True if `failover` names any failure. */
export const isFailoverAsked = (failover: Failover | undefined): failover is Failover =>
  (failover?.hosts ?? 0) > 0 || failover?.topologyKey !== undefined

/**
 * `plan` changed so that it survives every failure that `failover` names, with a certificate for each; hosts that stay empty until
 * then are among its hosts. A certificate with `unplaced` workloads says that no host was left to add.
 */
export function withFailover(plan: PlacementPlan, failover: Failover, input: FailoverInput): PlacementPlan {
  const { instance } = input
  const { problem } = instance
  const made = reinforce(problem, plan, failover)
  const { packing, slotOf } = loadPlacement(instance, made)
  const assignment: Assignment = {
    hostOf: problem.workloads.map(({ name }) => (Object.hasOwn(made.assignments, name) ? made.assignments[name] : undefined)),
    slots: [...slotOf].map(([name, slot]) => ({ name, slot })),
  }
  const certificates = [...made.certificates()]
  // A plan that falls short of the policy is measured by what it does: the bound of surviving would be above it.
  const isComplete = certificates.every(({ unplaced }) => unplaced.length === 0)
  return {
    ...plan,
    ...describePlan(packing, assignment, isComplete ? boundWithFailover(input, failover) : input.bound),
    certificates,
    run: {
      ...plan.run,
      hash: hashAssignment(
        problem.workloads.map(({ name }) => name),
        assignment.hostOf,
      ),
    },
  }
}

/**
 * What is left after the cheapest hosts failed must still carry everything that is protected: its bound, and those hosts, are a
 * bound.
 */
function boundWithFailover({ instance, bound, solveCover }: FailoverInput, failover: Failover): BoundValue {
  const { problem, classes } = instance
  const lost = Math.max(failover.hosts ?? 0, failover.topologyKey === undefined ? 0 : 1)
  const isEmpty = classes.count === 0 || problem.workloads.length === 0
  const cheapest = isEmpty ? 0 : Math.min(...Array.from({ length: classes.count }, (_, index) => f64(classes.cost, index)))
  const value = protectedBound(problem, failover, { bound, solveCover }) + lost * cheapest
  const all = [...bound.all, { by: 'Failover' as const, value }]
  return value > bound.value ? { value, by: 'Failover', all } : { ...bound, all }
}

/** What everything that is protected costs at least when hosts have failed, by the rules that hold then. */
function protectedBound(
  problem: PlacementProblem,
  failover: Failover,
  { bound, solveCover }: Omit<FailoverInput, 'instance'>,
): number {
  const isShed = ({ isProtected }: PlacementProblem['workloads'][number]): boolean => isProtected === false
  if (failover.rules !== 'Preferred' && !problem.workloads.some(isShed)) return bound.value
  const workloads = problem.workloads.filter((workload) => !isShed(workload))
  return computeBound(compileProblem({ ...problem, workloads, rules: [] }), solveCover).value
}
