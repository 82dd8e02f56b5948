import type { Amounts, plannerVersion } from '../problem.ts'

/**
 * What is to be migrated in which windows, documented in docs/reference/waves.md. All times are seconds from the start of the
 * programme. Names are unique in their list.
 */
export interface WaveProblem {
  readonly apiVersion: typeof plannerVersion
  readonly kind: 'WaveProblem'
  readonly workloads: readonly WaveWorkload[]
  readonly dependencies: readonly AppDependency[]
  /** In order, not overlapping: nights and weekends. One wave takes one window. */
  readonly windows: readonly TimeSpan[]
  /** Spans in which nothing is cut over: a window that touches one is not used. */
  readonly freezes?: readonly TimeSpan[]
  readonly limits: WaveLimits
  readonly target: WaveTarget
  readonly policy?: WavePolicy
}

/** A machine to migrate. */
export interface WaveWorkload {
  readonly name: string
  readonly app: string
  readonly diskMebibytes: number
  readonly requests: Amounts
  /** Where it runs now; the host is free when the last of its workloads has left. */
  readonly sourceHost?: string
  readonly writeMebibytesPerSecond?: number
}

/**
 * `Together`: both apps in one wave. `Before`: `to` no later than `from`, which needs it. `Near`: in one wave if that can be had;
 * if not, `weight` (traffic between them) crosses. Every kind may have a weight; 0 if absent.
 */
export interface AppDependency {
  readonly from: string
  readonly to: string
  readonly type: 'Together' | 'Before' | 'Near'
  readonly weight?: number
}

/** From, inclusive, to, exclusive. */
export interface TimeSpan {
  readonly startSeconds: number
  readonly endSeconds: number
}

/** What one window takes. */
export interface WaveLimits {
  readonly transferMebibytesPerSecond: number
  /** Machines that the staff can cut over and test. */
  readonly cutOvers: number
}

/** Where machines go: hosts that are there, and source hosts that join once they are free. */
export interface WaveTarget {
  /** What each host may be used for. */
  readonly hosts: readonly { readonly name: string; readonly usable: Amounts }[]
  /** Source hosts that are used again; others are given back. */
  readonly reusedHosts?: readonly { readonly name: string; readonly usable: Amounts }[]
  /** Waves from the one that frees a source host to the first that may use it. 1 if absent. */
  readonly reuseAfterWaves?: number
  /** So many of the largest hosts may fail at any time. 0 if absent. */
  readonly failoverHosts?: number
}

/** How careful the programme is. */
export interface WavePolicy {
  /** The first waves, each of at most `pilotWorkloads`. 0 and 10 if absent. */
  readonly pilotWaves?: number
  readonly pilotWorkloads?: number
  /** A workload that writes at least this much gets a wave with nothing else than its group. No limit if absent. */
  readonly heavyWriteMebibytesPerSecond?: number
  readonly seed?: number
  /** Trials of the local search. 300,000 if absent. */
  readonly iterations?: number
}

/** Who migrates when. */
export interface WavePlan {
  readonly apiVersion: typeof plannerVersion
  readonly kind: 'WavePlan'
  readonly waves: readonly Wave[]
  /** Apps that are migrated as one, of more than one app, with the reason. */
  readonly groups: readonly AppGroup[]
  /** Apps without a wave, with the reason. */
  readonly unplanned: readonly { readonly app: string; readonly message: string }[]
  /** Weight of dependencies between apps of different waves. */
  readonly crossWaveWeight: number
  /** No plan has fewer waves. */
  readonly boundWaves: number
  readonly gantt: readonly GanttBar[]
}

/** One wave. */
export interface Wave {
  readonly name: string
  readonly type: 'Pilot' | 'Heavy' | 'Normal'
  /** Index into the problem's windows. */
  readonly window: number
  readonly apps: readonly string[]
  readonly workloads: readonly string[]
  readonly mebibytes: number
  readonly transferSeconds: number
  /** Source hosts that have nothing left after it. */
  readonly freedHosts: readonly string[]
}

/** Apps that cannot be in different waves: some must go together, or each must go before the other (a cycle). */
export interface AppGroup {
  readonly name: string
  readonly apps: readonly string[]
  readonly reason: 'Together' | 'Cycle'
}

/** A bar of a Gantt chart: the copy and the cut-over of a wave, or a freeze. */
export interface GanttBar extends TimeSpan {
  readonly row: string
  readonly type: 'Copy' | 'CutOver' | 'Freeze'
  readonly label: string
}
