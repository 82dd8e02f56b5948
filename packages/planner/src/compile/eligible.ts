import type { PlacementProblem, Workload } from '../problem.ts'
import { deviceCheck } from './device-fit.ts'
import type { ClassDraft } from './host-classes.ts'
import type { DeviceTables, HostClasses, ItemTypes } from './instance.ts'
import { homeOf, type ItemDrafts } from './items.ts'
import { f64 } from './typed-array.ts'

/** What is known before eligibility. */
export interface EligibilityInput {
  readonly problem: PlacementProblem
  readonly items: ItemDrafts
  readonly drafts: readonly ClassDraft[]
  readonly types: ItemTypes
  readonly classes: HostClasses
  readonly devices: DeviceTables
  readonly closedHosts: ReadonlySet<string>
}

/** 1 at `type * classes + class` where one item of the type can be alone on a host of the class. O(types * classes). */
export function findEligible(input: EligibilityInput): Uint8Array {
  const { items, drafts } = input
  const eligible = new Uint8Array(items.types.length * drafts.length)
  const alone = deviceCheck(input)
  items.types.forEach((type, typeIndex) => {
    drafts.forEach((draft, classIndex) => {
      const isWelcome = type.sample.every((workload) => isAdmitted(workload, draft, input.closedHosts))
      if (isWelcome && fitsEmpty(input, typeIndex, classIndex) && alone([typeIndex], classIndex)) {
        eligible[typeIndex * drafts.length + classIndex] = 1
      }
    })
  })
  return eligible
}

/** True if the host's state, the selector and where the workload runs now allow it there. */
function isAdmitted(workload: Workload, draft: ClassDraft, closedHosts: ReadonlySet<string>): boolean {
  const home = homeOf(workload, closedHosts)
  const isHome = home !== undefined && draft.names.includes(home)
  if (draft.isClosed && !isHome) return false
  if (workload.move?.isMovable === false && home !== undefined && !isHome) return false
  return selectorMatches(workload, draft)
}

/** True if the class has every label that the workload asks of its host. */
export function selectorMatches(workload: Workload, draft: Pick<ClassDraft, 'labels'>): boolean {
  return Object.entries(workload.hostSelector ?? {}).every(
    ([key, value]) => Object.hasOwn(draft.labels, key) && draft.labels[key] === value,
  )
}

function fitsEmpty({ types, classes }: EligibilityInput, type: number, hostClass: number): boolean {
  const scalarCount = classes.count === 0 ? 0 : classes.usable.length / classes.count
  const seriesCount = classes.count === 0 ? 0 : classes.usableSeries.length / classes.count
  for (let scalar = 0; scalar < scalarCount; scalar++) {
    if (f64(types.need, type * scalarCount + scalar) > f64(classes.usable, hostClass * scalarCount + scalar)) return false
  }
  for (let serial = 0; serial < seriesCount; serial++) {
    if (f64(types.peak, type * seriesCount + serial) > f64(classes.usableSeries, hostClass * seriesCount + serial)) return false
  }
  return true
}
