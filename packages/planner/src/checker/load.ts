import type { HostType, PlacementProblem, Workload } from '../problem.ts'
import { amountOf } from './problem-index.ts'

/** Values of one resource over the timeline: one value where nothing changes. */
type Series = readonly number[]

/** What `workload` needs of a resource at each point: its curve, or its request at the only point that matters. */
function demandOf(workload: Workload, resource: string): Series {
  const { curves } = workload
  const curve = curves !== undefined && Object.hasOwn(curves, resource) ? curves[resource] : undefined
  return curve ?? [amountOf(workload.requests, resource)]
}

/** The sum of demands at every point of the timeline. */
export function sumDemand(problem: PlacementProblem, workloads: Iterable<Workload>, resource: string): Series {
  const pointCount = problem.timeline?.count ?? 1
  let constant = 0
  const total = Array.from({ length: pointCount }, () => 0)
  for (const workload of workloads) {
    const demand = demandOf(workload, resource)
    if (demand.length === 1) constant += demand[0] ?? 0
    else for (let point = 0; point < pointCount; point++) total[point] = (total[point] ?? 0) + (demand[point] ?? 0)
  }
  return total.map((value) => value + constant)
}

/** The highest value of a series. */
export function peakOf(series: Series): number {
  return series.reduce((most, value) => Math.max(most, value), 0)
}

/** How much of a resource of a host type may be used: capacity less reserve, never below 0, times the usage limit, rounded down. */
export function usableOf(problem: PlacementProblem, type: HostType, resource: string): number {
  const limits = problem.policy?.usageLimitPercent
  const limitPercent = limits !== undefined && Object.hasOwn(limits, resource) ? amountOf(limits, resource) : 100
  const left = Math.max(0, amountOf(type.capacity, resource) - amountOf(type.reserve, resource))
  // Amounts go up to 2^53: a hundred times as much is no exact number.
  return Number((BigInt(Math.floor(left)) * BigInt(limitPercent)) / 100n)
}
