import { type FabricModel, isSelected } from './model.ts'
import { RuleBook } from './rule-book.ts'
import { fitsSpecials, isSpecial } from './special-fit.ts'
import { at, item } from './typed-array.ts'

/** Who is where, with the load of every host. */
export class Occupancy {
  readonly model: FabricModel
  readonly rules: RuleBook
  /** Host of each workload, -1 for none. */
  readonly hostOf: Int32Array
  /** `host * dimensionCount + dimension`: what is still free. */
  readonly free: Float64Array
  readonly #on: readonly Set<number>[]
  readonly #specials: readonly Set<number>[]
  readonly #isSpecial: Uint8Array
  readonly #mayUse: ((workload: number, host: number) => boolean) | undefined

  /** `mayUse` tells hosts that a workload has no claim to; all will do if absent. */
  constructor(model: FabricModel, mayUse?: (workload: number, host: number) => boolean) {
    this.model = model
    this.rules = new RuleBook(model)
    this.#mayUse = mayUse
    this.hostOf = new Int32Array(model.workloads.length).fill(-1)
    this.free = Float64Array.from(model.usable)
    this.#on = model.hosts.map(() => new Set())
    this.#specials = model.hosts.map(() => new Set())
    this.#isSpecial = Uint8Array.from(model.workloads, (_, workload) => (isSpecial(model, workload) ? 1 : 0))
  }

  /** The workloads of a host. */
  on(host: number): ReadonlySet<number> {
    return item(this.#on, host)
  }

  /** Puts a workload that is nowhere on a host. */
  put(workload: number, host: number): void {
    this.hostOf[workload] = host
    item(this.#on, host).add(workload)
    this.rules.enter(workload, host)
    this.hold(workload, host)
  }

  /** Takes a workload off its host. */
  take(workload: number): void {
    const host = at(this.hostOf, workload)
    this.hostOf[workload] = -1
    item(this.#on, host).delete(workload)
    this.rules.leave(workload, host)
    this.release(workload, host)
  }

  /** Holds room for a workload on a host without putting it there. */
  hold(workload: number, host: number): void {
    this.#change(workload, host, -1)
    if (at(this.#isSpecial, workload) === 1) item(this.#specials, host).add(workload)
  }

  /** Gives room back. */
  release(workload: number, host: number): void {
    this.#change(workload, host, 1)
    if (at(this.#isSpecial, workload) === 1) item(this.#specials, host).delete(workload)
  }

  /** True if there is room at every point, labels match, the host may be used, and devices and NUMA nodes are free; rules are asked apart. */
  hasRoom(workload: number, host: number): boolean {
    const { dimensionCount, demand } = this.model
    const row = host * dimensionCount
    const need = workload * dimensionCount
    for (let dimension = 0; dimension < dimensionCount; dimension++) {
      if (at(demand, need + dimension) > at(this.free, row + dimension)) return false
    }
    if (!isSelected(this.model, workload, host) || this.#mayUse?.(workload, host) === false) return false
    return at(this.#isSpecial, workload) === 0 || fitsSpecials(this.model, host, [...item(this.#specials, host), workload])
  }

  /** True if the workload, wherever it is, may be put on the host: room, labels, rules. */
  accepts(workload: number, host: number): boolean {
    return this.hasRoom(workload, host) && this.rules.allows(workload, at(this.hostOf, workload), host)
  }

  /** The smallest share of the host that is free in any dimension. */
  slack(host: number): number {
    const { dimensionCount, usable } = this.model
    let least = 1
    for (let index = host * dimensionCount; index < (host + 1) * dimensionCount; index++) {
      least = Math.min(least, at(this.free, index) / Math.max(1, at(usable, index)))
    }
    return least
  }

  #change(workload: number, host: number, sign: 1 | -1): void {
    const { dimensionCount, demand } = this.model
    for (let dimension = 0; dimension < dimensionCount; dimension++) {
      const index = host * dimensionCount + dimension
      this.free[index] = at(this.free, index) + sign * at(demand, workload * dimensionCount + dimension)
    }
  }
}
