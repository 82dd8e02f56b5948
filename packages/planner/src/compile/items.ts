import type { PlacementProblem, Workload } from '../problem.ts'
import { own } from './host-classes.ts'
import type { RuleMembership } from './membership.ts'

/** Equal items, by the workloads of one of them. */
interface TypeDraft {
  readonly sample: readonly Workload[]
  readonly sampleIndexes: readonly number[]
  readonly items: number[]
}

/** Items by type, and the workloads of each item. */
export interface ItemDrafts {
  readonly types: readonly TypeDraft[]
  readonly items: readonly (readonly number[])[]
}

/** Joins what a required affinity on hosts ties together, then groups equal items into types. O(workloads + length of curves). */
export function draftItems(problem: PlacementProblem, membership: RuleMembership, closedHosts: ReadonlySet<string>): ItemDrafts {
  const items = joinedItems(problem, membership)
  const keyOf = createWorkloadKey(problem, membership, closedHosts)
  const types = new Map<string, TypeDraft>()
  items.forEach((workloads, index) => {
    const key = workloads.map((workload) => keyOf(workload)).join('|')
    const type = types.get(key)
    if (type !== undefined) type.items.push(index)
    else {
      const sample = workloads.flatMap((workload) => problem.workloads[workload] ?? [])
      types.set(key, { sample, sampleIndexes: workloads, items: [index] })
    }
  })
  return { types: [...types.values()], items }
}

function joinedItems(problem: PlacementProblem, membership: RuleMembership): (readonly number[])[] {
  const parent = Int32Array.from(problem.workloads, (_, index) => index)
  const rootOf = (index: number): number => {
    let root = index
    while ((parent[root] ?? root) !== root) root = parent[root] ?? root
    parent[index] = root
    return root
  }
  for (const members of membership.joined) {
    const first = rootOf(members[0] ?? 0)
    for (const member of members) parent[rootOf(member)] = first
  }
  const byRoot = new Map<number, number[]>()
  problem.workloads.forEach((_, index) => {
    const root = rootOf(index)
    const item = byRoot.get(root)
    if (item === undefined) byRoot.set(root, [index])
    else item.push(index)
  })
  return [...byRoot.values()]
}

/** The host that `workload` must stay on, if any: it does not move, or its host takes nothing back. */
export function homeOf(workload: Workload, closedHosts: ReadonlySet<string>): string | undefined {
  const host = workload.currentHost
  if (host === undefined) return undefined
  return workload.move?.isMovable === false || closedHosts.has(host) ? host : undefined
}

function createWorkloadKey(
  problem: PlacementProblem,
  membership: RuleMembership,
  closedHosts: ReadonlySet<string>,
): (index: number) => string {
  const idOfText = new Map<string, number>()
  const idOfArray = new Map<readonly number[], number>()
  const intern = (text: string) => {
    const id = idOfText.get(text) ?? idOfText.size
    idOfText.set(text, id)
    return id
  }
  const curveId = (curve: readonly number[]) => {
    const id = idOfArray.get(curve) ?? intern(curve.join(','))
    idOfArray.set(curve, id)
    return id
  }
  const sorted = (labels: object | undefined) => (labels === undefined ? '' : JSON.stringify(Object.entries(labels).toSorted()))
  return (index) => {
    const workload = problem.workloads[index]
    if (workload === undefined) return ''
    const demand = problem.resources.map(({ name }) => {
      const curve = own(workload.curves, name)
      return curve === undefined ? (own(workload.requests, name) ?? 0) : `c${curveId(curve)}`
    })
    const rare = [
      sorted(workload.hostSelector),
      workload.devices === undefined ? '' : JSON.stringify(workload.devices),
      workload.singleNumaNode === true ? 'numa' : '',
      workload.licence ?? '',
      homeOf(workload, closedHosts) === undefined ? '' : `${workload.move?.isMovable === false} ${workload.currentHost}`,
      (membership.groupsOf[index] ?? []).join(),
      membership.appOf[index] ?? -1,
    ]
    return `${demand.join()};${intern(rare.join('\n'))}`
  }
}
