import type { Occupancy } from './model/occupancy.ts'
import { at, item } from './model/typed-array.ts'
import { below, type Random } from './random.ts'

/** Where `fillHoles` may put things, and how long it may try. */
export interface FillOptions {
  /** Hosts with room, by index. */
  readonly hosts: readonly number[]
  readonly random: Random
  /** Rounds of ruin and recreate after the first pass, while something has no place. */
  readonly rounds: number
}

/**
 * Puts `items`, which are nowhere, on hosts, and returns those without a place. First largest first, each where least is left;
 * then ruin and recreate (Schrimpf et al. 2000): the items of a few hosts are taken off and put back in another order together
 * with those that have no place; what leaves less without a place, or as much with the room that is left on fewer hosts, stays.
 * Touches nothing but `items`. O(items x hosts x dimensions + rounds x items of a few hosts).
 */
export function fillHoles(occupancy: Occupancy, items: readonly number[], options: FillOptions): readonly number[] {
  const { size } = occupancy.model
  const order = items.toSorted((a, b) => at(size, b) - at(size, a) || a - b)
  const unplaced = order.filter((workload) => !putBest(occupancy, workload, options.hosts))
  // A rule may have waited for one that came later.
  const waiting = unplaced.filter((workload) => !putBest(occupancy, workload, options.hosts))
  return improve(occupancy, new Set(items), waiting, options)
}

/** Puts a workload on the host where least is left of what it takes; false if none accepts it. */
export function putBest(occupancy: Occupancy, workload: number, hosts: readonly number[]): boolean {
  let best = -1
  let least = Number.POSITIVE_INFINITY
  for (const host of hosts) {
    if (!occupancy.hasRoom(workload, host)) continue
    const left = leftOver(occupancy, workload, host)
    if (left < least && occupancy.rules.allows(workload, -1, host)) {
      least = left
      best = host
    }
  }
  if (best < 0) return false
  occupancy.put(workload, best)
  return true
}

/** Share of the host that would be free, summed over dimensions. */
function leftOver(occupancy: Occupancy, workload: number, host: number): number {
  const { dimensionCount, demand, usable } = occupancy.model
  let left = 0
  for (let dimension = 0; dimension < dimensionCount; dimension++) {
    const index = host * dimensionCount + dimension
    left += (at(occupancy.free, index) - at(demand, workload * dimensionCount + dimension)) / Math.max(1, at(usable, index))
  }
  return left
}

function improve(
  occupancy: Occupancy,
  own: ReadonlySet<number>,
  first: readonly number[],
  { hosts, random, rounds }: FillOptions,
): readonly number[] {
  let unplaced = first
  if (!hasVolume(occupancy, first, hosts)) return first
  for (let round = 0; round < rounds && unplaced.length > 0 && hosts.length > 0; round++) {
    const opened = [...new Set(Array.from({ length: 2 + below(random, 3) }, () => item(hosts, below(random, hosts.length))))]
    const removed = opened.flatMap((host) => [...occupancy.on(host)].filter((workload) => own.has(workload)))
    const before = removed.map((workload) => at(occupancy.hostOf, workload))
    const worthBefore = worth(occupancy, opened, unplaced)
    for (const workload of removed) occupancy.take(workload)
    const left = recreate(occupancy, [...removed, ...unplaced], opened, random)
    if (worth(occupancy, opened, left) >= worthBefore) {
      unplaced = left
      continue
    }
    for (const workload of [...removed, ...unplaced]) if (at(occupancy.hostOf, workload) >= 0) occupancy.take(workload)
    for (const [index, workload] of removed.entries()) occupancy.put(workload, item(before, index))
  }
  return unplaced
}

/** False if the hosts have too little room in all for the workloads, whatever the order. */
export function hasVolume({ model, free }: Occupancy, workloads: readonly number[], hosts: readonly number[]): boolean {
  const { dimensionCount, demand } = model
  for (let dimension = 0; dimension < dimensionCount; dimension++) {
    const need = workloads.reduce((sum, workload) => sum + at(demand, workload * dimensionCount + dimension), 0)
    const room = hosts.reduce((sum, host) => sum + Math.max(0, at(free, host * dimensionCount + dimension)), 0)
    if (need > room) return false
  }
  return true
}

/** Puts back largest first by sizes blurred at random, so that each round tries another order. */
function recreate(
  occupancy: Occupancy,
  workloads: readonly number[],
  opened: readonly number[],
  random: Random,
): readonly number[] {
  const { size } = occupancy.model
  const blur = random()
  const keys = new Map(workloads.map((workload) => [workload, at(size, workload) * (1 - blur * random())]))
  return workloads
    .toSorted((a, b) => (keys.get(b) ?? 0) - (keys.get(a) ?? 0) || a - b)
    .filter((workload) => !putBest(occupancy, workload, opened))
}

/** Less without a place is worth most; then room in one piece rather than in many. */
function worth(occupancy: Occupancy, opened: readonly number[], unplaced: readonly number[]): number {
  const without = unplaced.reduce((sum, workload) => sum + at(occupancy.model.size, workload), 0)
  return opened.reduce((sum, host) => sum + occupancy.slack(host) ** 2, 0) * 1e-3 - without
}
