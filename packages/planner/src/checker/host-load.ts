import type { PlacementProblem, ResourceDefinition, Workload } from '../problem.ts'
import { serveDevices } from './devices.ts'
import { peakOf, sumDemand, usableOf } from './load.ts'
import { splitOverNodes } from './numa.ts'
import { hasLabels, type SeenHost } from './problem-index.ts'
import type { Violation } from './violation.ts'

/** Everything that is wrong with these workloads being on this host together: capacity at every point, NUMA, devices. */
export function checkHostLoad(problem: PlacementProblem, host: SeenHost, workloads: readonly Workload[]): Violation[] {
  return [...checkCapacity(problem, host, workloads), ...checkPlaces(problem, host, workloads)]
}

/** What is wrong with the NUMA nodes and devices of these workloads. */
export function checkPlaces(problem: PlacementProblem, host: SeenHost, workloads: readonly Workload[]): Violation[] {
  return [...checkNuma(problem, host, workloads), ...checkDevices(host, workloads)]
}

/** Those of `resources` of which the workloads need more than may be used, at the point where it is worst. */
export function checkCapacity(
  problem: PlacementProblem,
  host: SeenHost,
  workloads: readonly Workload[],
  resources: readonly ResourceDefinition[] = problem.resources,
): Violation[] {
  return resources.flatMap((resource) => {
    const series = sumDemand(problem, workloads, resource.name)
    const peak = peakOf(series)
    const usable = usableOf(problem, host.type, resource.name)
    // Documents hold whole amounts; curves that code makes may hold fractions, whose sums depend on their order.
    if (peak <= usable + 1e-6) return []
    const message = `At point ${series.indexOf(peak)} the workloads of ${host.name} need ${peak} ${resource.unit} of ${resource.name}; ${usable} may be used.`
    return [{ kind: 'Capacity', subject: host.name, message }]
  })
}

/** Workloads that need one NUMA node each and have none. */
function checkNuma(problem: PlacementProblem, host: SeenHost, workloads: readonly Workload[]): Violation[] {
  const pinned = workloads.filter((workload) => workload.singleNumaNode === true)
  if (pinned.length === 0) return []
  const answer = splitOverNodes(problem, host.type, pinned)
  if (answer === 'Fits') return []
  const message =
    answer === 'Unknown'
      ? `No split of ${pinned.length} workloads over the NUMA nodes of ${host.name} was found in 200,000 trials.`
      : `The ${pinned.length} workloads that need one NUMA node each cannot be split over the nodes of ${host.name}.`
  return [{ kind: 'Numa', subject: host.name, message }]
}

/** Device requests that the host cannot serve. */
function checkDevices(host: SeenHost, workloads: readonly Workload[]): Violation[] {
  if (workloads.every((workload) => (workload.devices ?? []).length === 0)) return []
  const answer = serveDevices(host.type, workloads)
  if (answer === 'Fits') return []
  const message =
    answer === 'Unknown'
      ? `No way to serve the device requests on ${host.name} was found in 200,000 trials.`
      : `The devices of ${host.name} cannot serve all requests of its workloads.`
  return [{ kind: 'Devices', subject: host.name, message }]
}

/** A workload on a host without the labels that it asks for. */
export function checkSelector(host: SeenHost, workload: Workload): Violation[] {
  if (hasLabels(host, workload.hostSelector)) return []
  const message = `${workload.name} needs a host with ${JSON.stringify(workload.hostSelector)}; ${host.name} lacks it.`
  return [{ kind: 'HostSelector', subject: workload.name, message }]
}
