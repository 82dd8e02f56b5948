import type { FailoverCertificate } from '../plan.ts'
import type { Failover, PlacementProblem } from '../problem.ts'
import { certify, failuresOf } from './certificates.ts'
import { fillHoles, hasVolume } from './fill.ts'
import { compileFabric, type NamedHost } from './model/model.ts'
import { Occupancy } from './model/occupancy.ts'
import { at, item } from './model/typed-array.ts'
import { createRandom, type Random } from './random.ts'
import { chooseSpare, spareHosts } from './spare-hosts.ts'

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

/**
 * Makes a placement survive every failure that `failover` names. While a failure leaves something without a place: the host with
 * most room is emptied into the holes of the others, if that works, so that there is one large hole rather than many small ones;
 * else a host is added, one of the problem's own before one made up. Ends when all failures have a certificate or there is no
 * host to add. Deterministic.
 */
export function reinforce(problem: PlacementProblem, placement: NamedPlacement, failover: Failover): Reinforced {
  const model = compileFabric(problem, [...placement.hosts, ...spareHosts(problem, placement.hosts)])
  const active = [...placement.hosts.keys()]
  const occupancy = new Occupancy(model)
  for (const [name, hostName] of Object.entries(placement.assignments)) {
    const workload = model.workloadByName.get(name)
    const host = model.hostByName.get(hostName)
    if (workload !== undefined && host !== undefined) occupancy.put(workload, host)
  }
  const before = Int32Array.from(occupancy.hostOf)
  const random = createRandom(problem.policy?.seed ?? 1)
  const certificates = (): Generator<FailoverCertificate> =>
    certify(model, Int32Array.from(occupancy.hostOf), active, failuresOf(model, active, failover))

  for (let lost = firstLost(certificates()); lost !== undefined; lost = firstLost(certificates())) {
    if (concentrate(occupancy, active, random)) continue
    const added = chooseSpare({ model, active, lost, topologyKey: failover.topologyKey })
    if (added === undefined) break
    active.push(added)
  }
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
    certificates,
  }
}

/** The hosts of the first failure that leaves something without a place. */
function firstLost(certificates: Iterable<FailoverCertificate>): readonly string[] | undefined {
  for (const { lostHosts, unplaced } of certificates) if (unplaced.length > 0) return lostHosts
  return undefined
}

/**
 * Empties the host with most room into the holes of the others; false, with nothing changed, if it cannot be emptied. An empty
 * host is left alone: its room is in one piece already.
 */
function concentrate(occupancy: Occupancy, active: readonly number[], random: Random): boolean {
  const { model } = occupancy
  const filled = active.filter((host) => occupancy.on(host).size > 0)
  const roomiest = filled.toSorted((a, b) => occupancy.slack(b) - occupancy.slack(a) || a - b)[0]
  if (roomiest === undefined) return false
  const others = filled.filter((host) => host !== roomiest && item(model.hosts, host).state === 'Ready')
  const workloads = [...occupancy.on(roomiest)]
  if (workloads.some((workload) => item(model.workloads, workload).move?.isMovable === false)) return false
  // Most often there is too little room in all to begin with.
  if (!hasVolume(occupancy, workloads, others)) return false
  for (const workload of workloads) occupancy.take(workload)
  const unplaced = fillHoles(occupancy, workloads, { hosts: others, random, rounds: 500 })
  if (unplaced.length === 0) return true
  for (const workload of workloads) if (at(occupancy.hostOf, workload) >= 0) occupancy.take(workload)
  for (const workload of workloads) occupancy.put(workload, roomiest)
  return false
}
