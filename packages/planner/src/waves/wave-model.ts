import { amount } from '../fabric/model/model.ts'
import { item } from '../fabric/model/typed-array.ts'
import { contractApps } from './contract.ts'
import type { AppGroup, WaveProblem, WaveWorkload } from './wave-documents.ts'

/** A group of apps with what its migration takes. */
interface GroupItem {
  readonly group: AppGroup
  readonly workloads: readonly WaveWorkload[]
  readonly mebibytes: number
  readonly isHeavy: boolean
  /** Need in each resource of the target. */
  readonly need: readonly number[]
  /** Groups that must go no later, and no earlier. */
  readonly before: ReadonlySet<number>
  readonly after: ReadonlySet<number>
  /** Weight of dependencies with other groups. */
  readonly near: ReadonlyMap<number, number>
}

/** A problem by groups. */
export interface WaveModel {
  readonly problem: WaveProblem
  readonly groups: readonly GroupItem[]
  readonly resources: readonly string[]
  /** Indexes of the windows that touch no freeze. */
  readonly windows: readonly number[]
  /** Groups that use each source host that is used again. */
  readonly hostGroups: readonly (readonly number[])[]
  readonly pilotWaves: number
  readonly pilotWorkloads: number
}

/** The model of a problem. Dependencies on apps that have no workload are left out. */
export function compileWaves(problem: WaveProblem): WaveModel {
  const byApp = Map.groupBy(problem.workloads, ({ app }) => app)
  const groups = contractApps([...byApp.keys()], problem.dependencies)
  const groupOf = new Map(groups.flatMap(({ apps }, index) => apps.map((app) => [app, index] as const)))
  const resources = [...new Set(problem.target.hosts.flatMap(({ usable }) => Object.keys(usable)))]
  const links = linksOf(problem, groupOf, groups.length)
  const limit = problem.policy?.heavyWriteMebibytesPerSecond ?? Number.POSITIVE_INFINITY
  const items = groups.map((group, index): GroupItem => {
    const workloads = group.apps.flatMap((app) => byApp.get(app) ?? [])
    return {
      group,
      workloads,
      mebibytes: workloads.reduce((sum, { diskMebibytes }) => sum + diskMebibytes, 0),
      isHeavy: workloads.some(({ writeMebibytesPerSecond }) => (writeMebibytesPerSecond ?? 0) >= limit),
      need: resources.map((resource) => workloads.reduce((sum, { requests }) => sum + amount(requests, resource), 0)),
      ...item(links, index),
    }
  })
  const usersOf = Map.groupBy(problem.workloads, ({ sourceHost }) => sourceHost ?? '')
  return {
    problem,
    groups: items,
    resources,
    windows: usableWindows(problem),
    hostGroups: (problem.target.reusedHosts ?? []).map(({ name }) => [
      ...new Set((usersOf.get(name) ?? []).flatMap(({ app }) => groupOf.get(app) ?? [])),
    ]),
    pilotWaves: problem.policy?.pilotWaves ?? 0,
    pilotWorkloads: problem.policy?.pilotWorkloads ?? 10,
  }
}

function linksOf({ dependencies }: WaveProblem, groupOf: ReadonlyMap<string, number>, count: number) {
  const links = Array.from({ length: count }, () => ({
    before: new Set<number>(),
    after: new Set<number>(),
    near: new Map<number, number>(),
  }))
  for (const { from, to, type, weight = 0 } of dependencies) {
    const [source, target] = [groupOf.get(from), groupOf.get(to)]
    if (source === undefined || target === undefined || source === target) continue
    const [one, other] = [item(links, source), item(links, target)]
    one.near.set(target, (one.near.get(target) ?? 0) + weight)
    other.near.set(source, (other.near.get(source) ?? 0) + weight)
    if (type !== 'Before') continue
    one.before.add(target)
    other.after.add(source)
  }
  return links
}

function usableWindows({ windows, freezes = [] }: WaveProblem): readonly number[] {
  return [...windows.keys()].filter((index) => {
    const { startSeconds, endSeconds } = item(windows, index)
    return freezes.every((freeze) => freeze.endSeconds <= startSeconds || freeze.startSeconds >= endSeconds)
  })
}

/** Mebibytes that a window takes. */
export function windowMebibytes({ problem }: WaveModel, window: number): number {
  const { startSeconds, endSeconds } = item(problem.windows, window)
  return (endSeconds - startSeconds) * problem.limits.transferMebibytesPerSecond
}
