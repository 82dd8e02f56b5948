/**
 * A running fabric that is to be balanced anew, as of the ROADEF/EURO challenge 2012: every process has a host, and any of them may get
 * another. Processes, hosts, services, locations and neighbourhoods are numbered from 0 in the order of their lists; amounts and costs
 * are whole numbers from 0 to 2^53 - 1.
 */
export interface ReassignmentProblem {
  readonly resources: readonly ReassignmentResource[]
  readonly hosts: readonly ReassignmentHost[]
  readonly services: readonly ReassignmentService[]
  readonly processes: readonly ReassignmentProcess[]
  readonly balances: readonly BalanceGoal[]
  readonly weights: MoveWeights
  /** Host of each process today. */
  readonly start: readonly number[]
}

/** One dimension of capacity. */
export interface ReassignmentResource {
  /** True if a process that moves needs it on both hosts. */
  readonly isTransient: boolean
  /** Cost of each unit above a host's safety capacity. */
  readonly loadWeight: number
}

/** A host; lists have an amount for each resource. */
export interface ReassignmentHost {
  /** Hosts that are near each other: dependencies ask for one that holds both services. */
  readonly neighbourhood: number
  /** What fails together: services spread over several. */
  readonly location: number
  /** Never exceeded. */
  readonly capacities: readonly number[]
  /** Paid for above it. */
  readonly safetyCapacities: readonly number[]
  /** Cost of a move from here to each host. */
  readonly moveCosts: readonly number[]
}

/** Processes of one service are never on one host. */
export interface ReassignmentService {
  /** Locations that it must be in, at the least. */
  readonly spreadMin: number
  /** Services that must be in every neighbourhood that this one is in. */
  readonly dependencies: readonly number[]
}

/** What moves. */
export interface ReassignmentProcess {
  readonly service: number
  /** For each resource. */
  readonly requirements: readonly number[]
  /** Cost of moving it anywhere. */
  readonly moveCost: number
}

/** A free unit of `first` is worth nothing on a host without `target` free units of `second`; what is missing is paid for. */
export interface BalanceGoal {
  readonly first: number
  readonly second: number
  readonly target: number
  readonly weight: number
}

/** What moves are worth against load. */
export interface MoveWeights {
  /** For the move costs of processes. */
  readonly process: number
  /** For the most processes that any one service moves. */
  readonly service: number
  /** For the move costs between hosts. */
  readonly host: number
}
