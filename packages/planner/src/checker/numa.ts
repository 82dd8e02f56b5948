import type { HostType, PlacementProblem, Workload } from '../problem.ts'
import { peakOf, sumDemand, usableOf } from './load.ts'

/** Beyond this many trials the search gives up and says so. */
const maxTrials = 200_000

/** True if `workloads` fit one node of `type` together: each resource at every point within usable / nodes. */
function fitsNode(problem: PlacementProblem, type: HostType, workloads: readonly Workload[]): boolean {
  const nodeCount = type.numaNodes ?? 1
  return problem.resources.every(
    (resource) => peakOf(sumDemand(problem, workloads, resource.name)) * nodeCount <= usableOf(problem, type, resource.name),
  )
}

/**
 * Whether workloads that must each be on one NUMA node can be split over the nodes of a host. Tries every split, large
 * workloads first (equal nodes are tried once); `Unknown` after 200,000 trials, which a plan has no right to.
 */
export function splitOverNodes(
  problem: PlacementProblem,
  type: HostType,
  workloads: readonly Workload[],
): 'Fits' | 'DoesNotFit' | 'Unknown' {
  const size = (workload: Workload): number =>
    Math.max(
      ...problem.resources.map(
        (resource) => peakOf(sumDemand(problem, [workload], resource.name)) / Math.max(1, usableOf(problem, type, resource.name)),
      ),
    )
  const sizes = new Map(workloads.map((workload) => [workload, size(workload)]))
  const order = workloads.toSorted((a, b) => (sizes.get(b) ?? 0) - (sizes.get(a) ?? 0))
  const nodes: Workload[][] = Array.from({ length: type.numaNodes ?? 1 }, () => [])
  let trials = 0

  const place = (next: number): boolean => {
    const workload = order[next]
    if (workload === undefined) return true
    for (const [at, node] of nodes.entries()) {
      if (node.length === 0 && nodes.findIndex((other) => other.length === 0) < at) break
      if (++trials > maxTrials) return false
      node.push(workload)
      if (fitsNode(problem, type, node) && place(next + 1)) return true
      node.pop()
    }
    return false
  }
  if (place(0)) return 'Fits'
  return trials > maxTrials ? 'Unknown' : 'DoesNotFit'
}
