import { createOnlinePlacer, type PlacementProblem, type PlacementReason, type ScoreWeights, type Workload } from '@weir/planner'

/** Where workloads go that come one by one, documented in docs/reference/online-placement.md. */
export interface PlacementDecisions {
  readonly apiVersion: 'weir.dev/v1alpha1'
  readonly kind: 'PlacementDecisions'
  readonly metadata?: { readonly name?: string }
  /** In the order in which the workloads came; each finds those before it in place. */
  readonly decisions: readonly PlacementDecision[]
}

/** One workload with its host and the terms of its score, or without one. */
export type PlacementDecision = (
  | { readonly kind: 'Placed'; readonly workload: string; readonly host: string; readonly score: ScoreWeights }
  | { readonly kind: 'Unplaced'; readonly workload: string }
) & {
  /** How many hosts each constraint keeps it off, the first one of each host counting. */
  readonly refusedBy: Readonly<Record<string, number>>
  /** For each constraint the first host; every host if all were asked for. */
  readonly reasons: readonly PlacementReason[]
}

/** Places `workloads` one after the other on the running fabric, each with all reasons against hosts. O(workloads x hosts). */
export function decide(
  problem: PlacementProblem,
  workloads: readonly Workload[],
  { withAllReasons }: { readonly withAllReasons: boolean },
): PlacementDecisions {
  const placer = createOnlinePlacer(withMix(problem, workloads))
  const decisions = workloads.map((workload): PlacementDecision => {
    // Before it is placed: afterwards it would be in its own way.
    const refusals = placer.explain(workload)
    const decision = placer.place(workload)
    const shown = { refusedBy: countBy(refusals), reasons: withAllReasons ? refusals : firstOfEach(refusals) }
    return decision.kind === 'Placed' ? { ...decision, ...shown } : { kind: 'Unplaced', workload: workload.name, ...shown }
  })
  return {
    apiVersion: 'weir.dev/v1alpha1',
    kind: 'PlacementDecisions',
    ...(problem.metadata === undefined ? {} : { metadata: problem.metadata }),
    decisions,
  }
}

/** The problem with the new workloads in its mix, so that room is kept usable for more of their kind. */
function withMix(problem: PlacementProblem, workloads: readonly Workload[]): PlacementProblem {
  const known = new Set(problem.workloads.map(({ name }) => name))
  return { ...problem, workloads: [...problem.workloads, ...workloads.filter(({ name }) => !known.has(name))] }
}

function countBy(refusals: readonly PlacementReason[]): Readonly<Record<string, number>> {
  const counts = Map.groupBy(refusals, ({ constraint }) => constraint)
  return Object.fromEntries([...counts].map(([constraint, list]) => [constraint, list.length]))
}

function firstOfEach(refusals: readonly PlacementReason[]): readonly PlacementReason[] {
  const seen = new Set<string>()
  return refusals.filter(({ constraint }) => !seen.has(constraint) && seen.add(constraint))
}
