import type { Occupancy } from './model/occupancy.ts'
import { at } from './model/typed-array.ts'

/** How room is made on `hosts`. */
export interface RoomOptions {
  readonly hosts: readonly number[]
  /** Who may be sent away. */
  readonly mayMove: (workload: number) => boolean
  /** What it costs to send one away. */
  readonly priceOf: (workload: number) => number
}

/**
 * Places those of `workloads`, all nowhere, that are larger than the mean hole: largest first where least is left, and where none
 * has room, in place of the one or two others whose leaving costs least. Returns the others, which are nowhere then.
 * O(large workloads x hosts x workloads of a host) and more where two have to go.
 */
export function placeLarge(occupancy: Occupancy, workloads: readonly number[], options: RoomOptions): readonly number[] {
  const { size } = occupancy.model
  const { hosts } = options
  const mean = hosts.reduce((sum, host) => sum + occupancy.slack(host), 0) / Math.max(1, hosts.length)
  const large = workloads.filter((workload) => at(size, workload) > mean).toSorted((a, b) => at(size, b) - at(size, a) || a - b)
  return large.flatMap((workload) => {
    const host = fullest(occupancy, workload, hosts)
    if (host !== undefined) {
      occupancy.put(workload, host)
      return []
    }
    return replace(occupancy, workload, options)
  })
}

/** The host with room for the workload that has least slack. */
function fullest(occupancy: Occupancy, workload: number, hosts: readonly number[]): number | undefined {
  let best: number | undefined
  let least = Number.POSITIVE_INFINITY
  for (const host of hosts) {
    const slack = occupancy.slack(host)
    if (slack >= least || !occupancy.accepts(workload, host)) continue
    least = slack
    best = host
  }
  return best
}

/** Some that leave a host, at a price. */
interface Leaving {
  readonly host: number
  readonly workloads: readonly number[]
  readonly price: number
}

/** Puts the workload where the cheapest one or two others leave for it, and returns those; nothing changes if that is nowhere possible. */
function replace(occupancy: Occupancy, workload: number, options: RoomOptions): readonly number[] {
  let best: Leaving | undefined
  for (const host of options.hosts) {
    best = cheaper(occupancy, { workload, host }, options, best)
  }
  if (best === undefined) return []
  for (const other of best.workloads) occupancy.take(other)
  occupancy.put(workload, best.host)
  return best.workloads
}

function cheaper(
  occupancy: Occupancy,
  { workload, host }: { readonly workload: number; readonly host: number },
  { mayMove, priceOf }: RoomOptions,
  known: Leaving | undefined,
): Leaving | undefined {
  const { size } = occupancy.model
  const others = [...occupancy.on(host)]
    .filter((other) => at(size, other) < at(size, workload) && mayMove(other))
    .map((other) => ({ other, price: priceOf(other) }))
    .toSorted((a, b) => a.price - b.price || a.other - b.other)
  let best = known
  const limit = (): number => best?.price ?? Number.POSITIVE_INFINITY
  const offer = (workloads: readonly number[], price: number): void => {
    if (isEnough(occupancy, workload, host, workloads)) best = { host, workloads, price }
  }
  for (const [index, { other, price }] of others.entries()) {
    if (price >= limit()) break
    offer([other], price)
    for (const second of others.slice(0, index)) {
      if (price + second.price >= limit()) break
      offer([other, second.other], price + second.price)
    }
  }
  return best
}

/** True if the host takes the workload once the others have left. */
function isEnough(occupancy: Occupancy, workload: number, host: number, leaving: readonly number[]): boolean {
  const { dimensionCount, demand } = occupancy.model
  for (let dimension = 0; dimension < dimensionCount; dimension++) {
    let room = at(occupancy.free, host * dimensionCount + dimension)
    for (const other of leaving) room += at(demand, other * dimensionCount + dimension)
    if (room < at(demand, workload * dimensionCount + dimension)) return false
  }
  for (const other of leaving) occupancy.take(other)
  const accepts = occupancy.accepts(workload, host)
  for (const other of leaving) occupancy.put(other, host)
  return accepts
}
