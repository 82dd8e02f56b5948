import type { FailoverCertificate } from '../plan.ts'
import type { Failover, PlacementProblem } from '../problem.ts'
import { certify, type Failure, failuresOf } from './certificates.ts'
import { ClosedHosts } from './closed-hosts.ts'
import { fillHoles, hasVolume } from './fill.ts'
import { compileFabric, type NamedHost } from './model/model.ts'
import { Occupancy } from './model/occupancy.ts'
import { at, item } from './model/typed-array.ts'
import { createRandom, type Random } from './random.ts'
import { rankSpares, spareHosts } from './spare-hosts.ts'

/** Workloads without a place that spares are asked for, one after the other. */
const mostAskedFor = 4

/** A placement by names. */
export interface NamedPlacement {
  readonly hosts: readonly NamedHost[]
  /** Host name by workload name. */
  readonly assignments: Readonly<Record<string, string>>
}

/** A placement that was changed so that every failure can be survived, as far as that could be done. */
export interface Reinforced extends NamedPlacement {
  /** Names of the hosts that were added, empty until something fails. */
  readonly addedHosts: readonly string[]
  readonly movedCount: number
  /** Made when asked for, in the order of the failures; each call starts again. */
  readonly certificates: () => Generator<FailoverCertificate>
}

/** A placement that is being made to survive failures. */
interface Reinforcing {
  readonly occupancy: Occupancy
  /** Hosts that are used or kept for failures. */
  readonly active: number[]
  readonly closed: ClosedHosts
  readonly failover: Failover
  readonly random: Random
}

/**
 * Makes a placement survive every failure that `failover` names. While a failure leaves something without a place: the host with
 * most room is emptied into the holes of the others, if that works, so that there is one large hole rather than many small ones;
 * else a host is added, one of the problem's own before one made up, if that gives more of them a place. A host that is added belongs to
 * the closed host sets of whom it was added for, or to everyone else. Ends when all failures have a certificate or no host that may be
 * added helps. Deterministic.
 */
export function reinforce(problem: PlacementProblem, placement: NamedPlacement, failover: Failover): Reinforced {
  const model = compileFabric(problem, [...placement.hosts, ...spareHosts(problem, placement.hosts)])
  const active = [...placement.hosts.keys()]
  const closed = new ClosedHosts(model)
  const occupancy = new Occupancy(model, (workload, host) => closed.mayUse(workload, host))
  for (const [name, hostName] of Object.entries(placement.assignments)) {
    const workload = model.workloadByName.get(name)
    const host = model.hostByName.get(hostName)
    if (workload !== undefined && host !== undefined) occupancy.put(workload, host)
  }
  closed.claimUsed(occupancy, active)
  const before = Int32Array.from(occupancy.hostOf)
  const work: Reinforcing = { occupancy, active, closed, failover, random: createRandom(problem.policy?.seed ?? 1) }
  mendAll(work)
  return {
    hosts: active.map((host) => ({ name: item(model.hosts, host).name, type: item(model.hosts, host).type.name })),
    assignments: Object.fromEntries(
      model.workloads.flatMap(({ name }, workload) => {
        const host = at(occupancy.hostOf, workload)
        return host < 0 ? [] : [[name, item(model.hosts, host).name]]
      }),
    ),
    addedHosts: active.slice(placement.hosts.length).map((host) => item(model.hosts, host).name),
    movedCount: before.reduce((count, host, workload) => count + (host === at(occupancy.hostOf, workload) ? 0 : 1), 0),
    certificates: () => certificatesOf(work, failuresOf(model, active, failover)),
  }
}

/** Mends failures one by one until each has a certificate or cannot be helped. */
function mendAll(work: Reinforcing): void {
  const hopeless = new Set<string>()
  const firstShort = (): FailoverCertificate | undefined => {
    for (const certificate of certificatesOf(work, failuresOf(work.occupancy.model, work.active, work.failover))) {
      if (certificate.unplaced.length > 0 && !hopeless.has(certificate.lostHosts.join('\n'))) return certificate
    }
    return undefined
  }
  for (let short = firstShort(); short !== undefined; short = firstShort()) {
    if (concentrate(work) || addSpare(work, short)) continue
    hopeless.add(short.lostHosts.join('\n'))
  }
}

function certificatesOf(
  { occupancy, active, closed, failover }: Reinforcing,
  failures: Iterable<Failure>,
): Generator<FailoverCertificate> {
  const certified = {
    model: occupancy.model,
    placement: Int32Array.from(occupancy.hostOf),
    hosts: active,
    mayUse: (workload: number, host: number) => closed.mayUse(workload, host),
    mayRelax: failover.rules === 'Preferred',
  }
  return certify(certified, failures)
}

/** Adds the host that lets the failure of `short` leave less without a place; false, with nothing added, if there is none. */
function addSpare(work: Reinforcing, short: FailoverCertificate): boolean {
  const { occupancy, active, closed, failover } = work
  const { model } = occupancy
  const failure = short.lostHosts.map((name) => model.hostByName.get(name) ?? 0)
  const sizeOf = (names: readonly string[]): number =>
    names.reduce((sum, name) => sum + at(model.size, model.workloadByName.get(name) ?? 0), 0)
  const spares = rankSpares({ model, active, lost: short.lostHosts, topologyKey: failover.topologyKey })
  for (const name of short.unplaced.slice(0, mostAskedFor)) {
    for (const spare of spares) {
      if (!closed.claimFor(model.workloadByName.get(name) ?? 0, spare)) break
      active.push(spare)
      const [certificate] = certificatesOf(work, [failure])
      if (certificate !== undefined && sizeOf(certificate.unplaced) < sizeOf(short.unplaced)) return true
      active.pop()
      closed.unclaim(spare)
    }
  }
  return false
}

/**
 * Empties the host with most room into the holes of the others; false, with nothing changed, if it cannot be emptied. An empty
 * host is left alone: its room is in one piece already.
 */
function concentrate({ occupancy, active, random }: Reinforcing): boolean {
  const { model, rules } = occupancy
  const filled = active.filter((host) => occupancy.on(host).size > 0)
  const roomiest = filled.toSorted((a, b) => occupancy.slack(b) - occupancy.slack(a) || a - b)[0]
  if (roomiest === undefined) return false
  const others = filled.filter((host) => host !== roomiest && item(model.hosts, host).state === 'Ready')
  const workloads = [...occupancy.on(roomiest)]
  if (workloads.some((workload) => item(model.workloads, workload).move?.isMovable === false)) return false
  // Most often there is too little room in all to begin with.
  if (!hasVolume(occupancy, workloads, others)) return false
  rules.expect(workloads, { before: active, after: active })
  for (const workload of workloads) occupancy.take(workload)
  const unplaced = fillHoles(occupancy, workloads, { hosts: others, random, rounds: 500 })
  rules.settle(workloads, (workload) => at(occupancy.hostOf, workload) >= 0)
  if (unplaced.length === 0) return true
  for (const workload of workloads) if (at(occupancy.hostOf, workload) >= 0) occupancy.take(workload)
  for (const workload of workloads) occupancy.put(workload, roomiest)
  return false
}
