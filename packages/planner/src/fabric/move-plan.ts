import type { plannerVersion } from '../problem.ts'

/**
 * Moves of running workloads from the hosts where they are (`currentHost` of the problem) to others, with times. Documented in
 * docs/reference/placement-moves.md. The state after any number of its moves is valid: it can be stopped at any time by
 * starting no more.
 */
export interface MovePlan {
  readonly apiVersion: typeof plannerVersion
  readonly kind: 'MovePlan'
  readonly metadata?: { readonly name?: string }
  readonly goal: MoveGoal
  readonly limits: MoveLimits
  readonly cooldown: Cooldown
  /** By start, then in the order in which they must not overtake each other. */
  readonly moves: readonly PlannedMove[]
  /** Hosts that had workloads and have none after the last move, by name. */
  readonly emptiedHosts: readonly string[]
  /** Workloads that the goal would move and the plan does not, with the reason. */
  readonly held: readonly HeldWorkload[]
  /** When the last move ends, from the start of the plan. */
  readonly makespanSeconds: number
  /** No plan for the same goal does with less. */
  readonly bound: MoveBound
  readonly benefit: MoveBenefit
}

/** To free hosts, to empty hosts in maintenance, or to relieve hosts that are too full. */
export type MoveGoal = 'Consolidate' | 'Drain' | 'Rebalance'

/** What may run at once. */
export interface MoveLimits {
  readonly outPerHost: number
  readonly inPerHost: number
  readonly cluster: number
  /** The network of one host, each way. */
  readonly linkMebibytesPerSecond: number
  /** The most that one move gets. */
  readonly moveMebibytesPerSecond: number
}

/** After a move a workload rests for `baseSeconds`, doubled for each further move within 24 hours, at most `maxSeconds`. */
export interface Cooldown {
  readonly baseSeconds: number
  readonly maxSeconds: number
}

/** One live migration. It takes `mebibytes` / (`mebibytesPerSecond` - the guest's dirty rate) seconds (pre-copy). */
export interface PlannedMove {
  readonly workload: string
  readonly from: string
  readonly to: string
  readonly startSeconds: number
  readonly endSeconds: number
  readonly mebibytes: number
  readonly mebibytesPerSecond: number
  readonly reason: MoveReason
  /** What the move brings and what it takes, both in seconds of one running host. */
  readonly gain: number
  readonly cost: number
}

/** `Empty` and `Drain` take it off a host that is to be empty, `MakeRoom` off one that has to take others, `Stage` is the first half of a cycle, `Relieve` and `Balance` take it off a host that is too full or fuller than others. */
export type MoveReason = 'Empty' | 'Drain' | 'MakeRoom' | 'Stage' | 'Relieve' | 'Balance'

/** A workload that stays and why. */
export interface HeldWorkload {
  readonly workload: string
  readonly reason: HeldReason
  readonly message: string
}

/** It rests after a move, may not be moved at all, writes faster than a move copies, or fits nowhere else. */
export type HeldReason = 'Cooldown' | 'Immovable' | 'WritesTooFast' | 'NoPlace'

/** Lower bounds on what the goal takes. */
export interface MoveBound {
  readonly moveCount: number
  readonly mebibytes: number
  readonly makespanSeconds: number
}

/** The sums over all moves, in seconds of one running host. A plan whose gain is below its cost has no moves. */
export interface MoveBenefit {
  readonly gain: number
  readonly cost: number
}
