import type { Candidate } from './keep-set.ts'
import type { Occupancy } from './model/occupancy.ts'
import { at, item } from './model/typed-array.ts'
import type { MoveLoad } from './move-price.ts'

/**
 * Estimates what others have to move so that the large machines of emptied hosts find a place on the rest of `hosts`: largest first into the
 * smallest hole that takes it, in the scarcest dimension; where none does, one other leaves the largest hole with what is missing. Large
 * is what exceeds the mean hole. O(hosts + large machines x log hosts) each.
 */
export function createRoomEstimate(occupancy: Occupancy, hosts: readonly number[]): (emptied: readonly Candidate[]) => MoveLoad {
  const { model } = occupancy
  const dimension = scarcest(occupancy, hosts)
  const demandOf = (workload: number): number => at(model.demand, workload * model.dimensionCount + dimension)
  const holeOf = (host: number): number => at(occupancy.free, host * model.dimensionCount + dimension)
  const mean = hosts.reduce((total, host) => total + holeOf(host), 0) / Math.max(1, hosts.length)
  const large = new Map(
    model.hosts.keys().map((host) => [host, [...occupancy.on(host)].filter((workload) => demandOf(workload) > mean)]),
  )
  const byHole = hosts.toSorted((a, b) => holeOf(a) - holeOf(b) || a - b)
  return (emptied) => {
    const workloads = emptied.flatMap(({ host }) => large.get(host) ?? []).toSorted((a, b) => demandOf(b) - demandOf(a) || a - b)
    if (workloads.length === 0) return { mebibytes: 0, moves: 0 }
    const leaving = new Set(emptied.map(({ host }) => host))
    const holes = byHole.filter((host) => !leaving.has(host)).map(holeOf)
    let [mebibytes, moves] = [0, 0]
    for (const workload of workloads) {
      const need = demandOf(workload)
      const missing = need - takeHole(holes, need)
      if (missing <= 0) continue
      moves++
      mebibytes += (missing / need) * at(model.mebibytes, workload)
    }
    return { mebibytes, moves }
  }
}

/** Uses the smallest of `holes` (ascending) that is at least `need`, else the largest; returns how much it had. */
function takeHole(holes: number[], need: number): number {
  const place = Math.min(placeOf(holes, need), holes.length - 1)
  const [hole = 0] = holes.splice(place, 1)
  const rest = Math.max(0, hole - need)
  holes.splice(placeOf(holes, rest), 0, rest)
  return hole
}

/** How many of `values` (ascending) are less than `value`. */
function placeOf(values: readonly number[], value: number): number {
  let [low, high] = [0, values.length]
  while (low < high) {
    const middle = (low + high) >> 1
    if (item(values, middle) < value) low = middle + 1
    else high = middle
  }
  return low
}

/** The dimension of which most is in use on `hosts`. */
function scarcest({ model, free }: Occupancy, hosts: readonly number[]): number {
  const { dimensionCount, usable } = model
  const used = Array.from({ length: dimensionCount }, (_, dimension) => {
    const room = hosts.reduce((total, host) => total + at(usable, host * dimensionCount + dimension), 0)
    const left = hosts.reduce((total, host) => total + at(free, host * dimensionCount + dimension), 0)
    return 1 - left / Math.max(1, room)
  })
  return used.indexOf(Math.max(...used))
}
