import { f64, i32, type Lists, packLists } from '../compile/typed-array.ts'
import type { ReassignmentProblem } from './problem.ts'

/** A problem as flat arrays. Matrices are by row: `capacity[host * resourceCount + resource]`. */
export interface ReassignmentTables {
  readonly hostCount: number
  readonly resourceCount: number
  readonly processCount: number
  readonly serviceCount: number
  readonly locationCount: number
  readonly neighbourhoodCount: number
  /** By resource. */
  readonly isTransient: Uint8Array
  readonly loadWeight: Float64Array
  /** By host and resource. */
  readonly capacity: Float64Array
  readonly safety: Float64Array
  /** By host. */
  readonly location: Int32Array
  readonly neighbourhood: Int32Array
  /** By host and host. */
  readonly hostMoveCost: Float64Array
  /** By process and resource. */
  readonly need: Float64Array
  /** By process. */
  readonly serviceOf: Int32Array
  readonly moveCost: Float64Array
  readonly home: Int32Array
  /** By service. */
  readonly spreadMin: Int32Array
  readonly members: Lists
  /** Services that one asks for, and those that ask for it; itself left out. */
  readonly asked: Lists
  readonly asking: Lists
  /** The mean over processes of what their needs would cost above all safety capacities: the scale of costs. */
  readonly meanCost: number
}

/** The tables of `problem`. O(hosts² + processes × resources). */
export function tablesOf(problem: ReassignmentProblem): ReassignmentTables {
  const { resources, hosts, services, processes } = problem
  const asked = services.map(({ dependencies }, service) => [...new Set(dependencies)].filter((other) => other !== service))
  const asking: number[][] = services.map(() => [])
  asked.forEach((others, service) => others.forEach((other) => asking[other]?.push(service)))
  const members: number[][] = services.map(() => [])
  processes.forEach(({ service }, process) => members[service]?.push(process))
  const need = Float64Array.from(processes.flatMap(({ requirements }) => requirements))
  const loadWeight = Float64Array.from(resources, (resource) => resource.loadWeight)
  const whole = need.reduce((sum, amount, index) => sum + amount * f64(loadWeight, index % resources.length), 0)
  const location = Int32Array.from(hosts, (host) => host.location)
  const neighbourhood = Int32Array.from(hosts, (host) => host.neighbourhood)
  return {
    hostCount: hosts.length,
    resourceCount: resources.length,
    processCount: processes.length,
    serviceCount: services.length,
    locationCount: highest(location) + 1,
    neighbourhoodCount: highest(neighbourhood) + 1,
    isTransient: Uint8Array.from(resources, (resource) => Number(resource.isTransient)),
    loadWeight,
    capacity: Float64Array.from(hosts.flatMap(({ capacities }) => capacities)),
    safety: Float64Array.from(hosts.flatMap(({ safetyCapacities }) => safetyCapacities)),
    location,
    neighbourhood,
    hostMoveCost: Float64Array.from(hosts.flatMap(({ moveCosts }) => moveCosts)),
    need,
    serviceOf: Int32Array.from(processes, ({ service }) => service),
    moveCost: Float64Array.from(processes, (process) => process.moveCost),
    home: Int32Array.from(problem.start),
    spreadMin: Int32Array.from(services, (service) => service.spreadMin),
    members: packLists(members),
    asked: packLists(asked),
    asking: packLists(asking),
    meanCost: Math.max(1, whole / Math.max(1, processes.length)),
  }
}

const highest = (values: Int32Array): number => values.reduce((most, value) => Math.max(most, value), 0)

/** The number of members of each service. */
export const memberCount = ({ members }: ReassignmentTables, service: number): number =>
  i32(members.starts, service + 1) - i32(members.starts, service)
