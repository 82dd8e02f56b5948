import type { PlacementProblem } from '../problem.ts'
import type { InterferenceRule, PlacementRule, WorkloadSet } from '../rules.ts'

/** Who each rule is about. */
export interface RuleMembership {
  /** Members of each group, as workload indexes in order. A dependency has two groups, an interference none. */
  readonly members: readonly (readonly number[])[]
  readonly ruleOfGroup: readonly number[]
  /** Per workload: its groups. Workloads in no group may be absent. */
  readonly groupsOf: readonly (readonly number[] | undefined)[]
  /** Per workload: the index of its app among those that interference rules name. */
  readonly appOf: readonly (number | undefined)[]
  readonly apps: ReadonlyMap<string, number>
  /** Workloads that a required affinity ties to one host. */
  readonly joined: readonly (readonly number[])[]
}

/** Resolves the workload sets of all rules. O(workloads + rules + members). */
export function resolveMembership(problem: PlacementProblem): RuleMembership {
  const lookUp = createLookUp(problem)
  const members: (readonly number[])[] = []
  const ruleOfGroup: number[] = []
  const joined: (readonly number[])[] = []
  const apps = new Map<string, number>()
  const groupsOf: number[][] = []
  const addGroup = (rule: number, set: WorkloadSet) => {
    const found = lookUp(set)
    for (const workload of found) (groupsOf[workload] ??= []).push(members.length)
    members.push(found)
    ruleOfGroup.push(rule)
  }
  ;(problem.rules ?? []).forEach((rule, index) => {
    if (rule.type === 'Interference') {
      for (const app of [rule.first, rule.second]) if (!apps.has(app)) apps.set(app, apps.size)
    } else if (isJoining(rule)) joined.push(lookUp(rule.workloads))
    else {
      addGroup(index, rule.workloads)
      if (rule.type === 'Dependency') addGroup(index, rule.on)
    }
  })
  const appOf = problem.workloads.map((workload) => apps.get(workload.app ?? workload.name))
  return { members, ruleOfGroup, groupsOf, appOf, apps, joined: joined.filter((list) => list.length > 0) }
}

/** True if the rule ties its workloads to one host, so that they are placed as one. */
const isJoining = (rule: PlacementRule) =>
  rule.type === 'Affinity' && rule.topologyKey === 'host' && rule.enforcement !== 'Preferred'

/** Looks up the workloads that a set names, as indexes in order and once each. O(workloads), then O(named). */
export function createLookUp(problem: PlacementProblem): (set: WorkloadSet) => readonly number[] {
  const byApp = new Map<string, number[]>()
  const byName = new Map<string, number>()
  problem.workloads.forEach((workload, index) => {
    const app = workload.app ?? workload.name
    const list = byApp.get(app)
    if (list === undefined) byApp.set(app, [index])
    else list.push(index)
    byName.set(workload.name, index)
  })
  return (set) => {
    const found = new Set<number>()
    for (const app of set.apps ?? []) for (const index of byApp.get(app) ?? []) found.add(index)
    for (const name of set.names ?? []) {
      const index = byName.get(name)
      if (index !== undefined) found.add(index)
    }
    return [...found].toSorted((a, b) => a - b)
  }
}

/** The required closed host sets that each workload is in, as indexes of rules in order. O(workloads + members). */
export function closedSetsOf(problem: PlacementProblem): readonly (readonly number[])[] {
  const lookUp = createLookUp(problem)
  const setsOf = problem.workloads.map((): number[] => [])
  for (const [index, rule] of (problem.rules ?? []).entries()) {
    if (rule.type !== 'ClosedHostSet' || rule.enforcement === 'Preferred') continue
    for (const workload of lookUp(rule.workloads)) setsOf[workload]?.push(index)
  }
  return setsOf
}

/** How many of the second app a host with the first may have: where both are one, the workload that counts them is among them. */
export const mostOfSecond = ({ first, second, max }: InterferenceRule): number => (first === second ? max + 1 : max)
