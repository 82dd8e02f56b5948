import type { FailoverCertificate } from '../plan.ts'
import type { Failover } from '../problem.ts'
import { fillHoles } from './fill.ts'
import type { FabricModel } from './model/model.ts'
import { Occupancy } from './model/occupancy.ts'
import { at, item } from './model/typed-array.ts'
import { createRandom } from './random.ts'

/** Hosts, by index, that may fail together. */
export type Failure = readonly number[]

/** A placement whose failures are certified. */
export interface Certified {
  readonly model: FabricModel
  /** Host index by workload, -1 for none. */
  readonly placement: Int32Array
  /** Hosts that are used or kept for failures. */
  readonly hosts: readonly number[]
  /** False where a workload may never be, whatever fails. */
  readonly mayUse: (workload: number, host: number) => boolean
  /** True if rules but closed host sets may be broken where they leave something without a place. */
  readonly mayRelax: boolean
}

/**
 * The certificates of a placement, one for each of `failures`, made when asked for: a fabric of 300 hosts has 45,000 pairs. A certificate
 * whose `unplaced` is not empty is no proof: for those workloads no place was found. After a failure workloads that may be shed
 * hold no room. Every rule is kept as well as before the failure, unless it is named as relaxed. Deterministic.
 */
export function* certify(certified: Certified, failures: Iterable<Failure>): Generator<FailoverCertificate> {
  const { model, placement, mayUse } = certified
  const occupancy = new Occupancy(model, mayUse)
  placement.forEach((host, workload) => {
    if (host >= 0 && item(model.workloads, workload).isProtected !== false) occupancy.put(workload, host)
  })
  for (const failure of failures) yield certifyOne(occupancy, certified, failure)
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
function certifyOne(occupancy: Occupancy, { hosts, mayRelax }: Certified, failure: Failure): FailoverCertificate {
  const { model, rules } = occupancy
  const lost = new Set(failure)
  const after = hosts.filter((host) => !lost.has(host))
  const homes = failure.flatMap((host) => [...occupancy.on(host)].map((workload) => ({ workload, host })))
  const displaced = homes.map(({ workload }) => workload)
  const groups = failure.map((host) => [...occupancy.on(host)])
  rules.expect(displaced, { before: hosts, after })
  for (const workload of displaced) occupancy.take(workload)

  const left = after.filter((host) => item(model.hosts, host).state === 'Ready')
  const strict = placeGroups(occupancy, groups, left)
  const unplaced = strict.length > 0 && mayRelax ? placeRelaxed(occupancy, strict, left) : strict
  const relaxed = mayRelax ? rules.brokenNames() : []
  const targets = homes.filter(({ workload }) => at(occupancy.hostOf, workload) >= 0)
  const nameOf = (workload: number): string => item(model.workloads, workload).name
  const certificate: FailoverCertificate = {
    lostHosts: failure.map((host) => item(model.hosts, host).name),
    targets: Object.fromEntries(
      targets.map(({ workload }) => [nameOf(workload), item(model.hosts, at(occupancy.hostOf, workload)).name]),
    ),
    unplaced: unplaced.map(nameOf),
    ...(relaxed.length > 0 && { relaxed }),
  }
  rules.settle(displaced, (workload) => at(occupancy.hostOf, workload) >= 0)
  for (const { workload } of targets) occupancy.take(workload)
  for (const { workload, host } of homes) occupancy.put(workload, host)
  return certificate
}

/** Places what is left as if the rules but closed host sets were not required. */
function placeRelaxed(occupancy: Occupancy, workloads: readonly number[], left: readonly number[]): readonly number[] {
  occupancy.rules.relax()
  return fillHoles(occupancy, workloads, { hosts: left, random: createRandom(left.length), rounds: 400 })
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
