import type { PlacementProblem } from '../problem.ts'
import type { RuleTables } from './rule-tables.ts'
import type { Lists } from './typed-array.ts'

/**
 * A problem as flat arrays: what bounds, search and explanation compute on. Words: an *item* is what must be on one host (a
 * workload, or several that a required affinity joins); a *type* is a set of equal items; a *class* is a set of equal hosts; a
 * *scalar* is a resource without curves, a *series* one with curves.
 */
export interface Instance {
  readonly problem: PlacementProblem
  readonly scalars: Columns
  readonly series: Series
  readonly types: ItemTypes
  readonly classes: HostClasses
  /** 1 at `type * classes.count + class` if an item of the type can be alone on a host of the class. */
  readonly eligible: Uint8Array
  readonly rules: RuleTables
  readonly devices: DeviceTables
  /** Share of each resource in how full a host is; scarce resources weigh more. Scalars first, then series; sums to 1. */
  readonly weights: Float64Array
  /** The same per unit of the resource (of the summed curve for series), measured on the average host. */
  readonly scale: Float64Array
}

/** Resources by index, as indexes into `problem.resources`. */
interface Columns {
  readonly count: number
  readonly resources: readonly number[]
}

/** Resources with curves. A row of a curve array is `count * points` long: all points of one series after those of the other. */
interface Series extends Columns {
  readonly points: number
}

/** Types of items, in order of first appearance. */
export interface ItemTypes {
  readonly count: number
  /** Items that each type has. */
  readonly amount: Int32Array
  /** `type * scalars.count + scalar`. */
  readonly need: Float64Array
  /** `type * series.count * series.points + point`. */
  readonly curve: Float64Array
  /** Highest and summed value at `type * series.count + series`. */
  readonly peak: Float64Array
  readonly total: Float64Array
  /** Items by type. */
  readonly items: Lists
  /** Workload indexes by item. */
  readonly workloads: Lists
  /** Indexes into `classes.licences` by type. */
  readonly licences: Lists
}

/** Classes of hosts. Existing hosts come before those that may be added. */
export interface HostClasses {
  readonly count: number
  /** Index into `problem.hostTypes`. */
  readonly type: Int32Array
  /** How many hosts there may be. */
  readonly limit: Int32Array
  /** `class * scalars.count + scalar` and `class * series.count + series`. */
  readonly usable: Float64Array
  readonly usableSeries: Float64Array
  /** Names of existing hosts; hosts beyond them are named after the type. */
  readonly names: readonly (readonly string[])[]
  /** True where hosts may be made up beside the existing ones. */
  readonly isOpen: readonly boolean[]
  /** What a used host of the class costs in the unit of the objective. */
  readonly cost: Float64Array
  /** `class * licences.length + licence`: what the licence costs on a host of the class. */
  readonly licenceCost: Float64Array
  readonly licences: readonly string[]
  readonly labels: readonly Readonly<Record<string, string>>[]
}

/** What of devices and NUMA nodes items ask for; `isUsed` false means that nobody asks for any. */
export interface DeviceTables {
  readonly isUsed: boolean
  /** Per type: which of `requests` it makes. */
  readonly requests: Lists
  /** Thousandths of one device, or whole devices by count. */
  readonly shares: Int32Array
  readonly deviceCount: Int32Array
  /** 1 at `request * models.length + model` if the model will do. */
  readonly accepts: Uint8Array
  readonly models: readonly string[]
  /** Per class: model of each of its devices; a shareable one is `model * 2 + 1`, another `model * 2`. */
  readonly pools: Lists
  /** Per type: 1 if it must fit one NUMA node. */
  readonly singleNuma: Uint8Array
  readonly numaNodes: Int32Array
}
