import { ejectFor } from './eject.ts'
import { fillHoles } from './fill.ts'
import { movedSince, restore, type Wanted, type WantedMove } from './goal.ts'
import { type Candidate, cheapest, fewestHosts, findCandidates, sum } from './keep-set.ts'
import type { Occupancy } from './model/occupancy.ts'
import { at, item } from './model/typed-array.ts'
import { type Mobility, toHeld } from './movable.ts'
import type { MoveOptions } from './move-options.ts'
import { createRandom } from './random.ts'

/** Rounds of ruin and recreate for each number of hosts that is tried, per host that stays. */
const fillRounds = 400

/** The same for the last resort, in which others make room. */
const lastRounds = 100

/**
 * Which workloads go where so that as many hosts as possible are empty. The hosts to be emptied are chosen first, the cheapest of
 * as many as the room allows; then each of their workloads is placed once on the hosts that stay. If some have no place, others
 * make room, and only then is one host fewer emptied. Leaves `occupancy` as it was.
 */
export function consolidate(occupancy: Occupancy, mobility: Mobility, options: MoveOptions): Wanted {
  const { model } = occupancy
  const before = Int32Array.from(occupancy.hostOf)
  const { free: candidates, blocked } = findCandidates(occupancy, mobility, options)
  const inUse = [...model.hosts.keys()].filter((host) => occupancy.on(host).size > 0 && item(model.hosts, host).state === 'Ready')
  const most = Math.min(candidates.length, inUse.length - fewestHosts(occupancy, inUse))
  let emptied: readonly Candidate[] = []
  for (let count = most; count > 0; count--) {
    emptied = cheapest(candidates, count, options.prefer)
    if (tryEmpty(occupancy, emptied, inUse, mobility)) {
      sendHome(occupancy, before, new Set(emptied.map(({ host }) => host)))
      break
    }
    restore(occupancy, before)
    emptied = []
  }
  const moves = wantedMoves(occupancy, before, emptied, options)
  restore(occupancy, before)
  const held = blocked.flatMap((host) =>
    [...occupancy.on(host)].flatMap((workload) => {
      const reason = mobility.heldBy(workload)
      return reason === undefined ? [] : [toHeld(model, workload, reason)]
    }),
  )
  return { goal: 'Consolidate', moves, held, bound: leastFor(candidates, emptied.length) }
}

/** Places the workloads of `emptied` on the rest; false, in some state, if that cannot be done. */
function tryEmpty(occupancy: Occupancy, emptied: readonly Candidate[], inUse: readonly number[], mobility: Mobility): boolean {
  const leaving = new Set(emptied.map(({ host }) => host))
  const keep = inUse.filter((host) => !leaving.has(host))
  const workloads = emptied.flatMap(({ host }) => [...occupancy.on(host)])
  for (const workload of workloads) occupancy.take(workload)
  const random = createRandom(emptied.length)
  const without = fillHoles(occupancy, workloads, { hosts: keep, random, rounds: fillRounds * keep.length })
  const mayMakeRoom = (workload: number): boolean => mobility.heldBy(workload) === undefined
  const rest = ejectFor(occupancy, without, keep, mayMakeRoom)
  if (rest.length === 0) return true
  return fillHoles(occupancy, workloads, { hosts: keep, random, rounds: lastRounds * keep.length, mayMakeRoom }).length === 0
}

/** Lets those that made room go back where there is room for them after all. */
function sendHome(occupancy: Occupancy, before: Int32Array, emptied: ReadonlySet<number>): void {
  for (const workload of movedSince(occupancy, before)) {
    const home = at(before, workload)
    if (emptied.has(home) || !occupancy.accepts(workload, home)) continue
    occupancy.take(workload)
    occupancy.put(workload, home)
  }
}

/** Each move off an emptied host gains its share of that host; others make room and gain nothing by themselves. */
function wantedMoves(
  occupancy: Occupancy,
  before: Int32Array,
  emptied: readonly Candidate[],
  { benefit }: MoveOptions,
): readonly WantedMove[] {
  const byHost = new Map(emptied.map((candidate) => [candidate.host, candidate]))
  return movedSince(occupancy, before).map((workload): WantedMove => {
    const from = byHost.get(at(before, workload))
    const to = at(occupancy.hostOf, workload)
    if (from === undefined) return { workload, to, reason: 'MakeRoom', gain: 0 }
    const share = at(occupancy.model.mebibytes, workload) / Math.max(1, from.mebibytes)
    return { workload, to, reason: 'Empty', gain: benefit.stableSeconds * share }
  })
}

/** The fewest moves and mebibytes that empty `count` hosts, each taken by itself. */
function leastFor(candidates: readonly Candidate[], count: number): Wanted['bound'] {
  return {
    moveCount: sum(cheapest(candidates, count, 'Moves')).moves,
    mebibytes: sum(cheapest(candidates, count, 'Mebibytes')).mebibytes,
  }
}
