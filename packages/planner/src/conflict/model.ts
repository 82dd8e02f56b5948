import { type Domains, domainsOf } from '../compile/domains.ts'
import { type ClassDraft, draftClasses, usableAmount } from '../compile/host-classes.ts'
import { createLookUp } from '../compile/membership.ts'
import { demandRow, type Dimension, dimensionsOf } from '../fabric/model/model.ts'
import type { HostType, PlacementProblem, Workload } from '../problem.ts'
import type { PlacementRule } from '../rules.ts'

/** A problem as the search for conflicts sees it. Workloads, rules and classes are their indexes. */
export interface ConflictModel {
  readonly problem: PlacementProblem
  readonly dimensions: readonly Dimension[]
  readonly classes: readonly HostClass[]
  /** By index of the problem's rules; preferred rules have no members. */
  readonly scopes: readonly RuleScope[]
  /** Required rules that a workload is named by. */
  readonly rulesOf: (workload: number) => readonly number[]
  readonly demandOf: (workload: number) => readonly number[]
  /** The highest that a workload needs of each resource. */
  readonly peakOf: (workload: number) => readonly number[]
  /** Equal for workloads that may change places whatever the rest. */
  readonly kindOf: (workload: number) => string
  /** Domains for a topology key. Not for `host`. */
  readonly domainsOf: (topologyKey: string) => Domains
}

/** Equal hosts that may take something. */
export interface HostClass extends ClassDraft {
  readonly hostType: HostType
  /** By dimension. */
  readonly usable: readonly number[]
  /** By resource. */
  readonly usableOf: readonly number[]
}

/** Who a required rule is about. */
export interface RuleScope {
  readonly rule: PlacementRule
  readonly members: ReadonlySet<number>
  /** What members depend on, or are limited against. */
  readonly others: ReadonlySet<number>
}

/** Amounts of documents are whole, and their sums exact; curves that code makes may hold fractions, whose sums depend on their order. */
export const tolerance = 1e-6

/** The model of `problem`. O(size of the problem). */
export function compileConflicts(problem: PlacementProblem): ConflictModel {
  const dimensions = dimensionsOf(problem)
  const resources = problem.resources.map(({ name }): Dimension => ({ resource: name }))
  const classes = classesOf(problem, dimensions)
  const scopes = scopesOf(problem)
  const rulesOf = new Map<number, number[]>()
  scopes.forEach(({ members, others }, rule) => {
    for (const workload of members.union(others)) {
      const list = rulesOf.get(workload)
      if (list === undefined) rulesOf.set(workload, [rule])
      else list.push(rule)
    }
  })
  const of = (workload: number): Workload => problem.workloads[workload] ?? { name: '', requests: {} }
  const demandOf = memoized((workload: number) => demandRow(of(workload), dimensions))
  return {
    problem,
    dimensions,
    classes,
    scopes,
    rulesOf: (workload) => rulesOf.get(workload) ?? [],
    demandOf,
    peakOf: memoized((workload: number) => demandRow(of(workload), resources)),
    kindOf: memoized((workload: number) => {
      const { hostSelector, devices, singleNumaNode, currentHost, move } = of(workload)
      const roles = (rulesOf.get(workload) ?? []).map((rule) => [rule, roleIn(scopes[rule], workload)])
      const rest = [hostSelector, devices, singleNumaNode, currentHost, currentHost !== undefined && move?.isMovable === false]
      return JSON.stringify([demandOf(workload), roles, rest])
    }),
    domainsOf: memoized((topologyKey: string) => domainsOf(topologyKey, classes)),
  }
}

function memoized<Key, Value>(compute: (key: Key) => Value): (key: Key) => Value {
  const known = new Map<Key, Value>()
  return (key) => {
    const value = known.get(key) ?? compute(key)
    known.set(key, value)
    return value
  }
}

function classesOf(problem: PlacementProblem, dimensions: readonly Dimension[]): readonly HostClass[] {
  return draftClasses(problem).flatMap((draft) => {
    const hostType = problem.hostTypes[draft.type]
    if (hostType === undefined) return []
    const usableOf = problem.resources.map(({ name }) => usableAmount(problem, hostType, name))
    const amountOf = new Map(problem.resources.map(({ name }, index) => [name, usableOf[index] ?? 0]))
    return [{ ...draft, hostType, usableOf, usable: dimensions.map(({ resource }) => amountOf.get(resource) ?? 0) }]
  })
}

function scopesOf(problem: PlacementProblem): readonly RuleScope[] {
  const lookUp = createLookUp(problem)
  return (problem.rules ?? []).map((rule) => {
    if (rule.enforcement === 'Preferred') return { rule, members: new Set(), others: new Set() }
    if (rule.type === 'Interference') {
      return { rule, members: new Set(lookUp({ apps: [rule.first] })), others: new Set(lookUp({ apps: [rule.second] })) }
    }
    return { rule, members: new Set(lookUp(rule.workloads)), others: new Set(rule.type === 'Dependency' ? lookUp(rule.on) : []) }
  })
}

function roleIn(scope: RuleScope | undefined, workload: number): number {
  return (scope?.members.has(workload) === true ? 1 : 0) + (scope?.others.has(workload) === true ? 2 : 0)
}
