import { amount } from '../fabric/model/model.ts'
import { at, item } from '../fabric/model/typed-array.ts'
import { type WaveModel, windowMebibytes } from './wave-model.ts'

/** Which group is in which wave, with the sums that decide what else fits. Wave i takes the i-th usable window. */
export class WaveState {
  readonly model: WaveModel
  /** Wave of each group, -1 for none. */
  readonly waveOf: Int32Array
  readonly #mebibytes: Float64Array
  readonly #cutOvers: Float64Array
  readonly #heavy: Int32Array
  readonly #groupCount: Int32Array

  constructor(model: WaveModel) {
    const waveCount = model.windows.length
    this.model = model
    this.waveOf = new Int32Array(model.groups.length).fill(-1)
    this.#mebibytes = new Float64Array(waveCount)
    this.#cutOvers = new Float64Array(waveCount)
    this.#heavy = new Int32Array(waveCount)
    this.#groupCount = new Int32Array(waveCount)
  }

  /** Puts a group into a wave, or takes it out (-1). */
  set(group: number, wave: number): void {
    const before = at(this.waveOf, group)
    if (before >= 0) this.#add(group, before, -1)
    this.waveOf[group] = wave
    if (wave >= 0) this.#add(group, wave, 1)
  }

  /** True if the wave has room for all that is in it: copy, staff, pilot size, heavy groups alone. */
  isWaveFine(wave: number): boolean {
    const { model } = this
    const workloadLimit =
      wave < model.pilotWaves ? Math.min(model.pilotWorkloads, model.problem.limits.cutOvers) : model.problem.limits.cutOvers
    return (
      at(this.#cutOvers, wave) <= workloadLimit &&
      at(this.#mebibytes, wave) <= windowMebibytes(model, item(model.windows, wave)) &&
      (at(this.#heavy, wave) === 0 || at(this.#groupCount, wave) === 1) &&
      (at(this.#heavy, wave) === 0 || wave >= model.pilotWaves)
    )
  }

  /** True if a group is not before what it needs, nor after what needs it. Groups without a wave do not count. */
  isOrdered(group: number): boolean {
    const { before, after } = item(this.model.groups, group)
    const wave = at(this.waveOf, group)
    for (const other of before) if (at(this.waveOf, other) > wave) return false
    for (const other of after) if (at(this.waveOf, other) >= 0 && at(this.waveOf, other) < wave) return false
    return true
  }

  /** How many groups are in a wave. */
  count(wave: number): number {
    return at(this.#groupCount, wave)
  }

  /** Weight of dependencies between a group and groups of the same wave. */
  nearness(group: number): number {
    let sum = 0
    for (const [other, weight] of item(this.model.groups, group).near) {
      if (at(this.waveOf, other) === at(this.waveOf, group)) sum += weight
    }
    return sum
  }

  /** True if after every wave all that has been migrated fits the hosts that are there, less the largest that may fail. */
  fitsTarget(): boolean {
    const { resources } = this.model
    const freedBy = this.#reuseWaves()
    return resources.every((resource, index) => this.#fitsResource(resource, index, freedBy))
  }

  #fitsResource(resource: string, index: number, freedBy: readonly number[]): boolean {
    const { target } = this.model.problem
    const waveCount = this.model.windows.length
    const need = new Float64Array(waveCount)
    for (const [group, { need: needs }] of this.model.groups.entries()) {
      const wave = at(this.waveOf, group)
      if (wave >= 0) need[wave] = at(need, wave) + (needs[index] ?? 0)
    }
    const base = target.hosts.map(({ usable }) => amount(usable, resource))
    let total = 0
    for (let wave = 0; wave < waveCount; wave++) {
      total += at(need, wave)
      if (at(need, wave) === 0) continue
      const joined = (target.reusedHosts ?? []).filter((_, host) => (freedBy[host] ?? Number.POSITIVE_INFINITY) <= wave)
      const sizes = [...base, ...joined.map(({ usable }) => amount(usable, resource))].toSorted((a, b) => b - a)
      const room = sizes.slice(target.failoverHosts ?? 0).reduce((sum, size) => sum + size, 0)
      if (total > room) return false
    }
    return true
  }

  /** The first wave that may use each source host that is used again. */
  #reuseWaves(): readonly number[] {
    const wait = this.model.problem.target.reuseAfterWaves ?? 1
    return this.model.hostGroups.map((groups) => {
      if (groups.length === 0) return 0
      let last = -1
      for (const group of groups) {
        const wave = at(this.waveOf, group)
        if (wave < 0) return Number.POSITIVE_INFINITY
        last = Math.max(last, wave)
      }
      return last + wait
    })
  }

  #add(group: number, wave: number, sign: 1 | -1): void {
    const { mebibytes, workloads, isHeavy } = item(this.model.groups, group)
    this.#mebibytes[wave] = at(this.#mebibytes, wave) + sign * mebibytes
    this.#cutOvers[wave] = at(this.#cutOvers, wave) + sign * workloads.length
    this.#heavy[wave] = at(this.#heavy, wave) + (isHeavy ? sign : 0)
    this.#groupCount[wave] = at(this.#groupCount, wave) + sign
  }
}
