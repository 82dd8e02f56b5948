/** Who a rule is about: workloads by `app`, by name, or both. */
export interface WorkloadSet {
  readonly apps?: readonly string[]
  readonly names?: readonly string[]
}

/** What all rules have. Required rules hold in every plan; a preferred one costs its weight each time that it is broken. */
interface RuleBase {
  readonly name: string
  readonly enforcement?: 'Required' | 'Preferred'
  /** For preferred rules. 1 if absent. */
  readonly weight?: number
}

/** A host label whose equal values are one domain; `host` for the host itself. */
export type TopologyKey = string

/** No two of them in one domain. */
export interface AntiAffinityRule extends RuleBase {
  readonly type: 'AntiAffinity'
  readonly workloads: WorkloadSet
  readonly topologyKey: TopologyKey
}

/** All of them in one domain. */
export interface AffinityRule extends RuleBase {
  readonly type: 'Affinity'
  readonly workloads: WorkloadSet
  readonly topologyKey: TopologyKey
}

/** At most `max` of them in one domain. */
export interface MaxPerDomainRule extends RuleBase {
  readonly type: 'MaxPerDomain'
  readonly workloads: WorkloadSet
  readonly topologyKey: TopologyKey
  readonly max: number
}

/** Where one of `first` is, at most `max` of `second` on the same host. If both are one app, `max` more of it beside the first. */
export interface InterferenceRule extends RuleBase {
  readonly type: 'Interference'
  readonly first: string
  readonly second: string
  readonly max: number
}

/** They use at least `minDomains` domains (or one each, if they are fewer). */
export interface SpreadRule extends RuleBase {
  readonly type: 'Spread'
  readonly workloads: WorkloadSet
  readonly topologyKey: TopologyKey
  readonly minDomains: number
}

/** In each domain where one of `workloads` is, there is one of `on` as well (ROADEF 2012's service dependency). */
export interface DependencyRule extends RuleBase {
  readonly type: 'Dependency'
  readonly workloads: WorkloadSet
  readonly on: WorkloadSet
  readonly topologyKey: TopologyKey
}

/**
 * They run on a closed set of hosts that nobody else uses, failover included: a licence that counts every host within reach.
 * `maxHosts` bounds the set.
 */
export interface ClosedHostSetRule extends RuleBase {
  readonly type: 'ClosedHostSet'
  readonly workloads: WorkloadSet
  readonly maxHosts?: number
}

/** A rule on where workloads are with respect to each other. */
export type PlacementRule =
  | AntiAffinityRule
  | AffinityRule
  | MaxPerDomainRule
  | InterferenceRule
  | SpreadRule
  | DependencyRule
  | ClosedHostSetRule
