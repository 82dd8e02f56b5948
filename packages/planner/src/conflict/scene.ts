import { selectorMatches } from '../compile/eligible.ts'
import { type ConflictModel, type HostClass, tolerance } from './model.ts'
import { type Element, indexesOf, type Part, type Trait } from './part.ts'
import { fitsSpecials } from './special-fit.ts'

/** A part of a problem ready to be placed: what counts of it, and where each workload could be if it were alone. */
export interface Scene {
  readonly model: ConflictModel
  readonly part: Part
  readonly workloads: readonly number[]
  readonly rules: readonly number[]
  /** Indexes of the resources, and of their dimensions, that are limited. */
  readonly resources: readonly number[]
  readonly dimensions: readonly number[]
  readonly has: (trait: Trait, workload: number) => boolean
  /** Classes of hosts that a workload fits alone. */
  readonly classesOf: (workload: number) => readonly number[]
}

/** The scene of `part`. O(workloads * classes * dimensions). */
export function createScene(model: ConflictModel, part: Part): Scene {
  const workloads = indexesOf(part, 'Workload')
  const resources = indexesOf(part, 'Resource')
  const limited = new Set(resources.map((index) => model.problem.resources[index]?.name))
  const enabled = new Set(part.map(keyOf))
  const base = {
    model,
    part,
    workloads,
    rules: indexesOf(part, 'Rule'),
    resources,
    dimensions: [...model.dimensions.keys()].filter((index) => limited.has(model.dimensions[index]?.resource)),
    has: (trait: Trait, workload: number) => enabled.has(keyOf({ kind: trait, index: workload })),
  }
  const found = new Map(workloads.map((workload) => [workload, findClasses(base, workload)]))
  return { ...base, classesOf: (workload) => found.get(workload) ?? [] }
}

const keyOf = ({ kind, index }: Element): string => `${kind} ${index}`

function findClasses(scene: Omit<Scene, 'classesOf'>, workload: number): readonly number[] {
  const { model, resources } = scene
  const peak = model.peakOf(workload)
  return [...model.classes.keys()].filter((index) => {
    const hostClass = model.classes[index]
    if (hostClass === undefined || !isAdmitted(scene, workload, hostClass)) return false
    const hasRoom = resources.every((resource) => (peak[resource] ?? 0) <= (hostClass.usableOf[resource] ?? 0) + tolerance)
    return hasRoom && fitsSpecials(scene, [workload], hostClass) !== false
  })
}

/** True if the state of the hosts, and those traits of the workload that count, allow it there. */
function isAdmitted({ model, has }: Omit<Scene, 'classesOf'>, workload: number, hostClass: HostClass): boolean {
  const found = model.problem.workloads[workload]
  if (found === undefined) return false
  const { currentHost, move } = found
  const isHome = currentHost !== undefined && hostClass.names.includes(currentHost)
  if (hostClass.isClosed && !isHome) return false
  const isPinned = has('move.isMovable', workload) && move?.isMovable === false && currentHost !== undefined
  if (isPinned && !isHome) return false
  return !has('hostSelector', workload) || selectorMatches(found, hostClass)
}
