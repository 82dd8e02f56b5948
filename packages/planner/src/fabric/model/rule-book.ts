import type { Workload } from '../../problem.ts'
import type { FabricModel } from './model.ts'
import { RuleCounters, type Roles } from './rule-counters.ts'
import { item } from './typed-array.ts'

/** Rule counters for the workloads of a model, by index. */
export class RuleBook {
  readonly #counters: RuleCounters
  readonly #roles: readonly Roles[]

  /** `isLost` hosts are left out of what spreads can use. O(workloads x rules). */
  constructor(model: FabricModel, isLost?: (host: number) => boolean) {
    this.#counters = new RuleCounters(model, isLost)
    this.#roles = rolesOf(model.workloads, this.#counters)
  }

  /** Rules of the workload under which moves go one by one. */
  locksOf(workload: number): readonly object[] {
    return this.#counters.locksOf(item(this.#roles, workload))
  }

  /** Counts a workload in on a host. */
  enter(workload: number, host: number): void {
    this.#counters.enter(item(this.#roles, workload), host)
  }

  /** Counts a workload out of a host. */
  leave(workload: number, host: number): void {
    this.#counters.leave(item(this.#roles, workload), host)
  }

  /** True if going from one host (-1: from none) to another breaks no rule more often than before. */
  allows(workload: number, from: number, to: number): boolean {
    return this.#counters.allows(item(this.#roles, workload), from, to)
  }
}

function rolesOf(workloads: readonly Workload[], counters: RuleCounters): readonly Roles[] {
  return workloads.map((workload) => counters.rolesOf(workload))
}
