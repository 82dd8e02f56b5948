import type { PlacementProblem } from '@weir/planner'

/** A textbook planner on one host type without rules: item sizes in, number of hosts out. */
type Peer = (sizes: readonly Float64Array[], capacity: Float64Array) => number

const largest = (size: Float64Array, capacity: Float64Array) =>
  size.reduce((most, value, index) => Math.max(most, value / (capacity[index] ?? 1)), 0)

/** Items in the order given, each on the first host with room. */
const firstFit: Peer = (sizes, capacity) => {
  const hosts: Float64Array[] = []
  for (const size of sizes) {
    let host = hosts.find((free) => size.every((value, index) => value <= (free[index] ?? 0)))
    if (host === undefined) hosts.push((host = capacity.slice()))
    size.forEach((value, index) => {
      if (host !== undefined) host[index] = (host[index] ?? 0) - value
    })
  }
  return hosts.length
}

/** The largest share of a host first. */
const firstFitDecreasing: Peer = (sizes, capacity) => firstFit(decreasing(sizes, capacity), capacity)

/** The largest first, each on the host with room that it leaves fullest. */
const bestFitDecreasing: Peer = (sizes, capacity) => {
  const hosts: Float64Array[] = []
  for (const size of decreasing(sizes, capacity)) {
    let best: Float64Array | undefined
    let least = Infinity
    for (const free of hosts) {
      if (!size.every((value, index) => value <= (free[index] ?? 0))) continue
      const left = free.reduce((sum, value, index) => sum + (value - (size[index] ?? 0)) / (capacity[index] ?? 1), 0)
      if (left < least) {
        least = left
        best = free
      }
    }
    if (best === undefined) hosts.push((best = capacity.slice()))
    const chosen = best
    size.forEach((value, index) => {
      chosen[index] = (chosen[index] ?? 0) - value
    })
  }
  return hosts.length
}

function decreasing(sizes: readonly Float64Array[], capacity: Float64Array): readonly Float64Array[] {
  const keyed = sizes.map((size): [number, Float64Array] => [largest(size, capacity), size])
  return keyed.toSorted((a, b) => b[0] - a[0]).map(([, size]) => size)
}

/** The textbook planners that benches run beside ours, by name. */
export const peers: Readonly<Record<string, Peer>> = { FF: firstFit, FFD: firstFitDecreasing, BFD: bestFitDecreasing }

/** Runs every peer on `problem`, which has one host type and no rules or curves: hosts by peer. */
export function runPeers(
  problem: PlacementProblem,
  names: readonly string[] = Object.keys(peers),
): Readonly<Record<string, number>> {
  const resources = problem.resources.map(({ name }) => name)
  const capacity = Float64Array.from(resources, (name) => problem.hostTypes[0]?.capacity[name] ?? 0)
  const sizes = problem.workloads.map(({ requests }) => Float64Array.from(resources, (name) => requests[name] ?? 0))
  return Object.fromEntries(names.map((name) => [name, peers[name]?.(sizes, capacity) ?? 0]))
}
