import type { Amounts, plannerVersion } from './problem.ts'

/** Where everything goes, how good that is, and how good anything could be. */
export interface PlacementPlan {
  readonly apiVersion: typeof plannerVersion
  readonly kind: 'PlacementPlan'
  readonly metadata?: { readonly name?: string }
  /** Hosts that are used, by name; with a failover policy, those kept empty for failures too. */
  readonly hosts: readonly PlannedHost[]
  /** Host name by workload name. */
  readonly assignments: Readonly<Record<string, string>>
  /** Empty unless the problem has no solution, or none was found. */
  readonly unplaced: readonly Unplaced[]
  /** Only where something is unplaced: whether any plan could do better. */
  readonly infeasibility?: Infeasibility
  readonly score: Score
  readonly bound: Bound
  /** One for each failure that the policy names; empty without a failover policy. */
  readonly certificates: readonly FailoverCertificate[]
  readonly run: PlanRun
}

/** A used host with its load. */
export interface PlannedHost {
  readonly name: string
  readonly type: string
  readonly workloadCount: number
  /** Without curves: the sum of requests. With curves: the highest point of the summed curve. */
  readonly peak: Amounts
  /** What may be used: capacity less reserve, times the usage limit. */
  readonly usable: Amounts
}

/** A workload without a host, with every constraint that keeps it off an empty host, for each type of host. */
export interface Unplaced {
  readonly workload: string
  readonly reasons: readonly PlacementReason[]
}

/** Why a host, or each host of a type, is no place for a workload. `constraint` is a resource, a rule's name or a built-in check. */
export interface PlacementReason {
  readonly host: string
  readonly constraint: string
  readonly message: string
}

/**
 * Whether it was proven that no plan places everything. `Proven`: each conflict alone makes it impossible. `NotProven`: no conflict
 * was found in the steps that were taken; there may be a plan that more iterations would find.
 */
export interface Infeasibility {
  readonly status: 'Proven' | 'NotProven'
  /** At most 10, each about other unplaced workloads. */
  readonly conflicts: readonly Conflict[]
  /** Looks at one host for one workload that the proof took. */
  readonly stepCount: number
}

/** Constraints that the hosts of the problem cannot keep together, whatever the rest. */
export interface Conflict {
  /** Required rules, by name. */
  readonly rules: readonly string[]
  readonly workloads: readonly string[]
  readonly limits: readonly ConflictLimit[]
  /** True if each of the rules, workloads and limits is needed: without any one of them the others can be kept. False: not proven. */
  readonly isMinimal: boolean
  readonly message: string
}

/** A resource by name, or, of one workload, `hostSelector`, `move.isMovable`, `devices` or `singleNumaNode`. */
export interface ConflictLimit {
  readonly constraint: string
  readonly workload?: string
}

/** What the plan costs, term by term, in the order in which terms decide. */
export interface Score {
  readonly hostCount: number
  readonly price: number
  readonly licencePrice: number
  readonly watts: number
  /** Preferred rules that are broken, by weight. */
  readonly preference: number
  /** Mebibytes to move from where workloads run now. */
  readonly moveMebibytes: number
}

/** No plan whatever uses less. `value` is in the unit of the objective. */
export interface Bound {
  readonly value: number
  /** Which argument gave the best value. */
  readonly by: BoundArgument
  readonly all: readonly { readonly by: BoundArgument; readonly value: number }[]
  /** (plan - bound) / bound, in per cent. */
  readonly gapPercent: number
}

/**
 * `Volume` sums demand, `DualFeasible` counts how many items can share a host (Fekete and Schepers 2001), `Waste` adds room that nothing can
 * use beside giants, `Time` sums demand at each moment, `Devices` counts devices by model, `Cover` solves the covering integer
 * programme, `Group` counts anti-affinity, `Licences` adds the least that licences cost, `ClosedSets` sums over closed host sets and
 * the rest, `Failover` adds the hosts that may fail.
 */
export type BoundArgument =
  | 'Volume'
  | 'DualFeasible'
  | 'Waste'
  | 'Time'
  | 'Devices'
  | 'Cover'
  | 'Group'
  | 'Licences'
  | 'ClosedSets'
  | 'Failover'

/** Proof that a failure can be survived: each protected workload of the lost hosts has a place of its own. */
export interface FailoverCertificate {
  readonly lostHosts: readonly string[]
  readonly targets: Readonly<Record<string, string>>
  /** Protected workloads that would have no place; empty in a valid certificate. */
  readonly unplaced: readonly string[]
  /** Rules that the targets break, where `failover.rules` is `Preferred`; absent if none. */
  readonly relaxed?: readonly string[]
}

/** How the plan came about: the same problem, seed and iterations give the same `hash`. */
export interface PlanRun {
  readonly seed: number
  readonly iterations: number
  /** True if time or a signal ended it before its iterations. */
  readonly isCutShort: boolean
  /** SHA-256 of the assignments, hex. */
  readonly hash: string
}
