import { closedSetsOf } from '../compile/membership.ts'
import type { FabricModel } from './model/model.ts'
import type { Occupancy } from './model/occupancy.ts'
import { at } from './model/typed-array.ts'

/** A host that nobody has a claim to: it is not in use yet. */
const unclaimed = -2
/** Of a host or workload: it has to do with no closed host set. */
const open = -1

/**
 * Which hosts belong to which closed host sets, so that a host takes members in no failure that takes strangers in another. Workloads that
 * are in the same sets share hosts; hosts that are filled belong to who is there, a spare to whom it is claimed for.
 */
export class ClosedHosts {
  /** By workload and host: the sets together, by index of their combination, or `open`, or `unclaimed`. */
  readonly #closureOf: Int32Array
  readonly #ownerOf: Int32Array
  /** Rules of each combination, by index, and how many hosts each rule may have and has. */
  readonly #closures: readonly (readonly number[])[]
  readonly #most: readonly number[]
  readonly #claimed: Int32Array

  constructor(model: FabricModel) {
    const { rules = [] } = model.problem
    const setsOf = closedSetsOf(model.problem)
    const closures = new Map<string, readonly number[]>()
    for (const sets of setsOf) if (sets.length > 0) closures.set(sets.join(), sets)
    const indexes = new Map([...closures.keys()].map((key, index) => [key, index]))
    this.#closureOf = Int32Array.from(setsOf, (sets) => indexes.get(sets.join()) ?? open)
    this.#ownerOf = new Int32Array(model.hosts.length).fill(unclaimed)
    this.#closures = [...closures.values()]
    this.#most = rules.map((rule) => (rule.type === 'ClosedHostSet' ? rule.maxHosts : undefined) ?? Number.POSITIVE_INFINITY)
    this.#claimed = new Int32Array(rules.length)
  }

  /** Claims each of `hosts` for who is there; those where nobody is are for everyone outside of closed sets. */
  claimUsed(occupancy: Occupancy, hosts: readonly number[]): void {
    for (const host of hosts) {
      const [first] = occupancy.on(host)
      this.#claim(host, first === undefined ? open : at(this.#closureOf, first))
    }
  }

  /** Claims a spare host for a workload and its like; false if its closed sets may have no more hosts. */
  claimFor(workload: number, host: number): boolean {
    const closure = at(this.#closureOf, workload)
    const isFull = (this.#closures[closure] ?? []).some((set) => at(this.#claimed, set) >= (this.#most[set] ?? 0))
    if (!isFull) this.#claim(host, closure)
    return !isFull
  }

  /** Gives a claimed host back. */
  unclaim(host: number): void {
    this.#count(host, -1)
    this.#ownerOf[host] = unclaimed
  }

  /** True if the workload may ever be on the host. */
  mayUse(workload: number, host: number): boolean {
    return at(this.#ownerOf, host) === at(this.#closureOf, workload)
  }

  #claim(host: number, owner: number): void {
    this.#ownerOf[host] = owner
    this.#count(host, 1)
  }

  #count(host: number, step: 1 | -1): void {
    for (const set of this.#closures[at(this.#ownerOf, host)] ?? []) this.#claimed[set] = at(this.#claimed, set) + step
  }
}
