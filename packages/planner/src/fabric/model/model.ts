import type { Amounts, Host, HostType, PlacementProblem, Workload } from '../../problem.ts'
import { usableAmount } from '../../compile/host-classes.ts'
import { at, item } from './typed-array.ts'

/** A host of the fabric by name and type. */
export interface NamedHost {
  readonly name: string
  readonly type: string
}

/**
 * A problem over given hosts as flat arrays. Words: a *dimension* is a resource at one point of the timeline (one point if no
 * workload has a curve of it); hosts and workloads are their indexes.
 */
export interface FabricModel {
  readonly problem: PlacementProblem
  readonly workloads: readonly Workload[]
  readonly workloadByName: ReadonlyMap<string, number>
  readonly hosts: readonly ModelHost[]
  readonly hostByName: ReadonlyMap<string, number>
  readonly dimensionCount: number
  readonly dimensions: readonly Dimension[]
  /** `workload * dimensionCount + dimension`. */
  readonly demand: Float64Array
  /** `host * dimensionCount + dimension`: see `usableAmount`. */
  readonly usable: Float64Array
  /** Highest share of the average host that a workload needs of any dimension: how hard it is to place. */
  readonly size: Float64Array
  /** What has to be copied to move each workload. */
  readonly mebibytes: Float64Array
  /** Index of the workload's selector, and 1 at `selector * hosts.length + host` where the host has its labels. */
  readonly selectorOf: Int32Array
  readonly selects: Uint8Array
}

/** A host with its type and all its labels. */
export interface ModelHost {
  readonly name: string
  readonly type: HostType
  readonly labels: ReadonlyMap<string, string>
  readonly state: NonNullable<Host['state']>
  /** False for a host that is not (yet) there. */
  readonly isExisting: boolean
}

/** The model of `problem` on `hosts` (its own if absent). O(workloads x dimensions + selectors x hosts). */
export function compileFabric(problem: PlacementProblem, hosts: readonly NamedHost[] = problem.hosts ?? []): FabricModel {
  const modelHosts = toModelHosts(problem, hosts)
  const { workloads } = problem
  const dimensions = dimensionsOf(problem)
  const demand = demandOf(workloads, dimensions)
  const usable = usableOf(problem, modelHosts, dimensions)
  return {
    problem,
    workloads,
    workloadByName: new Map(workloads.map(({ name }, index) => [name, index])),
    hosts: modelHosts,
    hostByName: new Map(modelHosts.map(({ name }, index) => [name, index])),
    dimensionCount: dimensions.length,
    dimensions,
    demand,
    usable,
    size: sizesOf(demand, usable, dimensions.length),
    mebibytes: Float64Array.from(workloads, (workload) => workload.move?.mebibytes ?? amount(workload.requests, 'memory')),
    ...selectorsOf(workloads, modelHosts),
  }
}

/** The amount under `name`, 0 if there is none of its own. */
export function amount(amounts: Amounts | undefined, name: string): number {
  return amounts !== undefined && Object.hasOwn(amounts, name) ? (amounts[name] ?? 0) : 0
}

/** Hosts of unknown types are left out. */
function toModelHosts(problem: PlacementProblem, hosts: readonly NamedHost[]): readonly ModelHost[] {
  const types = new Map(problem.hostTypes.map((type) => [type.name, type]))
  const existing = new Map((problem.hosts ?? []).map((host) => [host.name, host]))
  return hosts.flatMap(({ name, type: typeName }): ModelHost[] => {
    const type = types.get(typeName)
    if (type === undefined) return []
    const host = existing.get(name)
    const labels = new Map([...Object.entries(type.labels ?? {}), ...Object.entries(host?.labels ?? {})])
    return [{ name, type, labels, state: host?.state ?? 'Ready', isExisting: host !== undefined }]
  })
}

/** A resource at one point of the timeline. */
export interface Dimension {
  readonly resource: string
  /** Point of the curve; undefined where no workload has one. */
  readonly point?: number
}

/** The dimensions of a problem: each resource, at each point of the timeline if a workload has a curve of it. */
export function dimensionsOf(problem: PlacementProblem): readonly Dimension[] {
  const pointCount = problem.timeline?.count ?? 1
  const curved = new Set(problem.workloads.flatMap(({ curves }) => (curves === undefined ? [] : Object.keys(curves))))
  return problem.resources.flatMap(({ name: resource }): Dimension[] =>
    curved.has(resource) ? Array.from({ length: pointCount }, (_, point) => ({ resource, point })) : [{ resource }],
  )
}

function demandOf(workloads: readonly Workload[], dimensions: readonly Dimension[]): Float64Array {
  const demand = new Float64Array(workloads.length * dimensions.length)
  workloads.forEach((workload, index) => demand.set(demandRow(workload, dimensions), index * dimensions.length))
  return demand
}

/** What a workload needs in each dimension; where the dimension has no point, the peak of a curve. */
export function demandRow({ requests, curves }: Workload, dimensions: readonly Dimension[]): readonly number[] {
  return dimensions.map(({ resource, point }) => {
    const curve = curves !== undefined && Object.hasOwn(curves, resource) ? curves[resource] : undefined
    if (curve === undefined) return amount(requests, resource)
    return point === undefined ? curve.reduce((most, value) => Math.max(most, value), 0) : (curve[point] ?? 0)
  })
}

function usableOf(problem: PlacementProblem, hosts: readonly ModelHost[], dimensions: readonly Dimension[]): Float64Array {
  const ofType = new Map<HostType, readonly number[]>()
  for (const { type } of hosts) {
    if (ofType.has(type)) continue
    ofType.set(
      type,
      dimensions.map(({ resource }) => usableAmount(problem, type, resource)),
    )
  }
  return Float64Array.from(hosts.flatMap(({ type }) => ofType.get(type) ?? []))
}

function sizesOf(demand: Float64Array, usable: Float64Array, dimensionCount: number): Float64Array {
  const hostCount = usable.length / dimensionCount
  const mean = new Float64Array(dimensionCount)
  usable.forEach((value, index) => (mean[index % dimensionCount] = at(mean, index % dimensionCount) + value / hostCount))
  const sizes = new Float64Array(demand.length / dimensionCount)
  demand.forEach((value, index) => {
    const workload = Math.floor(index / dimensionCount)
    sizes[workload] = Math.max(at(sizes, workload), value / Math.max(1, at(mean, index % dimensionCount)))
  })
  return sizes
}

function selectorsOf(workloads: readonly Workload[], hosts: readonly ModelHost[]): Pick<FabricModel, 'selectorOf' | 'selects'> {
  const selectors = new Map<string, readonly (readonly [string, string])[]>()
  const keys = workloads.map(({ hostSelector }) => {
    const pairs = Object.entries(hostSelector ?? {})
    const key = JSON.stringify(pairs)
    selectors.set(key, pairs)
    return key
  })
  const indexes = new Map([...selectors.keys()].map((key, index) => [key, index]))
  const selects = [...selectors.values()].flatMap((pairs) =>
    hosts.map(({ labels }) => (pairs.every(([key, value]) => labels.get(key) === value) ? 1 : 0)),
  )
  return { selectorOf: Int32Array.from(keys, (key) => indexes.get(key) ?? 0), selects: Uint8Array.from(selects) }
}

/** True if the host has the labels that the workload asks for. */
export function isSelected(model: FabricModel, workload: number, host: number): boolean {
  return at(model.selects, at(model.selectorOf, workload) * model.hosts.length + host) === 1
}

/** Who is where: host index by workload, -1 for none. */
export function currentPlaces(model: FabricModel): Int32Array {
  return Int32Array.from(model.workloads, ({ currentHost }) => model.hostByName.get(currentHost ?? '') ?? -1)
}

/** The workload at an index. */
export function workloadAt(model: FabricModel, workload: number): Workload {
  return item(model.workloads, workload)
}
