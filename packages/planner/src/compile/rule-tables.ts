import type { PlacementRule } from '../rules.ts'
import type { Lists } from './typed-array.ts'

/**
 * Rules as flat tables. A *group* is the set of workloads of a rule (a dependency has two). Groups with a limit per host are
 * checked by scanning a host; groups on wider domains, or that ask for something to be there, are *tracked* by counters.
 */
export interface RuleTables {
  readonly rules: readonly PlacementRule[]
  readonly groups: readonly Group[]
  /** Per type: groups it is in, and how many of its workloads are (an item may join several). */
  readonly groupsOfType: Lists
  readonly groupCounts: Lists
  /** Per type: apps that an interference rule names, and how many of its workloads are of it. */
  readonly appsOfType: Lists
  readonly appCounts: Lists
  readonly appCount: number
  /** Per group: how many may be on one host; no limit for groups that are not scanned. */
  readonly hostLimits: Int32Array
  /** Per app that may be present: which apps it limits, and to how many. */
  readonly limitedApps: Lists
  readonly limits: Lists
  /** Per app that may be limited: which apps limit it, and to how many. */
  readonly limitingApps: Lists
  readonly limitingLimits: Lists
  /** Per type: 1 if a host must be scanned before an item is put on it. */
  readonly scans: Uint8Array
  /** Per type: tracked groups. */
  readonly isTracked: Uint8Array
  /** Per type: its closure, -1 if it is in no closed host set, -2 if its workloads differ in that, so that no host will do. */
  readonly closure: Int32Array
  /** Sets of closed host sets that workloads are in together, as indexes into `closedSets`: they share hosts with their like alone. */
  readonly closures: readonly (readonly number[])[]
  readonly closedSets: readonly { readonly rule: number; readonly maxHosts: number }[]
  /** Preferred rules about single hosts. */
  readonly softInterferences: readonly SoftInterference[]
  readonly softClosedSets: readonly SoftClosedSet[]
  /** Per group * class: the domain, or -1 if the class has no such label. Domain of key `host` is the host itself: -2. */
  readonly domainOf: Int32Array
}

/** A preferred interference between two apps, by index; `max` counts the first of them too if they are one. */
export interface SoftInterference {
  readonly weight: number
  readonly first: number
  readonly second: number
  readonly max: number
}

/** A preferred closed host set. */
export interface SoftClosedSet {
  readonly weight: number
  readonly maxHosts: number
  /** Per type: how many workloads of an item belong to the set. */
  readonly members: Int32Array
}

/** What a tracked or scanned group asks for. */
export interface Group {
  readonly rule: number
  readonly kind: 'Max' | 'Affinity' | 'Spread' | 'Dependent' | 'Dependency'
  readonly isRequired: boolean
  readonly weight: number
  /** `Max`: how many in one domain. `Spread`: how many domains. `Dependent` and `Dependency`: the index of the other group. */
  readonly value: number
  readonly isHostWide: boolean
  /** Workloads in the group. */
  readonly size: number
}
