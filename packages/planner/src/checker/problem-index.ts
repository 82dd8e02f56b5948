import type { Amounts, Host, HostType, Labels, PlacementProblem, Workload } from '../problem.ts'

/** A host as the checker sees it: its type, and the labels of the type with its own on top. */
export interface SeenHost {
  readonly name: string
  readonly type: HostType
  readonly labels: ReadonlyMap<string, string>
  /** Absent for a host made up by the plan. */
  readonly existing?: Host
}

/** A problem by name. */
export interface ProblemIndex {
  readonly problem: PlacementProblem
  readonly types: ReadonlyMap<string, HostType>
  readonly hosts: ReadonlyMap<string, Host>
  readonly workloads: ReadonlyMap<string, Workload>
}

/** The problem's lists as maps; of a name given twice the last counts. */
export function indexProblem(problem: PlacementProblem): ProblemIndex {
  return {
    problem,
    types: new Map(problem.hostTypes.map((type) => [type.name, type])),
    hosts: new Map((problem.hosts ?? []).map((host) => [host.name, host])),
    workloads: new Map(problem.workloads.map((workload) => [workload.name, workload])),
  }
}

/** The amount under `name`, 0 if there is none. Names such as `constructor` are no amounts. */
export function amountOf(amounts: Amounts | undefined, name: string): number {
  return amounts !== undefined && Object.hasOwn(amounts, name) ? (amounts[name] ?? 0) : 0
}

/** The host of that name and type, as the problem knows it or as made up. */
export function seeHost(index: ProblemIndex, name: string, type: HostType): SeenHost {
  const existing = index.hosts.get(name)
  const labels = new Map([...Object.entries(type.labels ?? {}), ...Object.entries(existing?.labels ?? {})])
  return existing === undefined ? { name, type, labels } : { name, type, labels, existing }
}

/** What a workload is called in rules. */
export function appOf(workload: Workload): string {
  return workload.app ?? workload.name
}

/** True if the host has every label of the selector. */
export function hasLabels(host: SeenHost, selector: Labels | undefined): boolean {
  return Object.entries(selector ?? {}).every(([key, value]) => host.labels.get(key) === value)
}

/** What has to be copied to move it, in mebibytes. */
export function moveMebibytes(workload: Workload): number {
  return workload.move?.mebibytes ?? amountOf(workload.requests, 'memory')
}
