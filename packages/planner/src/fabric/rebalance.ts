import { movedSince, restore, type Wanted, type WantedMove } from './goal.ts'
import type { Occupancy } from './model/occupancy.ts'
import { at, item } from './model/typed-array.ts'
import type { Mobility } from './movable.ts'
import type { MoveOptions } from './move-options.ts'

/** At most this many workloads are moved for one plan. */
const maxMoves = 1000

/**
 * Which workloads go where so that no host is used above `fillUpToPercent` and hosts are used alike. From the fullest host on, the
 * move to the emptiest hosts that lowers the sum of squared use most for what it costs; one that is not worth its cost is not made.
 * A workload moves at most once. Leaves `occupancy` as it was. O(moves x workloads of a host x hosts).
 */
export function rebalance(occupancy: Occupancy, mobility: Mobility, options: MoveOptions): Wanted {
  const before = Int32Array.from(occupancy.hostOf)
  const gains = new Map<number, WantedMove>()
  const stuck = new Set<number>()
  while (gains.size < maxMoves) {
    const from = fullest(occupancy, stuck)
    if (from === undefined) break
    const best = bestMove(occupancy, { from, mobility, options, isMoved: (workload) => gains.has(workload) })
    if (best === undefined) {
      stuck.add(from)
      continue
    }
    occupancy.take(best.workload)
    occupancy.put(best.workload, best.to)
    gains.set(best.workload, best)
  }
  const moves = movedSince(occupancy, before).flatMap((workload) => gains.get(workload) ?? [])
  restore(occupancy, before)
  return { goal: 'Rebalance', moves, held: [], bound: { moveCount: 0, mebibytes: 0 } }
}

function useOf(occupancy: Occupancy, host: number): number {
  return 1 - occupancy.slack(host)
}

function fullest(occupancy: Occupancy, stuck: ReadonlySet<number>): number | undefined {
  const hosts = [...occupancy.model.hosts.keys()].filter((host) => !stuck.has(host) && occupancy.on(host).size > 0)
  return hosts.toSorted((a, b) => useOf(occupancy, b) - useOf(occupancy, a) || a - b)[0]
}

interface Question {
  readonly from: number
  readonly mobility: Mobility
  readonly options: MoveOptions
  readonly isMoved: (workload: number) => boolean
}

function bestMove(occupancy: Occupancy, { from, mobility, options, isMoved }: Question): WantedMove | undefined {
  const { stableSeconds, moveSecondCost } = options.benefit
  const limit = options.hysteresis.fillUpToPercent / 100
  const isOver = useOf(occupancy, from) > limit
  let best: WantedMove | undefined
  let bestNet = 0
  for (const workload of occupancy.on(from)) {
    if (isMoved(workload) || mobility.heldBy(workload) !== undefined) continue
    const cost = at(mobility.seconds, workload) * moveSecondCost
    for (const to of targetsFor(occupancy, workload, from)) {
      const gain = stableSeconds * squaresSaved(occupancy, workload, from, to)
      const net = gain - cost
      if (net <= bestNet) continue
      bestNet = net
      best = { workload, to, reason: isOver ? 'Relieve' : 'Balance', gain }
    }
  }
  return best
}

/** The three emptiest hosts that accept the workload. */
function targetsFor(occupancy: Occupancy, workload: number, from: number): readonly number[] {
  const { model } = occupancy
  return [...model.hosts.keys()]
    .filter((host) => host !== from && item(model.hosts, host).state === 'Ready' && occupancy.accepts(workload, host))
    .toSorted((a, b) => useOf(occupancy, a) - useOf(occupancy, b) || a - b)
    .slice(0, 3)
}

/** By how much a move lowers the sum of squared use over both hosts. */
function squaresSaved(occupancy: Occupancy, workload: number, from: number, to: number): number {
  const squares = (): number => useOf(occupancy, from) ** 2 + useOf(occupancy, to) ** 2
  const before = squares()
  occupancy.release(workload, from)
  occupancy.hold(workload, to)
  const saved = before - squares()
  occupancy.release(workload, to)
  occupancy.hold(workload, from)
  return saved
}
