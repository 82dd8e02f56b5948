import type { PlacementRule } from './rules.ts'

/** The `apiVersion` of the planner's documents. */
export const plannerVersion = 'weir.dev/v1alpha1'

/** Whole amounts by resource name, in the unit that the problem's `resources` give; absent means 0. */
export type Amounts = Readonly<Record<string, number>>

/** Labels as of Kubernetes objects. */
export type Labels = Readonly<Record<string, string>>

/**
 * What is to be placed where: the planner's only input, documented in docs/reference/placement.md. Names are unique in their
 * list; amounts are integers from 0 to 2^53 - 1.
 */
export interface PlacementProblem {
  readonly apiVersion: typeof plannerVersion
  readonly kind: 'PlacementProblem'
  readonly metadata?: { readonly name?: string }
  /** At least one, at most 32. */
  readonly resources: readonly ResourceDefinition[]
  /** Needed if a workload has curves. */
  readonly timeline?: Timeline
  /** What can be bought or is there. At least one. */
  readonly hostTypes: readonly HostType[]
  /** Hosts that exist by name. Hosts beyond them are made up from `hostTypes` within their counts, if those leave any. */
  readonly hosts?: readonly Host[]
  readonly workloads: readonly Workload[]
  readonly rules?: readonly PlacementRule[]
  readonly policy?: Policy
}

/** One dimension of capacity. `pods` (a request of 1 each), disk or a network rate are resources like any other. */
export interface ResourceDefinition {
  /** As `cpu`, `memory`, `pods`. */
  readonly name: string
  /** For people, as `millicores` or `MiB`. */
  readonly unit: string
  /** Free on both hosts while a workload moves (memory is, CPU is not): ROADEF's "transient". False if absent. */
  readonly transient?: boolean
}

/** Points of all curves: `count` values, one for each `stepSeconds`. */
export interface Timeline {
  readonly count: number
  readonly stepSeconds: number
  /** RFC 3339, for reports. */
  readonly startTime?: string
}

/** A kind of host. */
export interface HostType {
  readonly name: string
  readonly capacity: Amounts
  /** Kept for the host itself: kubelet, system, hypervisor. */
  readonly reserve?: Amounts
  /**
   * How many there may be, `hosts` of this type among them. Absent: as many as `hosts` lists, or as are needed if it lists none
   * (`parseProblem` fills in the former).
   */
  readonly count?: number
  /** What one costs for the period that the user has in mind, in the smallest coin. 1 if absent, so that cost counts hosts. */
  readonly price?: number
  /** Licences of one host for the same period, by licence name; paid when a workload that needs the licence is on it. */
  readonly licencePrices?: Amounts
  readonly watts?: number
  /** Equal NUMA nodes that capacity is split over. 1 if absent. */
  readonly numaNodes?: number
  /** Cards that can be shared in thousandths (GPU, MIG slices) or only taken whole (PCI functions). */
  readonly devices?: readonly DevicePool[]
  readonly labels?: Labels
}

/** `count` equal devices of one model on a host. */
export interface DevicePool {
  /** As `nvidia.com/A100` or `intel.com/sriov`. */
  readonly model: string
  readonly count: number
  /** True if a device may be split by thousandths among workloads. */
  readonly shareable?: boolean
}

/** A host that exists. */
export interface Host {
  readonly name: string
  readonly type: string
  /** Failure domains among them: `topology.kubernetes.io/zone`, `rack`. They add to those of the type. */
  readonly labels?: Labels
  /** A cordoned host keeps what it runs and takes nothing; one in maintenance must be emptied. Ready if absent. */
  readonly state?: 'Ready' | 'Cordoned' | 'Maintenance'
}

/** A virtual machine or a set of containers that must be on one host. */
export interface Workload {
  readonly name: string
  /** Demand that is always there, or all of it where there is no curve. */
  readonly requests: Amounts
  /** Demand over time by resource, `timeline.count` whole amounts each; it takes the place of the request of that resource. */
  readonly curves?: Readonly<Record<string, readonly number[]>>
  /** Which workloads are alike: rules name it. The workload's own name if absent. */
  readonly app?: string
  readonly labels?: Labels
  /** The host must have these labels: host groups, CPU generations, networks and storage within reach. */
  readonly hostSelector?: Labels
  readonly devices?: readonly DeviceRequest[]
  /** Must fit one NUMA node (pinned CPUs, hugepages). False if absent. */
  readonly singleNumaNode?: boolean
  /** The licence whose price it brings to its host. */
  readonly licence?: string
  /** After a failure those of higher priority are placed first. 0 if absent. */
  readonly priority?: number
  /** False: may be shed after a failure. True if absent. */
  readonly isProtected?: boolean
  /** Where it runs now. */
  readonly currentHost?: string
  readonly move?: MoveTraits
}

/** `shares` of 1000 are a whole device; below that `count` is 1 and the pool must be shareable. */
export interface DeviceRequest {
  /** Models that will do; any if absent. */
  readonly models?: readonly string[]
  readonly count: number
  readonly shares: number
}

/** What moving a workload takes. */
export interface MoveTraits {
  /** False: it stays where it is (passthrough devices, local disks). True if absent. */
  readonly isMovable?: boolean
  /** What has to be copied. The request of `memory` if absent, whatever its curve. */
  readonly mebibytes?: number
  /** How fast the guest writes while it is copied (pre-copy). 0 if absent. */
  readonly dirtyMebibytesPerSecond?: number
  /** Moved last, in seconds before now: a cooldown may hold it. */
  readonly lastMovedSecondsAgo?: number
  /** How often it moved within 24 hours. */
  readonly movesToday?: number
}

/** What the user wants of a plan. */
export interface Policy {
  /** Fewest hosts, or least price with licences. `Hosts` if absent. */
  readonly objective?: 'Hosts' | 'Price' | 'Watts'
  /** How full a host may get, in per cent of its capacity after the reserve, by resource. 100 if absent. */
  readonly usageLimitPercent?: Amounts
  /** What may fail with every protected workload still having a place. */
  readonly failover?: Failover
  /** Any 32-bit number. 1 if absent. */
  readonly seed?: number
  readonly budget?: Budget
}

/** Any `hosts` hosts at once, and any one domain of `topologyKey`. */
export interface Failover {
  readonly hosts?: number
  readonly topologyKey?: string
  /**
   * `Strict`: the targets keep every required rule as well as it was kept before the failure. `Preferred`: where that leaves a workload
   * without a place, rules may be broken until the failure is mended, and the certificate names them; closed host sets stay closed
   * in any case. `Strict` if absent.
   */
  readonly rules?: 'Strict' | 'Preferred'
}

/** Iterations decide the plan; seconds are a cap, and a plan that met it says so. */
export interface Budget {
  readonly iterations?: number
  readonly seconds?: number
}
