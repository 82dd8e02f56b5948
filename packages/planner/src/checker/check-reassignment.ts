import type { ReassignmentProblem } from '../reassignment/problem.ts'

/** What a reassignment costs, and which rules it breaks. */
export interface ReassignmentVerdict {
  readonly loadCost: number
  readonly balanceCost: number
  readonly processMoveCost: number
  readonly serviceMoveCost: number
  readonly hostMoveCost: number
  /** All of them, weighted. */
  readonly cost: number
  /** A sentence each; empty if all rules hold. */
  readonly violations: readonly string[]
}

/**
 * Counts `hosts`, a host for each process, from the problem alone, with nothing of the search: the definition of the ROADEF/EURO
 * challenge 2012 read literally. O(hosts × resources + processes × resources + dependencies × neighbourhoods).
 */
export function checkReassignment(problem: ReassignmentProblem, hosts: readonly number[]): ReassignmentVerdict {
  const { processes, start, weights, resources } = problem
  if (hosts.length !== processes.length || hosts.some((host) => problem.hosts[host] === undefined))
    return { ...noCosts, violations: [`${processes.length} processes need a host that exists each`] }
  const used = usageOf(problem, (process) => [hosts[process]])
  const held = usageOf(problem, (process) => [hosts[process], start[process]])
  const moved = processes.flatMap((_, process) => (hosts[process] === start[process] ? [] : [process]))
  const byService = new Map<number, number>()
  for (const process of moved) {
    const service = processes[process]?.service ?? -1
    byService.set(service, (byService.get(service) ?? 0) + 1)
  }
  const at = (usage: readonly (readonly number[])[], host: number, resource: number): number => usage[host]?.[resource] ?? 0
  const loadCost = sum(
    problem.hosts.flatMap(({ safetyCapacities }, host) =>
      safetyCapacities.map(
        (safe, resource) => (resources[resource]?.loadWeight ?? 0) * Math.max(0, at(used, host, resource) - safe),
      ),
    ),
  )
  const balanceCost = sum(
    problem.balances.flatMap(({ first, second, target, weight }) =>
      problem.hosts.map(({ capacities }, host) => {
        const free = (resource: number): number => (capacities[resource] ?? 0) - at(used, host, resource)
        return weight * Math.max(0, target * free(first) - free(second))
      }),
    ),
  )
  const processMoveCost = weights.process * sum(moved.map((process) => processes[process]?.moveCost ?? 0))
  const serviceMoveCost = weights.service * Math.max(0, ...byService.values())
  const hostMoveCost = weights.host * sum(hosts.map((host, process) => problem.hosts[start[process] ?? -1]?.moveCosts[host] ?? 0))
  const violations = [
    ...problem.hosts.flatMap(({ capacities }, host) =>
      capacities.flatMap((capacity, resource) => {
        const amount = at(resources[resource]?.isTransient === true ? held : used, host, resource)
        return amount > capacity ? [`host ${host} has ${capacity} of resource ${resource}, ${amount} are used`] : []
      }),
    ),
    ...serviceViolations(problem, hosts),
  ]
  const cost = loadCost + balanceCost + processMoveCost + serviceMoveCost + hostMoveCost
  return { loadCost, balanceCost, processMoveCost, serviceMoveCost, hostMoveCost, cost, violations }
}

const noCosts = { loadCost: 0, balanceCost: 0, processMoveCost: 0, serviceMoveCost: 0, hostMoveCost: 0, cost: 0 }
const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0)

/** What processes use by host and resource, each counted once on each host that `placesOf` names for it. */
function usageOf(
  problem: ReassignmentProblem,
  placesOf: (process: number) => readonly (number | undefined)[],
): readonly (readonly number[])[] {
  const usage = problem.hosts.map(() => problem.resources.map(() => 0))
  problem.processes.forEach(({ requirements }, process) => {
    for (const host of new Set(placesOf(process))) {
      const row = usage[host ?? -1]
      requirements.forEach((amount, resource) => {
        if (row !== undefined) row[resource] = (row[resource] ?? 0) + amount
      })
    }
  })
  return usage
}

function serviceViolations(problem: ReassignmentProblem, hosts: readonly number[]): readonly string[] {
  const members = problem.services.map((): number[] => [])
  problem.processes.forEach(({ service }, process) => members[service]?.push(hosts[process] ?? -1))
  const placesOf = (service: number, kind: 'location' | 'neighbourhood'): ReadonlySet<number> =>
    new Set((members[service] ?? []).map((host) => problem.hosts[host]?.[kind] ?? -1))
  return problem.services.flatMap(({ spreadMin, dependencies }, service) => {
    const own = members[service] ?? []
    const locations = placesOf(service, 'location').size
    return [
      ...(new Set(own).size < own.length ? [`service ${service} has two processes on one host`] : []),
      ...(locations < spreadMin ? [`service ${service} is in ${locations} locations, not ${spreadMin}`] : []),
      ...dependencies.flatMap((other) => {
        const near = placesOf(other, 'neighbourhood')
        return [...placesOf(service, 'neighbourhood')]
          .filter((place) => !near.has(place))
          .map((place) => `service ${service} is in neighbourhood ${place}, service ${other} is not`)
      }),
    ]
  })
}
