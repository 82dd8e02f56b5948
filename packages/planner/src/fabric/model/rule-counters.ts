import type { Workload } from '../../problem.ts'
import type { WorkloadSet } from '../../rules.ts'
import type { FabricModel } from './model.ts'
import {
  breaksIn,
  breaksOverall,
  breaksToCome,
  count,
  type CountedRule,
  expectMore,
  member,
  other,
  toCounted,
} from './counted-rule.ts'
import { at } from './typed-array.ts'

/** What a workload is in the rules that are about it. */
export type Roles = readonly { readonly counted: CountedRule; readonly role: number }[]

/** Counts who is in which domain of each required rule, so that the effect of one move on all rules takes O(rules of the workload). */
export class RuleCounters {
  readonly #byApp = new Map<string, Roles[number][]>()
  readonly #byName = new Map<string, Roles[number][]>()
  readonly #forAll: Roles[number][] = []

  constructor(model: Pick<FabricModel, 'problem' | 'hosts'>) {
    const required = (model.problem.rules ?? []).filter(({ enforcement }) => enforcement !== 'Preferred')
    for (const rule of required) this.#index(toCounted(model, rule))
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
      const before = breaksOverall(counted)
      const beforeThere = breaksIn(counted, target)
      if (source >= 0) count(counted, role, source, -1)
      const between = source >= 0 ? breaksIn(counted, source) : 0
      count(counted, role, target, 1)
      const after = breaksOverall(counted)
      const afterThere = breaksIn(counted, target)
      count(counted, role, target, -1)
      if (source >= 0) count(counted, role, source, 1)
      const beforeHere = source >= 0 ? breaksIn(counted, source) : 0
      // What gets better elsewhere is no excuse: it may get better only after the move.
      return after <= before && afterThere <= beforeThere && between <= beforeHere
    })
  }

  /** True if a workload that was taken away may go to a host, given that all others that are to come are placed after it. */
  allowsToCome(roles: Roles, to: number): boolean {
    return roles.every(({ counted, role }) => {
      const target = at(counted.domainOf, to)
      // That a domain lacks something is no matter while what it lacks may still come.
      const isOpen = counted.rule.type === 'Dependency' && target > 0
      const before = Math.max(breaksToCome(counted), counted.baseline)
      const beforeThere = breaksIn(counted, target)
      count(counted, role, target, 1)
      expectMore(counted, role, -1)
      const isAllowed = breaksToCome(counted) <= before && (isOpen || breaksIn(counted, target) <= beforeThere)
      expectMore(counted, role, 1)
      count(counted, role, target, -1)
      return isAllowed
    })
  }
}
