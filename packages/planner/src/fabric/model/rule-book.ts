import type { Workload } from '../../problem.ts'
import { breaksInAll, breaksOverall, type CountedRule, expectMore } from './counted-rule.ts'
import type { FabricModel } from './model.ts'
import { RuleCounters, type Roles } from './rule-counters.ts'
import { at, item } from './typed-array.ts'

/** Hosts that there are before and after something is taken away. */
export interface HostsLeft {
  readonly before: readonly number[]
  readonly after: readonly number[]
}

/** Rule counters for the workloads of a model, by index. */
export class RuleBook {
  readonly #counters: RuleCounters
  readonly #roles: readonly Roles[]
  /** Roles in closed host sets alone. */
  readonly #closedRoles: readonly Roles[]
  /** 1 for workloads that are expected to be placed again. */
  readonly #isExpected: Uint8Array
  /** Rules of what is expected, with how often they were broken before. */
  readonly #breaksBefore = new Map<CountedRule, number>()
  #isRelaxed = false

  /** O(workloads x rules). */
  constructor(model: FabricModel) {
    this.#counters = new RuleCounters(model)
    this.#roles = rolesOf(model.workloads, this.#counters)
    this.#closedRoles = this.#roles.map((roles) => roles.filter(({ counted }) => counted.rule.type === 'ClosedHostSet'))
    this.#isExpected = new Uint8Array(model.workloads.length)
  }

  /** Rules of the workload under which moves go one by one. */
  locksOf(workload: number): readonly object[] {
    return this.#counters.locksOf(item(this.#roles, workload))
  }

  /** Counts a workload in on a host. */
  enter(workload: number, host: number): void {
    const roles = item(this.#roles, workload)
    this.#counters.enter(roles, host)
    if (at(this.#isExpected, workload) === 1) for (const { counted, role } of roles) expectMore(counted, role, -1)
  }

  /** Counts a workload out of a host. */
  leave(workload: number, host: number): void {
    const roles = item(this.#roles, workload)
    this.#counters.leave(roles, host)
    if (at(this.#isExpected, workload) === 1) for (const { counted, role } of roles) expectMore(counted, role, 1)
  }

  /**
   * True if going from one host (-1: from none) to another breaks no rule more often than before. What is expected may go where every
   * rule can be kept as well as before by placing the rest of what is expected.
   */
  allows(workload: number, from: number, to: number): boolean {
    if (at(this.#isExpected, workload) === 0) return this.#counters.allows(item(this.#roles, workload), from, to)
    return this.#counters.allowsToCome(item(this.#isRelaxed ? this.#closedRoles : this.#roles, workload), to)
  }

  /**
   * Announces that `workloads`, which are placed, will be taken and placed again; a spread then asks for no more domains than hosts
   * are left in. Until `settle`. O(rules of the workloads + hosts per spread).
   */
  expect(workloads: readonly number[], { before, after }: HostsLeft): void {
    for (const workload of workloads) this.#isExpected[workload] = 1
    const affected = new Set(workloads.flatMap((workload) => item(this.#roles, workload).map(({ counted }) => counted)))
    for (const counted of affected) {
      counted.domainsLeft = domainsOf(counted, before)
      counted.baseline = breaksOverall(counted) + counted.lacking
      this.#breaksBefore.set(counted, breaksInAll(counted))
      counted.domainsLeft = domainsOf(counted, after)
    }
  }

  /** From now on only closed host sets are kept by what is expected. Until `settle`. */
  relax(): void {
    this.#isRelaxed = true
  }

  /** Names of the rules of what is expected that are broken more often than before. */
  brokenNames(): readonly string[] {
    return [...this.#breaksBefore].flatMap(([counted, before]) => (breaksInAll(counted) > before ? counted.rule.name : []))
  }

  /** Ends what `expect` began. `isPlaced` says which of `workloads` found a place. */
  settle(workloads: readonly number[], isPlaced: (workload: number) => boolean): void {
    for (const workload of workloads) {
      this.#isExpected[workload] = 0
      if (isPlaced(workload)) continue
      for (const { counted, role } of item(this.#roles, workload)) expectMore(counted, role, -1)
    }
    for (const counted of this.#breaksBefore.keys()) {
      counted.domainsLeft = Number.POSITIVE_INFINITY
      counted.baseline = 0
    }
    this.#breaksBefore.clear()
    this.#isRelaxed = false
  }
}

/** How many domains of a spread `hosts` are in; for other rules it does not matter. */
function domainsOf({ rule, domainOf }: CountedRule, hosts: readonly number[]): number {
  if (rule.type !== 'Spread') return Number.POSITIVE_INFINITY
  return new Set(hosts.map((host) => at(domainOf, host)).filter((domain) => domain > 0)).size
}

function rolesOf(workloads: readonly Workload[], counters: RuleCounters): readonly Roles[] {
  return workloads.map((workload) => counters.rolesOf(workload))
}
