import type { Estate } from '@weir/estate'
import type { PlacementPlan, PlacementProblem } from '@weir/planner'
import { type HostShape, hostsInUse, shapeOf } from '../hosts/host-types.ts'
import { type Note, note } from '../notes/note.ts'
import type { Confidence } from '../size/evidence.ts'
import { type Claim, claimOf } from './claim.ts'
import { firstLayout, type Layout, type LeftOut } from './layout.ts'
import type { AssessmentPolicy } from './policy.ts'
import { type PlaceablePlan, planPlaceable } from './plan-placeable.ts'
import { type Refusal, type StepId, stepIds, steps } from './steps.ts'
import { toProblems } from './to-problems.ts'

/** From today's hosts to the proposed ones, one step at a time. */
export interface Waterfall {
  readonly today: Today
  readonly steps: readonly WaterfallStep[]
  /** Machines that could not be counted. */
  readonly leftOut: readonly LeftOut[]
  readonly claim: Claim
}

/** The estate as it is. */
export interface Today {
  readonly hostCount: number
  /** Cores and memory of those hosts. */
  readonly coreCount: number
  readonly hostMemoryMebibytes: number
  /** Hosts that run nothing. */
  readonly idleHostCount: number
  readonly machineCount: number
  readonly runningCount: number
  readonly cpuCount: number
  readonly memoryMebibytes: number
}

/** A step that was taken, with its figures; or one that was not. */
export type WaterfallStep =
  | {
      readonly kind: 'Taken'
      readonly id: StepId
      readonly hostCount: number
      readonly hostsByType: Readonly<Record<string, number>>
      /** Of those hosts together: a bigger host is not less hardware. */
      readonly coreCount: number
      readonly memoryMebibytes: number
      /** No layout of this kind needs fewer. */
      readonly bound: number
      readonly gapPercent: number
      /** Against the step before; negative is fewer hosts. */
      readonly changePercent: number
      readonly confidence: Confidence
      readonly assumptions: readonly Note[]
      readonly refused: readonly Refusal[]
      /** Machines that no host of this step can take. */
      readonly unplaced: readonly string[]
      readonly isCertified: boolean
    }
  | { readonly kind: 'Refused'; readonly id: StepId; readonly reason: Note; readonly remedy: Note }

/** Makes a plan; the caller decides where it is computed. */
export type Planner = (problem: PlacementProblem) => PlacementPlan | Promise<PlacementPlan>

/**
 * Takes every step that `estate` gives ground for, each on top of those before, and says what each is worth. The same estate,
 * policy and planner give the same waterfall. @throws what `planner` throws.
 */
export async function computeWaterfall(estate: Estate, policy: AssessmentPolicy, planner: Planner): Promise<Waterfall> {
  const first = firstLayout(estate, policy)
  const done: WaterfallStep[] = []
  let layout = first.layout
  for (const id of stepIds) {
    const step = steps[id](layout, policy)
    if (step.kind === 'Refused') {
      done.push({ ...step, id })
      continue
    }
    layout = step.layout
    if (layout.groups.some(({ machines, models }) => machines.length > 0 && models.length === 0)) {
      done.push({ kind: 'Refused', id, reason: note('step.noHosts'), remedy: note('step.noHosts.remedy') })
      continue
    }
    const plans = await Promise.all(toProblems(layout, policy).map((problem) => planPlaceable(problem, planner)))
    const before = done.findLast((earlier) => earlier.kind === 'Taken')?.hostCount
    const { confidence, assumptions, refused } = step
    done.push({ kind: 'Taken', id, ...figuresOf(plans, before, layout), confidence, assumptions, refused })
  }
  const today = todayOf(estate, first.layout)
  return { today, steps: done, leftOut: first.leftOut, claim: claimOf(today, done) }
}

function figuresOf(planned: readonly PlaceablePlan[], before: number | undefined, layout: Layout) {
  const plans = planned.map(({ plan }) => plan)
  const countOfType = [
    ...Map.groupBy(
      plans.flatMap(({ hosts }) => hosts),
      ({ type }) => type,
    ),
  ].map(([type, { length }]) => [type, length] as const)
  const sum = (of: (plan: PlacementPlan) => number): number => plans.reduce((total, plan) => total + of(plan), 0)
  const hostCount = sum(({ score }) => score.hostCount)
  const bound = sum((plan) => plan.bound.value)
  const shapes = new Map(layout.groups.flatMap(({ models }) => models.map((model) => [model.name, model])))
  const total = (of: (shape: HostShape) => number): number =>
    countOfType.reduce((whole, [type, count]) => whole + count * of(shapes.get(type) ?? noShape), 0)
  const names = new Map(layout.groups.flatMap(({ machines }) => machines.map(({ machine }) => [machine.id, machine.name])))
  return {
    hostCount,
    hostsByType: Object.fromEntries(countOfType),
    coreCount: total(({ cores }) => cores),
    memoryMebibytes: total(({ memoryMebibytes }) => memoryMebibytes),
    bound,
    gapPercent: bound === 0 ? 0 : (100 * (hostCount - bound)) / bound,
    changePercent: before === undefined || before === 0 ? 0 : (100 * (hostCount - before)) / before,
    unplaced: planned.flatMap(({ unplaced }) => unplaced.map((workload) => names.get(workload) ?? workload)),
    isCertified: plans.every(
      ({ certificates }) => certificates.length > 0 && certificates.every(({ unplaced }) => unplaced.length === 0),
    ),
  }
}

const noShape: HostShape = { cores: 0, mhzPerCore: 0, memoryMebibytes: 0 }

function todayOf(estate: Estate, { groups }: Layout): Today {
  const running = groups.flatMap(({ machines }) => machines)
  const inUse = hostsInUse(estate)
  const shapes = inUse.map((host) => shapeOf(host) ?? noShape)
  const hostCount = inUse.length
  return {
    hostCount,
    coreCount: shapes.reduce((sum, { cores }) => sum + cores, 0),
    hostMemoryMebibytes: shapes.reduce((sum, { memoryMebibytes }) => sum + memoryMebibytes, 0),
    idleHostCount: estate.hosts.length - hostCount,
    machineCount: estate.machines.length,
    runningCount: running.length,
    cpuCount: running.reduce((sum, { cpuCount }) => sum + cpuCount, 0),
    memoryMebibytes: running.reduce((sum, { memoryMebibytes }) => sum + memoryMebibytes, 0),
  }
}
