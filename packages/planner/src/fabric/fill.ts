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
  /** Others that may be sent to another host to make room; none if absent. */
  readonly mayMakeRoom?: (workload: number) => boolean
}

/** A filling under way: `weights` say how scarce each dimension is, `sizes` how much of what is scarce each workload takes. */
interface Filling extends FillOptions {
  readonly occupancy: Occupancy
  readonly weights: Float64Array
  readonly sizes: Map<number, number>
  /** Where those that made room were before. */
  readonly homes: Map<number, number>
}

/**
 * Puts those of `items` that are nowhere on hosts, and returns those without a place. First largest first, each where least is left;
 * then ruin and recreate (Schrimpf et al. 2000): the items of a few hosts are taken off and put back in another order together
 * with those that have no place; what leaves less without a place, or as much with the room that is left on fewer hosts, stays.
 * Touches nothing but `items` and what may make room. O(items x hosts x dimensions + rounds x items of a few hosts).
 */
export function fillHoles(occupancy: Occupancy, items: readonly number[], options: FillOptions): readonly number[] {
  const weights = scarcity(occupancy, items, options.hosts)
  const sizes = new Map(items.map((workload) => [workload, sizeOf(occupancy, workload, weights)]))
  const filling: Filling = { ...options, occupancy, weights, sizes, homes: new Map() }
  const nowhere = items.filter((workload) => at(occupancy.hostOf, workload) < 0)
  const order = nowhere.toSorted((a, b) => (sizes.get(b) ?? 0) - (sizes.get(a) ?? 0) || a - b)
  const unplaced = order.filter((workload) => !putBest(filling, workload, options.hosts))
  // A rule may have waited for one that came later.
  const waiting = unplaced.filter((workload) => !putBest(filling, workload, options.hosts))
  return improve(filling, waiting)
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

/** How scarce each dimension is: need over room, to a power that leaves little to what is plentiful; they sum to 1. */
function scarcity({ model, free }: Occupancy, items: readonly number[], hosts: readonly number[]): Float64Array {
  const { dimensionCount, demand } = model
  const weights = Float64Array.from({ length: dimensionCount }, (_, dimension) => {
    const need = items.reduce((sum, workload) => sum + at(demand, workload * dimensionCount + dimension), 0)
    const room = hosts.reduce((sum, host) => sum + Math.max(0, at(free, host * dimensionCount + dimension)), 0)
    return Math.min(1, need / Math.max(1, room)) ** 4 + 1e-9
  })
  const sum = weights.reduce((total, weight) => total + weight, 0)
  return weights.map((weight) => weight / sum)
}

function sizeOf({ model }: Occupancy, workload: number, weights: Float64Array): number {
  const { dimensionCount, demand, usable } = model
  let size = 0
  for (let dimension = 0; dimension < dimensionCount; dimension++) {
    const share = at(demand, workload * dimensionCount + dimension) / Math.max(1, at(usable, dimension))
    size += at(weights, dimension) * share
  }
  return size
}

/** Puts a workload on the host where least is left of what is scarce; false if none accepts it. */
function putBest(filling: Filling, workload: number, hosts: readonly number[]): boolean {
  const { occupancy } = filling
  let best = -1
  let least = Number.POSITIVE_INFINITY
  for (const host of hosts) {
    if (!occupancy.hasRoom(workload, host)) continue
    const left = roomOf(filling, host)
    if (left < least && occupancy.rules.allows(workload, -1, host)) {
      least = left
      best = host
    }
  }
  if (best < 0) return false
  occupancy.put(workload, best)
  return true
}

/** What is free of a host, in shares of the first host, scarce dimensions weighing more. */
function roomOf({ occupancy, weights }: Filling, host: number): number {
  const { dimensionCount, usable } = occupancy.model
  let room = 0
  for (let dimension = 0; dimension < dimensionCount; dimension++) {
    const free = at(occupancy.free, host * dimensionCount + dimension)
    room += (at(weights, dimension) * free) / Math.max(1, at(usable, dimension))
  }
  return room
}

function improve(filling: Filling, first: readonly number[]): readonly number[] {
  const { occupancy, hosts, rounds } = filling
  let unplaced = first
  if (!hasVolume(occupancy, first, hosts)) return first
  for (let round = 0; round < rounds && unplaced.length > 0 && hosts.length > 0; round++) {
    const opened = chooseHosts(filling)
    const removed = opened.flatMap((host) => [...occupancy.on(host)].filter((workload) => isTaken(filling, workload)))
    const before = removed.map((workload) => at(occupancy.hostOf, workload))
    const worthBefore = worth(filling, opened, unplaced)
    for (const workload of removed) occupancy.take(workload)
    const left = recreate(filling, [...removed, ...unplaced], opened)
    if (worth(filling, opened, left) >= worthBefore) {
      unplaced = left
      continue
    }
    for (const workload of [...removed, ...unplaced]) if (at(occupancy.hostOf, workload) >= 0) occupancy.take(workload)
    for (const [index, workload] of removed.entries()) occupancy.put(workload, item(before, index))
  }
  return unplaced
}

/** True for what is being placed, and for some of what may make room. */
function isTaken({ sizes, homes, occupancy, weights, random, mayMakeRoom }: Filling, workload: number): boolean {
  if (sizes.has(workload) && !homes.has(workload)) return true
  if (mayMakeRoom === undefined || random() > 0.05 || !mayMakeRoom(workload)) return false
  if (!homes.has(workload)) homes.set(workload, at(occupancy.hostOf, workload))
  sizes.set(workload, sizeOf(occupancy, workload, weights))
  return true
}

/** Two to four hosts, most of them roomier than most. */
function chooseHosts(filling: Filling): readonly number[] {
  const { hosts, random } = filling
  const pick = (): number => item(hosts, below(random, hosts.length))
  const chosen = Array.from({ length: 2 + below(random, 3) }, () => {
    let best = pick()
    for (let more = below(random, 4); more > 0; more--) {
      const other = pick()
      if (roomOf(filling, other) > roomOf(filling, best)) best = other
    }
    return best
  })
  return [...new Set(chosen)]
}

/** Puts back largest first by sizes blurred at random, so that each round tries another order. */
function recreate(filling: Filling, workloads: readonly number[], opened: readonly number[]): readonly number[] {
  const { sizes, random } = filling
  const blur = random()
  const keyed = workloads.map((workload) => ({ workload, key: (sizes.get(workload) ?? 0) * (1 - blur * random()) }))
  return keyed
    .toSorted((a, b) => b.key - a.key || a.workload - b.workload)
    .map(({ workload }) => workload)
    .filter((workload) => !putBest(filling, workload, opened))
}

/** Less without a place is worth most; then room in one piece rather than in many; then fewer that were sent away. */
function worth(filling: Filling, opened: readonly number[], unplaced: readonly number[]): number {
  const without = unplaced.reduce((sum, workload) => sum + (filling.sizes.get(workload) ?? 0), 0)
  const strangers = opened
    .flatMap((host) => [...filling.occupancy.on(host)])
    .filter((workload) => {
      const home = filling.homes.get(workload)
      return home !== undefined && home !== at(filling.occupancy.hostOf, workload)
    })
  return opened.reduce((sum, host) => sum + roomOf(filling, host) ** 2, 0) * 1e-2 - without - strangers.length * 1e-4
}
