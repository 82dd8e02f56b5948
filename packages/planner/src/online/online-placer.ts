import { compileFabric, type FabricModel } from '../fabric/model/model.ts'
import { type Roles, RuleCounters } from '../fabric/model/rule-counters.ts'
import { item } from '../fabric/model/typed-array.ts'
import type { PlacementReason } from '../plan.ts'
import type { PlacementProblem, Workload } from '../problem.ts'
import { type Candidates, createCandidates } from './candidates.ts'
import { explainHost } from './explain.ts'
import { change, createHostState, type HostState, type Stay } from './host-state.ts'
import { createScorer, type Scorer, type ScoreWeights } from './scorer.ts'
import { deviceModelsOf, type Shape, shapeKeyOf, shapeOf, typicalMix } from './shape.ts'
import { createStranding } from './stranding.ts'

/** How single workloads are placed. */
export interface OnlineOptions {
  readonly weights: ScoreWeights
  /** How many of the most frequent shapes make up the mix for which room is kept usable. */
  readonly mixSize: number
  /** How many changed hosts one decision looks at again at most, unless it finds no place among them. */
  readonly hostsPerDecision: number
}

/** What is taken for options that are not given. */
export const defaultOnlineOptions: OnlineOptions = {
  weights: { stranding: 1, fit: 0.03, curve: 0.5 },
  mixSize: 32,
  hostsPerDecision: 128,
}

/** Where a workload went, with the terms of the score; or the reasons of each host against it. */
export type OnlineDecision =
  | { readonly kind: 'Placed'; readonly workload: string; readonly host: string; readonly score: ScoreWeights }
  | { readonly kind: 'Unplaced'; readonly workload: string; readonly reasons: readonly PlacementReason[] }

/** Places workloads one by one as they come. */
export interface OnlinePlacer {
  /**
   * Puts a workload on the best host now and remembers it. A name that is placed already is answered with where it is. Reasons are
   * looked up only with `explain`, which costs O(hosts); without it they are empty.
   */
  readonly place: (workload: Workload, how?: { readonly explain: boolean }) => OnlineDecision
  /** Forgets a workload and frees its room; false if it is not there. */
  readonly remove: (name: string) => boolean
  /** Why each host takes it or not, whether or not it is placed: the hosts against it, in order. */
  readonly explain: (workload: Workload) => readonly PlacementReason[]
}

interface Placed extends Stay {
  readonly roles: Roles
  readonly score: ScoreWeights
}

/**
 * A placer over the hosts of a problem, with its workloads where they run (`currentHost`); all of its workloads make up the mix
 * that room is kept usable for. Holds all required rules. Deterministic: the same calls give the same decisions.
 */
export function createOnlinePlacer(problem: PlacementProblem, given: Partial<OnlineOptions> = {}): OnlinePlacer {
  return new Placer(compileFabric(problem), { ...defaultOnlineOptions, ...given })
}

class Placer implements OnlinePlacer {
  readonly #model: FabricModel
  readonly #state: HostState
  readonly #score: Scorer
  readonly #candidates: Candidates
  readonly #rules: RuleCounters
  readonly #placed = new Map<string, Placed>()
  readonly #shapes = new Map<string, Shape>()

  constructor(model: FabricModel, { weights, mixSize, hostsPerDecision }: OnlineOptions) {
    const deviceModels = deviceModelsOf(model)
    this.#model = model
    this.#state = createHostState(model, deviceModels)
    this.#score = createScorer(this.#state, createStranding(this.#state, typicalMix(model, deviceModels, mixSize)), weights)
    this.#candidates = createCandidates(model.hosts, this.#score, hostsPerDecision)
    this.#rules = new RuleCounters(model)
    for (const workload of model.workloads) this.#adopt(workload)
  }

  readonly place = (workload: Workload, how?: { readonly explain: boolean }): OnlineDecision => {
    const { name } = workload
    const known = this.#placed.get(name)
    if (known !== undefined) return this.#decision(name, known)
    const shape = this.#shapeOf(workload)
    const roles = this.#rules.rolesOf(workload)
    const host = this.#candidates.find(shape, (candidate) => this.#rules.allows(roles, -1, candidate))
    const place = host < 0 ? undefined : this.#score(shape, host)
    if (place === undefined) {
      return { kind: 'Unplaced', workload: name, reasons: how?.explain === true ? this.explain(workload) : [] }
    }
    const { stranding, fit, curve, taken } = place
    const placed = { host, shape, taken, roles, score: { stranding, fit, curve } }
    this.#put(name, placed)
    return this.#decision(name, placed)
  }

  readonly remove = (name: string): boolean => {
    const placed = this.#placed.get(name)
    if (placed === undefined) return false
    this.#placed.delete(name)
    change(this.#state, placed, 1)
    this.#rules.leave(placed.roles, placed.host)
    this.#candidates.touch(placed.host)
    return true
  }

  readonly explain = (workload: Workload): readonly PlacementReason[] => {
    const shape = this.#shapeOf(workload)
    const roles = this.#rules.rolesOf(workload)
    return this.#model.hosts.flatMap(
      (_, host) =>
        explainHost(this.#state, shape, host, {
          isPossible: this.#score(shape, host) !== undefined,
          broken: this.#rules.brokenBy(roles, host),
        }) ?? [],
    )
  }

  /** A workload that runs already, whether or not its host has room for it. */
  #adopt(workload: Workload): void {
    const host = this.#model.hostByName.get(workload.currentHost ?? '')
    if (host === undefined) return
    const shape = this.#shapeOf(workload)
    const roles = this.#rules.rolesOf(workload)
    const { taken, ...terms } = this.#score(shape, host) ?? { taken: { devices: [] }, stranding: 0, fit: 0, curve: 0 }
    this.#put(workload.name, {
      host,
      shape,
      taken,
      roles,
      score: { stranding: terms.stranding, fit: terms.fit, curve: terms.curve },
    })
  }

  #put(name: string, placed: Placed): void {
    this.#placed.set(name, placed)
    change(this.#state, placed, -1)
    this.#rules.enter(placed.roles, placed.host)
    this.#candidates.touch(placed.host)
  }

  #shapeOf(workload: Workload): Shape {
    const key = shapeKeyOf(workload)
    const shape = this.#shapes.get(key) ?? shapeOf(this.#model, this.#state.deviceModels, workload)
    // Shapes that nobody has a heap for are not kept either.
    if (this.#shapes.size > 4096) this.#shapes.clear()
    this.#shapes.set(key, shape)
    return shape
  }

  #decision(name: string, { host, score }: Placed): OnlineDecision {
    return { kind: 'Placed', workload: name, host: item(this.#model.hosts, host).name, score }
  }
}
