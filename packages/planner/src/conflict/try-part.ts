import { type HostClass, tolerance } from './model.ts'
import { traits } from './part.ts'
import { createRuleState, type Place, type RuleState } from './rule-state.ts'
import type { Scene } from './scene.ts'
import { fitsSpecials } from './special-fit.ts'
import type { Steps } from './steps.ts'

/** Whether a part can be placed; `Unknown` if the steps did not suffice to say so. */
export type Answer = 'Placeable' | 'Impossible' | 'Unknown'

/** Beyond this many workloads a search by trying is hopeless. */
const mostWorkloads = 512

/** A host in use. */
interface Slot extends Place {
  readonly load: Float64Array
  readonly workloads: number[]
}

interface Trial {
  readonly scene: Scene
  readonly order: readonly number[]
  readonly rules: readonly RuleState[]
  readonly slots: Slot[]
  readonly usedOfClass: Int32Array
  readonly steps: Steps
  /** True for members of a rule that wants them on hosts of their own. */
  readonly isLoner: (workload: number) => boolean
  /** A packing of devices was given up and counted as possible. */
  isDoubtful: boolean
  isOver: boolean
}

/**
 * Places a scene by trying every way: workloads with the least choice first, equal workloads and equal empty hosts in one order only.
 */
export function tryScene(scene: Scene, steps: Steps): Answer {
  if (scene.workloads.length > mostWorkloads) return 'Unknown'
  const trial: Trial = {
    scene,
    order: inOrder(scene),
    rules: scene.rules.flatMap((rule) => createRuleState(scene, rule) ?? []),
    slots: [],
    usedOfClass: new Int32Array(scene.model.classes.length),
    steps,
    isLoner: lonersOf(scene),
    isDoubtful: false,
    isOver: false,
  }
  if (!trial.rules.every((rule) => rule.mayHold())) return 'Impossible'
  if (place(trial, 0, 0)) return trial.isDoubtful ? 'Unknown' : 'Placeable'
  return trial.isOver ? 'Unknown' : 'Impossible'
}

function lonersOf({ model, rules }: Scene): (workload: number) => boolean {
  const scopes = rules.flatMap((rule) => model.scopes[rule] ?? [])
  const parting = scopes.filter(({ rule }) => 'topologyKey' in rule && rule.topologyKey === 'host' && rule.type !== 'Affinity')
  return (workload) => parting.some(({ members }) => members.has(workload))
}

function inOrder({ model, workloads, classesOf }: Scene): readonly number[] {
  const hosts = (workload: number): number =>
    classesOf(workload).reduce((sum, index) => sum + (model.classes[index]?.limit ?? 0), 0)
  const keys = new Map(
    workloads.map((workload) => {
      const size = model.demandOf(workload).reduce((most, amount) => Math.max(most, amount), 0)
      return [workload, [hosts(workload), -model.rulesOf(workload).length, -size]]
    }),
  )
  return workloads.toSorted((a, b) => {
    const [one, two] = [keys.get(a) ?? [], keys.get(b) ?? []]
    const at = one.findIndex((value, index) => value !== two[index])
    if (at >= 0) return (one[at] ?? 0) - (two[at] ?? 0)
    const [kind, other] = [model.kindOf(a), model.kindOf(b)]
    // By code units: a locale would order kinds otherwise on other machines.
    return kind === other ? a - b : kind < other ? -1 : 1
  })
}

/** Places `order[position]` and what follows; `first` is the slot of an equal workload before it, or 0. */
function place(trial: Trial, position: number, first: number): boolean {
  const workload = trial.order[position]
  if (workload === undefined) return true
  const next = trial.order[position + 1]
  const isAlike = next !== undefined && areAlike(trial.scene, workload, next)
  const go = (slot: Slot): boolean => {
    if (!put(trial, workload, slot)) return false
    const isPlaced = place(trial, position + 1, isAlike ? slot.slot : 0)
    take(trial, workload, slot)
    return isPlaced
  }
  const classes = trial.scene.classesOf(workload)
  const isOnNew = (): boolean => classes.some((hostClass) => !trial.isOver && openSlot(trial, hostClass, go))
  // Those that must be apart find a host of their own sooner than beside others.
  if (trial.isLoner(workload)) return isOnNew() || isOnUsed(trial, { first, classes, go })
  return isOnUsed(trial, { first, classes, go }) || isOnNew()
}

function isOnUsed(
  trial: Trial,
  { first, classes, go }: { readonly first: number; readonly classes: readonly number[]; readonly go: (slot: Slot) => boolean },
): boolean {
  const welcome = new Set(classes)
  for (let index = first; index < trial.slots.length && !trial.isOver; index++) {
    const slot = trial.slots[index]
    if (slot !== undefined && welcome.has(slot.hostClass) && go(slot)) return true
  }
  return false
}

function areAlike({ model, has }: Scene, a: number, b: number): boolean {
  if (model.kindOf(a) !== model.kindOf(b)) return false
  return traits.every((trait) => has(trait, a) === has(trait, b))
}

/** Tries `go` with one more host of a class, if there is one. */
function openSlot(trial: Trial, hostClass: number, go: (slot: Slot) => boolean): boolean {
  const { scene, slots, usedOfClass } = trial
  const used = usedOfClass[hostClass] ?? 0
  if (used >= (scene.model.classes[hostClass]?.limit ?? 0)) return false
  const slot: Slot = {
    slot: slots.length,
    hostClass,
    load: new Float64Array(scene.dimensions.length),
    workloads: [],
  }
  usedOfClass[hostClass] = used + 1
  slots.push(slot)
  const isPlaced = go(slot)
  slots.pop()
  usedOfClass[hostClass] = used
  return isPlaced
}

/** Puts a workload on a slot; false, with nothing put, if it may not be there. */
function put(trial: Trial, workload: number, slot: Slot): boolean {
  const { scene, rules, steps } = trial
  const hostClass = scene.model.classes[slot.hostClass]
  if (!steps.take(1)) trial.isOver = true
  if (trial.isOver || hostClass === undefined || !hasRoom(scene, workload, { slot, hostClass })) return false
  if (rules.some((rule) => rule.refuses(workload, slot))) return false
  const fit = fitsSpecials(scene, [...slot.workloads, workload], hostClass)
  if (fit === false) return false
  trial.isDoubtful ||= fit === undefined
  change(trial, workload, slot, 1)
  slot.workloads.push(workload)
  if (rules.every((rule) => rule.mayHold())) return true
  take(trial, workload, slot)
  return false
}

function take(trial: Trial, workload: number, slot: Slot): void {
  slot.workloads.pop()
  change(trial, workload, slot, -1)
}

function change({ scene, rules }: Trial, workload: number, slot: Slot, step: 1 | -1): void {
  const demand = scene.model.demandOf(workload)
  scene.dimensions.forEach((dimension, at) => (slot.load[at] = (slot.load[at] ?? 0) + step * (demand[dimension] ?? 0)))
  for (const rule of rules) rule.change(workload, slot, step)
}

function hasRoom(
  { model, dimensions }: Scene,
  workload: number,
  { slot, hostClass }: { readonly slot: Slot; readonly hostClass: HostClass },
): boolean {
  const demand = model.demandOf(workload)
  return dimensions.every(
    (dimension, at) => (slot.load[at] ?? 0) + (demand[dimension] ?? 0) <= (hostClass.usable[dimension] ?? 0) + tolerance,
  )
}
