import type { Workload } from '../../problem.ts'
import type { PlacementRule, WorkloadSet } from '../../rules.ts'
import type { FabricModel } from './model.ts'
import { at } from './typed-array.ts'

/** Bits of what a workload is in a rule. */
const member = 1
const other = 2

/** A required rule with its counters. Domain 0 stands for hosts without the label, which are no place for members. */
interface CountedRule {
  readonly rule: PlacementRule
  /** Domain of each host. */
  readonly domainOf: Int32Array
  /** Members and others (what members depend on, are limited against, or, for a closed set, everyone) by domain. */
  readonly members: Int32Array
  readonly others: Int32Array
  /** Members in all, and domains with one. */
  placed: number
  used: number
}

/** What a workload is in the rules that are about it. */
export type Roles = readonly { readonly counted: CountedRule; readonly role: number }[]

/** Counts who is in which domain of each required rule, so that the effect of one move on all rules takes O(rules of the workload). */
export class RuleCounters {
  readonly #byApp = new Map<string, Roles[number][]>()
  readonly #byName = new Map<string, Roles[number][]>()
  readonly #forAll: Roles[number][] = []
  /** Domains that a spread may use at most: after a failure those that are left. */
  readonly #domainsLeft: (counted: CountedRule) => number

  constructor(model: Pick<FabricModel, 'problem' | 'hosts'>, isLost?: (host: number) => boolean) {
    const required = (model.problem.rules ?? []).filter(({ enforcement }) => enforcement !== 'Preferred')
    for (const rule of required) this.#index(toCounted(model, rule))
    this.#domainsLeft = ({ domainOf }) =>
      isLost === undefined
        ? Number.POSITIVE_INFINITY
        : new Set(domainOf.filter((domain, host) => domain > 0 && !isLost(host))).size
  }

  /** What a workload is in the rules. O(rules of the workload). */
  rolesOf({ name, app }: Workload): Roles {
    const roles = new Map<CountedRule, number>()
    const found = [...(this.#byApp.get(app ?? name) ?? []), ...(this.#byName.get(name) ?? []), ...this.#forAll]
    for (const { counted, role } of found) roles.set(counted, (roles.get(counted) ?? 0) | role)
    return [...roles].map(([counted, role]) => ({ counted, role }))
  }

  #index(counted: CountedRule): void {
    const { rule } = counted
    const add = ({ apps = [], names = [] }: WorkloadSet, role: number): void => {
      for (const app of apps) this.#byApp.set(app, [...(this.#byApp.get(app) ?? []), { counted, role }])
      for (const name of names) this.#byName.set(name, [...(this.#byName.get(name) ?? []), { counted, role }])
    }
    if (rule.type === 'Interference') {
      add({ apps: [rule.first] }, member)
      add({ apps: [rule.second] }, other)
      return
    }
    add(rule.workloads, member)
    if (rule.type === 'Dependency') add(rule.on, other)
    if (rule.type === 'ClosedHostSet') this.#forAll.push({ counted, role: other })
  }

  /** Rules of the workload whose breaks do not only grow with what is on a host; moves under such a rule go one by one. */
  locksOf(roles: Roles): readonly object[] {
    return roles
      .filter(({ counted: { rule } }) => rule.type === 'Affinity' || rule.type === 'Spread' || rule.type === 'Dependency')
      .map(({ counted }) => counted)
  }

  /** Counts a workload in on a host. */
  enter(roles: Roles, host: number): void {
    for (const { counted, role } of roles) count(counted, role, at(counted.domainOf, host), 1)
  }

  /** Counts a workload out of a host. */
  leave(roles: Roles, host: number): void {
    for (const { counted, role } of roles) count(counted, role, at(counted.domainOf, host), -1)
  }

  /** The name of a rule that a workload from nowhere would break on a host, if any. */
  brokenBy(roles: Roles, host: number): string | undefined {
    return roles.find((role) => !this.allows([role], -1, host))?.counted.rule.name
  }

  /** True if going from one host (-1: from none) to another breaks no rule more often than before. */
  allows(roles: Roles, from: number, to: number): boolean {
    return roles.every(({ counted, role }) => {
      const source = from < 0 ? -1 : at(counted.domainOf, from)
      const target = at(counted.domainOf, to)
      if (source === target) return true
      const before = this.#breaksOverall(counted)
      const beforeThere = breaksIn(counted, target)
      if (source >= 0) count(counted, role, source, -1)
      const between = source >= 0 ? breaksIn(counted, source) : 0
      count(counted, role, target, 1)
      const after = this.#breaksOverall(counted)
      const afterThere = breaksIn(counted, target)
      count(counted, role, target, -1)
      if (source >= 0) count(counted, role, source, 1)
      const beforeHere = source >= 0 ? breaksIn(counted, source) : 0
      // What gets better elsewhere is no excuse: it may get better only after the move.
      return after <= before && afterThere <= beforeThere && between <= beforeHere
    })
  }

  /** How often a rule is broken as far as no single domain decides. */
  #breaksOverall(counted: CountedRule): number {
    const { rule, placed, used } = counted
    switch (rule.type) {
      case 'Affinity':
        return Math.max(0, used - 1)
      case 'Spread':
        return Math.max(0, Math.min(rule.minDomains, placed, this.#domainsLeft(counted)) - used)
      case 'ClosedHostSet':
        return Math.max(0, used - (rule.maxHosts ?? Number.POSITIVE_INFINITY))
      default:
        return 0
    }
  }
}

/**
 * How often a rule is broken in a domain. Where two kinds must not meet, every pair counts: then it only grows with what is on a
 * host, and a move that mends a break is no excuse for another that is on its way there.
 */
function breaksIn({ rule, members, others }: CountedRule, domain: number): number {
  const inside = at(members, domain)
  switch (rule.type) {
    case 'AntiAffinity':
      return domain === 0 ? inside : Math.max(0, inside - 1)
    case 'MaxPerDomain':
      return domain === 0 ? inside : Math.max(0, inside - rule.max)
    case 'Dependency':
      return inside > 0 && (domain === 0 || at(others, domain) === 0) ? 1 : 0
    case 'Interference': {
      const max = rule.first === rule.second ? rule.max + 1 : rule.max
      return inside * Math.max(0, at(others, domain) - max)
    }
    case 'ClosedHostSet':
      return inside * (at(others, domain) - inside)
    case 'Affinity':
    case 'Spread':
      return domain === 0 ? inside : 0
  }
}

function count(counted: CountedRule, role: number, domain: number, step: 1 | -1): void {
  const { members, others } = counted
  if ((role & member) !== 0) {
    const before = at(members, domain)
    members[domain] = before + step
    counted.placed += step
    if (domain > 0 && (before === 0 || before + step === 0)) counted.used += step
  }
  if ((role & other) !== 0) others[domain] = at(others, domain) + step
}

function toCounted(model: Pick<FabricModel, 'hosts'>, rule: PlacementRule): CountedRule {
  const isPerHost = rule.type === 'Interference' || rule.type === 'ClosedHostSet' || rule.topologyKey === 'host'
  const domains = new Map<string, number>()
  const domainOf = Int32Array.from(model.hosts, ({ name, labels }) => {
    const domain = isPerHost ? name : labels.get(rule.topologyKey)
    if (domain === undefined) return 0
    const index = domains.get(domain) ?? domains.size + 1
    domains.set(domain, index)
    return index
  })
  const domainCount = domains.size + 1
  return {
    rule,
    domainOf,
    members: new Int32Array(domainCount),
    others: new Int32Array(domainCount),
    placed: 0,
    used: 0,
  }
}
