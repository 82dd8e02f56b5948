import type { FailoverCertificate } from '../plan.ts'
import type { Failover } from '../problem.ts'
import { fillHoles } from './fill.ts'
import type { FabricModel } from './model/model.ts'
import { Occupancy } from './model/occupancy.ts'
import { at, item } from './model/typed-array.ts'
import { createRandom } from './random.ts'

/** Hosts, by index, that may fail together. */
export type Failure = readonly number[]

/**
 * The certificates of a placement (host index by workload, -1 for none) over `hosts` of the model, one for each of `failures`,
 * made when asked for: a fabric of 300 hosts has 45,000 pairs. A certificate whose `unplaced` is not empty is no proof: for those
 * workloads no place was found. After a failure workloads that may be shed hold no room. Deterministic.
 */
export function* certify(
  model: FabricModel,
  placement: Int32Array,
  hosts: readonly number[],
  failures: Iterable<Failure>,
): Generator<FailoverCertificate> {
  const lost = new Set<number>()
  const occupancy = new Occupancy(model, (host) => lost.has(host))
  placement.forEach((host, workload) => {
    if (host >= 0 && item(model.workloads, workload).isProtected !== false) occupancy.put(workload, host)
  })
  for (const failure of failures) {
    for (const host of failure) lost.add(host)
    yield certifyOne(occupancy, hosts, failure)
    lost.clear()
  }
}

/** Every failure that the policy names: all sets of `hosts` of the hosts, and each domain of `topologyKey`. */
export function* failuresOf(model: FabricModel, hosts: readonly number[], failover: Failover): Generator<Failure> {
  if (failover.hosts !== undefined && failover.hosts > 0) yield* subsets(hosts, Math.min(failover.hosts, hosts.length))
  const { topologyKey } = failover
  if (topologyKey === undefined) return
  const domains = Map.groupBy(hosts, (host) => {
    const { name, labels } = item(model.hosts, host)
    return topologyKey === 'host' ? name : labels.get(topologyKey)
  })
  for (const [domain, members] of domains) if (domain !== undefined) yield members
}

function* subsets(items: readonly number[], size: number): Generator<Failure> {
  if (size === 0) yield []
  else {
    for (const [index, first] of items.entries()) {
      for (const rest of subsets(items.slice(index + 1), size - 1)) yield [first, ...rest]
    }
  }
}

/** Finds targets for one failure and leaves the occupancy as it was. */
function certifyOne(occupancy: Occupancy, hosts: readonly number[], failure: Failure): FailoverCertificate {
  const { model } = occupancy
  const lost = new Set(failure)
  const left = hosts.filter((host) => !lost.has(host) && item(model.hosts, host).state === 'Ready')
  const homes = failure.flatMap((host) => [...occupancy.on(host)].map((workload) => ({ workload, host })))
  const groups = failure.map((host) => [...occupancy.on(host)])
  for (const { workload } of homes) occupancy.take(workload)

  const unplaced = placeGroups(occupancy, groups, left)
  const targets = homes.filter(({ workload }) => at(occupancy.hostOf, workload) >= 0)
  const certificate: FailoverCertificate = {
    lostHosts: failure.map((host) => item(model.hosts, host).name),
    targets: Object.fromEntries(
      targets.map(({ workload }) => [
        item(model.workloads, workload).name,
        item(model.hosts, at(occupancy.hostOf, workload)).name,
      ]),
    ),
    unplaced: unplaced.map((workload) => item(model.workloads, workload).name),
  }
  for (const { workload } of targets) occupancy.take(workload)
  for (const { workload, host } of homes) occupancy.put(workload, host)
  return certificate
}

/** Whole hosts to empty hosts first, the rest into holes; if that leaves something, everything into holes. */
function placeGroups(occupancy: Occupancy, groups: readonly (readonly number[])[], left: readonly number[]): readonly number[] {
  const random = createRandom(left.length)
  const everything = groups.flat()
  const byLoad = groups.toSorted((a, b) => sizeOf(occupancy, b) - sizeOf(occupancy, a))
  const rest = byLoad.flatMap((group) => (putWhole(occupancy, group, left) ? [] : group))
  const unplaced = fillHoles(occupancy, rest, { hosts: left, random, rounds: 0 })
  if (unplaced.length === 0) return unplaced
  for (const workload of everything) if (at(occupancy.hostOf, workload) >= 0) occupancy.take(workload)
  return fillHoles(occupancy, everything, { hosts: left, random, rounds: 400 })
}

function sizeOf({ model: { size } }: Occupancy, workloads: readonly number[]): number {
  return workloads.reduce((sum, workload) => sum + at(size, workload), 0)
}

/** Puts all of a lost host on an empty one; false, with nothing put, if there is none for it. */
function putWhole(occupancy: Occupancy, group: readonly number[], left: readonly number[]): boolean {
  for (const host of left) {
    if (occupancy.on(host).size > 0) continue
    const put: number[] = []
    for (const workload of group) {
      if (!occupancy.accepts(workload, host)) break
      occupancy.put(workload, host)
      put.push(workload)
    }
    if (put.length === group.length) return true
    for (const workload of put) occupancy.take(workload)
  }
  return false
}
