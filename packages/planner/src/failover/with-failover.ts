import { type Assignment, hashAssignment } from '../assignment.ts'
import { type BoundValue, hostBound, licenceBound } from '../bound/bound.ts'
import type { CoverSolver } from '../bound/cover.ts'
import { closedParts } from '../bound/parts.ts'
import { compileProblem } from '../compile/compile.ts'
import { own } from '../compile/host-classes.ts'
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
    run: { ...plan.run, hash: hashAssignment(problem, assignment.hostOf) },
  }
}

/**
 * What is left after the cheapest hosts failed must still carry everything that is protected: its bound, and those hosts, are a
 * bound. Parts that share no host must each survive by themselves. Licences are paid for what runs before a failure.
 */
function boundWithFailover({ instance, bound, solveCover }: FailoverInput, failover: Failover): BoundValue {
  const { problem } = instance
  const lost = Math.max(failover.hosts ?? 0, isEveryHostIn(problem, failover.topologyKey) ? 1 : 0)
  const guarded = { ...problem, workloads: problem.workloads.filter(({ isProtected }) => isProtected !== false) }
  const parts = closedParts(guarded)
  const isShed = guarded.workloads.length < problem.workloads.length
  const isWhole = parts.length === 1 && !isShed && failover.rules !== 'Preferred'
  const hosts = isWhole
    ? ofHosts(bound) + lost * cheapestOf(instance)
    : parts.reduce((sum, workloads) => sum + partBound({ ...problem, workloads, rules: [] }, lost, solveCover), 0)
  const value = hosts + licenceBound(instance)
  const all = [...bound.all, { by: 'Failover' as const, value }]
  return value > bound.value ? { value, by: 'Failover', all } : { ...bound, all }
}

/** The best of the arguments that count nothing but hosts. */
const ofHosts = ({ all }: BoundValue): number =>
  all.reduce((most, { by, value }) => (by === 'Licences' || by === 'ClosedSets' ? most : Math.max(most, value)), 0)

function partBound(problem: PlacementProblem, lost: number, solveCover: CoverSolver | undefined): number {
  const instance = compileProblem(problem)
  return hostBound(instance, solveCover) + lost * cheapestOf(instance)
}

const cheapestOf = ({ classes }: Instance): number =>
  classes.count === 0 ? 0 : Math.min(...Array.from({ length: classes.count }, (_, index) => f64(classes.cost, index)))

/** True if every host that there is or may be made up is in a domain, so that each fails with one. */
function isEveryHostIn({ hosts = [], hostTypes }: PlacementProblem, topologyKey: string | undefined): boolean {
  if (topologyKey === undefined || topologyKey === 'host') return topologyKey !== undefined
  const labelled = new Set(hostTypes.flatMap(({ name, labels }) => (own(labels, topologyKey) === undefined ? [] : name)))
  const existing = new Map([...Map.groupBy(hosts, ({ type }) => type)].map(([type, list]) => [type, list.length]))
  return (
    hosts.every(({ type, labels }) => own(labels, topologyKey) !== undefined || labelled.has(type)) &&
    hostTypes.every(({ name, count = Number.POSITIVE_INFINITY }) => labelled.has(name) || count <= (existing.get(name) ?? 0))
  )
}
