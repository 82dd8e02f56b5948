/**
 * Placement as mathematics: a problem in, a plan out, with a bound that says how much better any plan could be. Words: problem
 * (hosts, workloads, rules, policy), plan, bound, gap, certificate. No input or output, clock, or randomness but its seed; it
 * carries nothing out.
 */
export type {
  Amounts,
  Budget,
  DevicePool,
  DeviceRequest,
  Failover,
  Host,
  HostType,
  Labels,
  MoveTraits,
  PlacementProblem,
  Policy,
  ResourceDefinition,
  Timeline,
  Workload,
} from './problem.ts'
export { plannerVersion } from './problem.ts'
export type {
  AffinityRule,
  AntiAffinityRule,
  ClosedHostSetRule,
  DependencyRule,
  InterferenceRule,
  MaxPerDomainRule,
  PlacementRule,
  SpreadRule,
  TopologyKey,
  WorkloadSet,
} from './rules.ts'
export type {
  Bound,
  BoundArgument,
  Conflict,
  ConflictLimit,
  FailoverCertificate,
  Infeasibility,
  PlacementPlan,
  PlacementReason,
  PlannedHost,
  PlanRun,
  Score,
  Unplaced,
} from './plan.ts'
export { defaultIterations, plan, type PlanOptions, type PlanProgress } from './plan-problem.ts'
export { parseProblem } from './parse/parse-problem.ts'
export type { CoverProgram, CoverSolver } from './bound/cover.ts'
export { explain } from './explain/explain.ts'
export type { NamedHost } from './fabric/model/model.ts'
export { type NamedPlacement, reinforce, type Reinforced } from './fabric/reinforce.ts'
export { defaultMoveOptions, type MoveOptions } from './fabric/move-options.ts'
export type {
  Cooldown,
  HeldReason,
  HeldWorkload,
  MoveBenefit,
  MoveBound,
  MoveGoal,
  MoveLimits,
  MovePlan,
  MoveReason,
  PlannedMove,
} from './fabric/move-plan.ts'
export { planMoves } from './fabric/plan-moves.ts'
export {
  createOnlinePlacer,
  defaultOnlineOptions,
  type OnlineDecision,
  type OnlineOptions,
  type OnlinePlacer,
} from './online/online-placer.ts'
export type { ScoreWeights } from './online/scorer.ts'
export { parseWaveProblem } from './waves/parse-waves.ts'
export { planWaves } from './waves/plan-waves.ts'
export type {
  AppDependency,
  AppGroup,
  GanttBar,
  TimeSpan,
  Wave,
  WaveLimits,
  WavePlan,
  WavePolicy,
  WaveProblem,
  WaveTarget,
  WaveWorkload,
} from './waves/wave-documents.ts'
export { planReassignment, type Reassignment, type ReassignmentOptions } from './reassignment/plan-reassignment.ts'
export type {
  BalanceGoal,
  MoveWeights,
  ReassignmentHost,
  ReassignmentProblem,
  ReassignmentProcess,
  ReassignmentResource,
  ReassignmentService,
} from './reassignment/problem.ts'
