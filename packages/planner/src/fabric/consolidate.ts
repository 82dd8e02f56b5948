import { chooseEmptied } from './choose-emptied.ts'
import { ejectFor } from './eject.ts'
import { fillHoles } from './fill.ts'
import { movedSince, restore, type Wanted, type WantedMove } from './goal.ts'
import { type Candidate, cheapest, fewestHosts, findCandidates, sum } from './keep-set.ts'
import { placeLarge } from './make-room.ts'
import type { Occupancy } from './model/occupancy.ts'
import { at, item } from './model/typed-array.ts'
import { type Mobility, toHeld } from './movable.ts'
import type { MoveOptions } from './move-options.ts'
import { createMovePrice, type MoveLoad, type MovePrice } from './move-price.ts'
import { createRandom } from './random.ts'
import { createRoomEstimate } from './room-estimate.ts'

/** Rounds of ruin and recreate for each number of hosts that is tried, per host that stays. */
const fillRounds = 400

/** The same for the last resort, in which others make room. */
const lastRounds = 100

/**
 * Which workloads go where so that as many hosts as possible are empty. The hosts to be emptied are chosen first, as many as
 * the room allows, so that their moves and those that make room for them cost least; then each of their workloads is placed once on
 * the hosts that stay, large ones first. If some have no place, others make room, and only then is one host fewer emptied. Leaves
 * `occupancy` as it was.
 */
export function consolidate(occupancy: Occupancy, mobility: Mobility, options: MoveOptions): Wanted {
  const { model } = occupancy
  const before = Int32Array.from(occupancy.hostOf)
  const { free: candidates, blocked } = findCandidates(occupancy, mobility, options)
  const emptied = emptyMost(occupancy, candidates, mobility, options)
  const moves = wantedMoves(occupancy, before, emptied, options)
  restore(occupancy, before)
  const bound = leastFor(candidates, emptied.length)
  const held = blocked.flatMap((host) =>
    [...occupancy.on(host)].flatMap((workload) => {
      const reason = mobility.heldBy(workload)
      return reason === undefined ? [] : [toHeld(model, workload, reason)]
    }),
  )
  return { goal: 'Consolidate', moves, held, bound: { moveCount: bound.moves, mebibytes: bound.mebibytes } }
}

/** Empties as many of `candidates` as it can, and returns them; if the best choice of so many has no place, the cheapest may. */
function emptyMost(
  occupancy: Occupancy,
  candidates: readonly Candidate[],
  mobility: Mobility,
  { prefer }: MoveOptions,
): readonly Candidate[] {
  const { model } = occupancy
  const before = Int32Array.from(occupancy.hostOf)
  const inUse = [...model.hosts.keys()].filter((host) => occupancy.on(host).size > 0 && item(model.hosts, host).state === 'Ready')
  const most = Math.min(candidates.length, inUse.length - fewestHosts(occupancy, inUse))
  const roomFor = createRoomEstimate(occupancy, inUse)
  for (let count = most; count > 0; count--) {
    const price = createMovePrice(leastFor(candidates, count), prefer)
    const first = cheapest(candidates, count, prefer)
    for (const emptied of new Set([chooseEmptied(candidates, first, { price, roomFor }), first])) {
      if (tryEmpty(occupancy, emptied, inUse, { mobility, price })) {
        sendHome(occupancy, before, new Set(emptied.map(({ host }) => host)))
        return emptied
      }
      restore(occupancy, before)
    }
  }
  return []
}

/** Places the workloads of `emptied` on the rest; false, in some state, if that cannot be done. */
function tryEmpty(
  occupancy: Occupancy,
  emptied: readonly Candidate[],
  inUse: readonly number[],
  { mobility, price }: { readonly mobility: Mobility; readonly price: MovePrice },
): boolean {
  const leaving = new Set(emptied.map(({ host }) => host))
  const keep = inUse.filter((host) => !leaving.has(host))
  const workloads = emptied.flatMap(({ host }) => [...occupancy.on(host)])
  for (const workload of workloads) occupancy.take(workload)
  const random = createRandom(emptied.length)
  const isMoving = new Set(workloads)
  const mayMakeRoom = (workload: number): boolean => mobility.heldBy(workload) === undefined
  const displaced = placeLarge(occupancy, workloads, {
    hosts: keep,
    mayMove: (workload) => !isMoving.has(workload) && mayMakeRoom(workload),
    priceOf: (workload) => price.ofPart({ mebibytes: at(occupancy.model.mebibytes, workload), moves: 1 }),
  })
  const moving = [...workloads, ...displaced]
  const without = fillHoles(occupancy, moving, { hosts: keep, random, rounds: fillRounds * keep.length })
  const rest = ejectFor(occupancy, without, keep, mayMakeRoom)
  if (rest.length === 0) return true
  return fillHoles(occupancy, moving, { hosts: keep, random, rounds: lastRounds * keep.length, mayMakeRoom }).length === 0
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
function leastFor(candidates: readonly Candidate[], count: number): MoveLoad {
  return {
    moves: sum(cheapest(candidates, count, 'Moves')).moves,
    mebibytes: sum(cheapest(candidates, count, 'Mebibytes')).mebibytes,
  }
}
