import type { Occupancy } from './model/occupancy.ts'
import { at, item } from './model/typed-array.ts'
import { type Mobility, sumOver } from './movable.ts'
import type { MoveOptions } from './move-options.ts'
import type { MoveLoad } from './move-price.ts'

/** A host that may be emptied and what that takes. */
export interface Candidate {
  readonly host: number
  readonly workloadCount: number
  readonly mebibytes: number
  readonly seconds: number
}

/** Hosts that may be emptied, and those that could be but for workloads that must stay. */
export interface Candidates {
  readonly free: readonly Candidate[]
  readonly blocked: readonly number[]
}

/**
 * Hosts in use below the hysteresis whose workloads may all move for less than the freed host is worth (in order).
 */
export function findCandidates(occupancy: Occupancy, mobility: Mobility, options: MoveOptions): Candidates {
  const { model } = occupancy
  const { stableSeconds, moveSecondCost } = options.benefit
  const low = [...model.hosts.keys()].filter(
    (host) =>
      occupancy.on(host).size > 0 &&
      (1 - occupancy.slack(host)) * 100 <= options.hysteresis.emptyBelowPercent &&
      item(model.hosts, host).state !== 'Maintenance',
  )
  const isBlocked = (host: number): boolean => [...occupancy.on(host)].some((workload) => mobility.heldBy(workload) !== undefined)
  const free = low
    .filter((host) => !isBlocked(host))
    .map((host) => ({
      host,
      workloadCount: occupancy.on(host).size,
      mebibytes: sumOver(model.mebibytes, occupancy.on(host)),
      seconds: sumOver(mobility.seconds, occupancy.on(host)),
    }))
    .filter(({ seconds }) => seconds * moveSecondCost <= stableSeconds)
  return { free, blocked: low.filter(isBlocked) }
}

/**
 * The `count` candidates that cost least by what is preferred. `Both` takes the mix of mebibytes and moves that is furthest from
 * neither least: of 21 mixes the one whose worse ratio to the least is best.
 */
export function cheapest(candidates: readonly Candidate[], count: number, prefer: MoveOptions['prefer']): readonly Candidate[] {
  const byMebibytes = takeLeast(candidates, count, ({ mebibytes }) => mebibytes)
  const byMoves = takeLeast(candidates, count, ({ workloadCount }) => workloadCount)
  if (prefer === 'Mebibytes') return byMebibytes
  if (prefer === 'Moves') return byMoves
  const least = { mebibytes: Math.max(1, sum(byMebibytes).mebibytes), moves: Math.max(1, sum(byMoves).moves) }
  const mixes = Array.from({ length: 21 }, (_, step) =>
    takeLeast(
      candidates,
      count,
      ({ mebibytes, workloadCount }) => (step * mebibytes) / least.mebibytes + ((20 - step) * workloadCount) / least.moves,
    ),
  )
  const worse = (chosen: readonly Candidate[]): number =>
    Math.max(sum(chosen).mebibytes / least.mebibytes, sum(chosen).moves / least.moves)
  return mixes.reduce((best, next) => (worse(next) < worse(best) ? next : best), byMebibytes)
}

function takeLeast(
  candidates: readonly Candidate[],
  count: number,
  cost: (candidate: Candidate) => number,
): readonly Candidate[] {
  return candidates.toSorted((a, b) => cost(a) - cost(b) || a.host - b.host).slice(0, count)
}

/** Mebibytes and moves of emptying all of them. */
export function sum(candidates: readonly Candidate[]): MoveLoad {
  return {
    mebibytes: candidates.reduce((total, { mebibytes }) => total + mebibytes, 0),
    moves: candidates.reduce((total, { workloadCount }) => total + workloadCount, 0),
  }
}

/** How many hosts carry everything at least: in each dimension the largest hosts until their room is enough. */
export function fewestHosts(occupancy: Occupancy, hosts: readonly number[]): number {
  const { model } = occupancy
  const { dimensionCount, usable } = model
  let most = 0
  for (let dimension = 0; dimension < dimensionCount; dimension++) {
    const load = hosts.reduce((sum, host) => {
      const index = host * dimensionCount + dimension
      return sum + at(usable, index) - at(occupancy.free, index)
    }, 0)
    const rooms = hosts.map((host) => at(usable, host * dimensionCount + dimension)).toSorted((a, b) => b - a)
    let count = 0
    for (let left = load; left > 1e-6 && count < rooms.length; count++) left -= item(rooms, count)
    most = Math.max(most, count)
  }
  return most
}
