import type { PlacementProblem } from '../problem.ts'
import type { InterferenceRule, PlacementRule } from '../rules.ts'
import { type Domains, domainsOf } from './domains.ts'
import type { ClassDraft } from './host-classes.ts'
import type { ItemDrafts } from './items.ts'
import { mostOfSecond, type RuleMembership } from './membership.ts'
import type { Group, RuleTables, SoftClosedSet, SoftInterference } from './rule-tables.ts'
import { packLists } from './typed-array.ts'

/** Domain of a group whose key is `host`: the host itself. */
export const hostDomain = -2

/** Turns the rules of `problem` into tables over item types and host classes. O(types * rules per type + interferences). */
export function compileRules(
  problem: PlacementProblem,
  membership: RuleMembership,
  drafts: { readonly items: ItemDrafts; readonly classes: readonly ClassDraft[] },
): RuleTables {
  const rules = problem.rules ?? []
  const closed = rules.flatMap((rule, index) => (rule.type === 'ClosedHostSet' && isRequired(rule) ? [{ rule, index }] : []))
  const groups = membership.members.map((members, group) => toGroup({ rules, membership, group, size: members.length }))
  const perType = drafts.items.types.map((type) => countByType(type.sampleIndexes, membership))
  const closedByRule = new Map(closed.map(({ index }, set) => [index, set]))
  const groupLists = perType.map((type) => [...type.groups.keys()].filter((group) => isLive(groups[group])))
  const appLists = perType.map((type) => [...type.apps.keys()])
  return {
    rules,
    groups,
    groupsOfType: packLists(groupLists),
    groupCounts: packLists(perType.map((type, index) => (groupLists[index] ?? []).map((group) => type.groups.get(group) ?? 0))),
    appsOfType: packLists(appLists),
    appCounts: packLists(perType.map((type) => [...type.apps.values()])),
    appCount: membership.apps.size,
    hostLimits: Int32Array.from(groups, (group) => (isScanned(group) ? Math.min(group.value, 0x7fff_ffff) : 0x7fff_ffff)),
    ...compileInterference(rules, membership),
    scans: Uint8Array.from(perType, (type, index) =>
      type.apps.size > 0 || (groupLists[index] ?? []).some((group) => isScanned(groups[group])) ? 1 : 0,
    ),
    isTracked: Uint8Array.from(perType, (_, index) =>
      (groupLists[index] ?? []).some((group) => isTracked(groups[group])) ? 1 : 0,
    ),
    ...compileClosures(drafts.items, membership, closedByRule),
    closedSets: closed.map(({ rule, index }) => ({ rule: index, maxHosts: rule.maxHosts ?? problem.workloads.length })),
    softInterferences: compileSoftInterferences(rules, membership),
    softClosedSets: compileSoftClosedSets(problem, membership, perType),
    domainOf: compileDomains(groups, rules, drafts.classes),
  }
}

const isRequired = (rule: PlacementRule) => rule.enforcement !== 'Preferred'
/** Checked by scanning a host's items: limits per host. */
export const isScanned = (group: Group | undefined) => group?.kind === 'Max' && group.isHostWide && group.isRequired
/** Checked by counters per domain. */
export const isTracked = (group: Group | undefined) => group !== undefined && isLive(group) && !isScanned(group)
/** A closed host set is kept by a tag on hosts, not by a group. */
const isLive = (group: Group | undefined) => group !== undefined && group.size > 0 && group.weight >= 0

interface GroupSource {
  readonly rules: readonly PlacementRule[]
  readonly membership: RuleMembership
  readonly group: number
  readonly size: number
}

function toGroup({ rules, membership, group, size }: GroupSource): Group {
  const rule = membership.ruleOfGroup[group] ?? 0
  const source = rules[rule]
  const base = {
    rule,
    isRequired: source === undefined || isRequired(source),
    weight: source?.weight ?? 1,
    isHostWide: source !== undefined && 'topologyKey' in source && source.topologyKey === 'host',
    size,
  }
  switch (source?.type) {
    case 'AntiAffinity':
      return { ...base, kind: 'Max', value: 1 }
    case 'MaxPerDomain':
      return { ...base, kind: 'Max', value: source.max }
    case 'Affinity':
      return { ...base, kind: 'Affinity', value: 1 }
    case 'Spread':
      return { ...base, kind: 'Spread', value: Math.min(source.minDomains, size) }
    case 'Dependency':
      return membership.ruleOfGroup[group - 1] === rule
        ? { ...base, kind: 'Dependency', value: group - 1 }
        : { ...base, kind: 'Dependent', value: group + 1 }
    case 'ClosedHostSet':
    case 'Interference':
    case undefined:
      return { ...base, kind: 'Max', value: size, weight: -1 }
  }
}

/** How many workloads of an item are in each group, and of each app. */
interface TypeCounts {
  readonly groups: ReadonlyMap<number, number>
  readonly apps: ReadonlyMap<number, number>
}

function countByType(workloads: readonly number[], membership: RuleMembership): TypeCounts {
  const groups = new Map<number, number>()
  const apps = new Map<number, number>()
  for (const workload of workloads) {
    for (const group of membership.groupsOf[workload] ?? []) groups.set(group, (groups.get(group) ?? 0) + 1)
    const app = membership.appOf[workload]
    if (app !== undefined) apps.set(app, (apps.get(app) ?? 0) + 1)
  }
  return { groups, apps }
}

function compileClosures(items: ItemDrafts, membership: RuleMembership, closed: ReadonlyMap<number, number>) {
  const closures: (readonly number[])[] = []
  const indexOf = new Map<string, number>()
  const closureOf = (workload: number): number => {
    const sets = (membership.groupsOf[workload] ?? []).flatMap((group) => closed.get(membership.ruleOfGroup[group] ?? -1) ?? [])
    if (sets.length === 0) return -1
    const index = indexOf.get(sets.join()) ?? closures.push(sets) - 1
    indexOf.set(sets.join(), index)
    return index
  }
  const closure = Int32Array.from(items.types, ({ sampleIndexes }) => {
    const [first = -1, ...others] = new Set(sampleIndexes.map(closureOf))
    return others.length === 0 ? first : -2
  })
  return { closure, closures }
}

function compileInterference(rules: readonly PlacementRule[], membership: RuleMembership) {
  const limited: number[][] = Array.from(membership.apps, () => [])
  const limits: number[][] = Array.from(membership.apps, () => [])
  const limiting: number[][] = Array.from(membership.apps, () => [])
  const limitingLimits: number[][] = Array.from(membership.apps, () => [])
  for (const rule of rules) {
    if (rule.type !== 'Interference' || !isRequired(rule)) continue
    const { first, second, max } = limitOf(rule, membership)
    limited[first]?.push(second)
    limits[first]?.push(max)
    limiting[second]?.push(first)
    limitingLimits[second]?.push(max)
  }
  return {
    limitedApps: packLists(limited),
    limits: packLists(limits),
    limitingApps: packLists(limiting),
    limitingLimits: packLists(limitingLimits),
  }
}

const limitOf = (rule: InterferenceRule, { apps }: RuleMembership) => ({
  first: apps.get(rule.first) ?? 0,
  second: apps.get(rule.second) ?? 0,
  max: mostOfSecond(rule),
})

const compileSoftInterferences = (rules: readonly PlacementRule[], membership: RuleMembership): readonly SoftInterference[] =>
  rules.flatMap((rule) =>
    rule.type === 'Interference' && !isRequired(rule) ? { weight: rule.weight ?? 1, ...limitOf(rule, membership) } : [],
  )

function compileSoftClosedSets(
  { rules = [], workloads }: PlacementProblem,
  { ruleOfGroup }: RuleMembership,
  perType: readonly TypeCounts[],
): readonly SoftClosedSet[] {
  return rules.flatMap((rule, index): SoftClosedSet[] => {
    if (rule.type !== 'ClosedHostSet' || isRequired(rule)) return []
    const group = ruleOfGroup.indexOf(index)
    const members = Int32Array.from(perType, (type) => type.groups.get(group) ?? 0)
    return [{ weight: rule.weight ?? 1, maxHosts: rule.maxHosts ?? workloads.length, members }]
  })
}

function compileDomains(groups: readonly Group[], rules: readonly PlacementRule[], classes: readonly ClassDraft[]): Int32Array {
  const domainOf = new Int32Array(groups.length * classes.length).fill(hostDomain)
  const byKey = new Map<string, Domains>()
  groups.forEach((group, index) => {
    const rule = rules[group.rule]
    if (rule === undefined || !('topologyKey' in rule) || group.isHostWide) return
    const domains = byKey.get(rule.topologyKey) ?? domainsOf(rule.topologyKey, classes)
    byKey.set(rule.topologyKey, domains)
    domainOf.set(domains.ofClass, index * classes.length)
  })
  return domainOf
}
