import type { PlacementProblem } from '../problem.ts'
import { plannerVersion } from '../problem.ts'
import { consolidate } from './consolidate.ts'
import { drain } from './drain.ts'
import type { Wanted } from './goal.ts'
import { compileFabric, currentPlaces, type FabricModel } from './model/model.ts'
import { Occupancy } from './model/occupancy.ts'
import { at } from './model/typed-array.ts'
import { mobilityOf } from './movable.ts'
import { defaultMoveOptions, type MoveOptions } from './move-options.ts'
import type { MoveGoal, MovePlan, PlannedMove } from './move-plan.ts'
import { rebalance } from './rebalance.ts'
import { scheduleMoves } from './schedule.ts'

/**
 * Plans moves of running workloads (those with a `currentHost` among the problem's hosts) for a goal: which go where, in which
 * order, and when. Rules and capacity hold after every move. A plan whose gain is below its cost has no moves; a drain is wanted
 * whatever it costs. Deterministic.
 */
export function planMoves(problem: PlacementProblem, goal: MoveGoal, given: Partial<MoveOptions> = {}): MovePlan {
  const options = { ...defaultMoveOptions, ...given }
  const model = compileFabric(problem)
  const mobility = mobilityOf(model, options)
  const wanted = wantedFor(goal, limited(model, options, goal), options)
  const schedule = scheduleMoves(occupancyOf(model), wanted.moves, mobility, options)
  const benefit = sumBenefit(schedule.moves)
  const isWorthIt = goal === 'Drain' || benefit.gain >= benefit.cost
  const moves = isWorthIt ? schedule.moves : []
  const isComplete = isWorthIt && schedule.held.length === 0
  return {
    apiVersion: plannerVersion,
    kind: 'MovePlan',
    ...(problem.metadata !== undefined && { metadata: problem.metadata }),
    goal,
    limits: options.limits,
    cooldown: options.cooldown,
    moves,
    emptiedHosts: emptiedBy(model, moves),
    held: [...wanted.held, ...schedule.held],
    makespanSeconds: moves.reduce((latest, { endSeconds }) => Math.max(latest, endSeconds), 0),
    bound: {
      ...(isComplete ? wanted.bound : { moveCount: 0, mebibytes: 0 }),
      makespanSeconds: shortestFor(moves, options),
    },
    benefit: sumBenefit(moves),
  }
}

function wantedFor(goal: MoveGoal, model: FabricModel, options: MoveOptions): Wanted {
  const occupancy = occupancyOf(model)
  const mobility = mobilityOf(model, options)
  switch (goal) {
    case 'Consolidate':
      return consolidate(occupancy, mobility, options)
    case 'Drain':
      return drain(occupancy, mobility, options)
    case 'Rebalance':
      return rebalance(occupancy, mobility, options)
  }
}

function occupancyOf(model: FabricModel): Occupancy {
  const occupancy = new Occupancy(model)
  currentPlaces(model).forEach((host, workload) => {
    if (host >= 0) occupancy.put(workload, host)
  })
  return occupancy
}

/** The model with hosts that may be filled only so far. A drain may use everything. */
function limited(model: FabricModel, { hysteresis }: MoveOptions, goal: MoveGoal): FabricModel {
  const share = hysteresis.fillUpToPercent / 100
  return share >= 1 || goal === 'Drain' ? model : { ...model, usable: model.usable.map((amount) => Math.floor(amount * share)) }
}

function sumBenefit(moves: readonly PlannedMove[]): MovePlan['benefit'] {
  return {
    gain: moves.reduce((sum, move) => sum + move.gain, 0),
    cost: moves.reduce((sum, move) => sum + move.cost, 0),
  }
}

/** No schedule of these moves is shorter: seconds over the slots of the cluster and of each host, and the longest move. */
function shortestFor(moves: readonly PlannedMove[], { limits }: MoveOptions): number {
  const seconds = new Map<string, number>()
  let longest = 0
  const add = (key: string, value: number): void => void seconds.set(key, (seconds.get(key) ?? 0) + value)
  for (const { from, to, startSeconds, endSeconds } of moves) {
    const duration = endSeconds - startSeconds
    longest = Math.max(longest, duration)
    add('all', duration / limits.cluster)
    add(`out ${from}`, duration / limits.outPerHost)
    add(`in ${to}`, duration / limits.inPerHost)
  }
  return [...seconds.values()].reduce((most, value) => Math.max(most, value), longest)
}

function emptiedBy(model: FabricModel, moves: readonly PlannedMove[]): readonly string[] {
  const places = currentPlaces(model)
  const counts = new Int32Array(model.hosts.length)
  for (const host of places) if (host >= 0) counts[host] = at(counts, host) + 1
  const before = Int32Array.from(counts)
  for (const { from, to } of moves) {
    const source = model.hostByName.get(from) ?? 0
    const target = model.hostByName.get(to) ?? 0
    counts[source] = at(counts, source) - 1
    counts[target] = at(counts, target) + 1
  }
  return model.hosts.flatMap(({ name }, host) => (at(before, host) > 0 && at(counts, host) === 0 ? [name] : []))
}
