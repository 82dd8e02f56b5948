import type { PlacementProblem, Workload } from '../problem.ts'
import type { PlacementRule, WorkloadSet } from '../rules.ts'
import { appOf, type SeenHost } from './problem-index.ts'
import type { World } from './world.ts'

/** A rule with the workloads that it is about, looked up once. */
export interface BoundRule {
  readonly rule: PlacementRule
  /** `workloads` of the rule; for `Interference` those of `first`. */
  readonly members: readonly Workload[]
  /** `on` of a dependency, `second` of an interference; else empty. */
  readonly others: readonly Workload[]
}

/** A way in which a rule is broken, and how often it counts. */
export interface Break {
  readonly count: number
  readonly message: string
}

/** All rules of a problem with their members. O(rules x workloads named). */
export function bindRules(problem: PlacementProblem): readonly BoundRule[] {
  const byApp = Map.groupBy(problem.workloads, appOf)
  const byName = new Map(problem.workloads.map((workload) => [workload.name, workload]))
  const membersOf = (set: WorkloadSet): readonly Workload[] => [
    ...new Set([
      ...(set.apps ?? []).flatMap((app) => byApp.get(app) ?? []),
      ...(set.names ?? []).flatMap((name) => byName.get(name) ?? []),
    ]),
  ]
  return (problem.rules ?? []).map((rule) => {
    if (rule.type === 'Interference') {
      return { rule, members: membersOf({ apps: [rule.first] }), others: membersOf({ apps: [rule.second] }) }
    }
    return { rule, members: membersOf(rule.workloads), others: rule.type === 'Dependency' ? membersOf(rule.on) : [] }
  })
}

/** The domain of a host: its name for `host`, else the value of the label; nothing if it has no such label. */
export function domainOf(host: SeenHost, topologyKey: string): string | undefined {
  return topologyKey === 'host' ? host.name : host.labels.get(topologyKey)
}

/** How often, and where, a rule is broken in `world`. Workloads without a host do not count. */
export function breaksOf(bound: BoundRule, world: World): readonly Break[] {
  return bound.rule.enforcement === 'Preferred' ? countsOf(bound, world) : [...countsOf(bound, world), ...nowhere(bound, world)]
}

/** Members of a required rule on hosts without the label that it is about. */
function nowhere({ rule, members }: BoundRule, world: World): readonly Break[] {
  if (rule.type === 'Interference' || rule.type === 'ClosedHostSet' || rule.type === 'Dependency') return []
  const count = countByDomain(members, world, rule.topologyKey).get(undefined) ?? 0
  return count === 0 ? [] : [{ count, message: `${count} workloads are on hosts without the label ${rule.topologyKey}.` }]
}

function countsOf(bound: BoundRule, world: World): readonly Break[] {
  const { rule } = bound
  switch (rule.type) {
    case 'AntiAffinity':
      return tooMany(bound, world, rule.topologyKey, 1)
    case 'MaxPerDomain':
      return tooMany(bound, world, rule.topologyKey, rule.max)
    case 'Affinity':
      return apart(bound, world, rule.topologyKey)
    case 'Spread':
      return tooFewDomains(bound, world, rule)
    case 'Dependency':
      return withoutDependency(bound, world, rule.topologyKey)
    case 'Interference':
      return interfering(bound, world, rule)
    case 'ClosedHostSet':
      return notClosed(bound, world, rule.maxHosts)
  }
}

/** The domains that the hosts of `world` make up. */
export function domainsOf(world: World, topologyKey: string): ReadonlySet<string> {
  return new Set([...world.hosts.values()].flatMap((host) => domainOf(host, topologyKey) ?? []))
}

/** How many of `workloads` are in each domain; `undefined` for hosts that are in none. */
function countByDomain(workloads: readonly Workload[], world: World, topologyKey: string): Map<string | undefined, number> {
  const counts = new Map<string | undefined, number>()
  for (const workload of workloads) {
    const host = world.hostOf(workload)
    if (host === undefined) continue
    const domain = domainOf(host, topologyKey)
    counts.set(domain, (counts.get(domain) ?? 0) + 1)
  }
  return counts
}

function tooMany({ members }: BoundRule, world: World, topologyKey: string, max: number): readonly Break[] {
  return [...countByDomain(members, world, topologyKey)]
    .filter(([domain, count]) => domain !== undefined && count > max)
    .map(([domain, count]) => ({
      count: count - max,
      message: `${count} workloads are in ${topologyKey} ${domain}; at most ${max} may be.`,
    }))
}

function apart({ members }: BoundRule, world: World, topologyKey: string): readonly Break[] {
  const counts = countByDomain(members, world, topologyKey)
  counts.delete(undefined)
  const count = counts.size - 1
  if (count <= 0) return []
  return [{ count, message: `The workloads are in ${counts.size} domains of ${topologyKey}; one is allowed.` }]
}

function tooFewDomains(
  { members }: BoundRule,
  world: World,
  rule: { readonly topologyKey: string; readonly minDomains: number },
): readonly Break[] {
  const counts = countByDomain(members, world, rule.topologyKey)
  const placed = [...counts.values()].reduce((sum, count) => sum + count, 0)
  counts.delete(undefined)
  const left = world.isAfterFailure ? domainsOf(world, rule.topologyKey).size : Number.POSITIVE_INFINITY
  const needed = Math.min(rule.minDomains, placed, left)
  if (counts.size >= needed) return []
  return [{ count: needed - counts.size, message: `${counts.size} domains of ${rule.topologyKey} are used, not ${needed}.` }]
}

function withoutDependency({ members, others }: BoundRule, world: World, topologyKey: string): readonly Break[] {
  const needed = countByDomain(members, world, topologyKey)
  const given = countByDomain(others, world, topologyKey)
  return [...needed.keys()]
    .filter((domain) => domain === undefined || !given.has(domain))
    .map((domain) => ({ count: 1, message: `${topologyKey} ${domain ?? '(none)'} lacks what the workloads there depend on.` }))
}

function interfering(
  { members, others }: BoundRule,
  world: World,
  rule: { readonly first: string; readonly second: string; readonly max: number },
): readonly Break[] {
  const max = rule.first === rule.second ? rule.max + 1 : rule.max
  const counts = countByDomain(others, world, 'host')
  return [...countByDomain(members, world, 'host').keys()]
    .filter((host) => (counts.get(host) ?? 0) > max)
    .map((host) => ({
      count: (counts.get(host) ?? 0) - max,
      message: `${counts.get(host)} of ${rule.second} are on ${host} beside ${rule.first}; at most ${max} may be.`,
    }))
}

function notClosed({ members }: BoundRule, world: World, maxHosts: number | undefined): readonly Break[] {
  const inside = new Set(members)
  const hosts = [...countByDomain(members, world, 'host').keys()]
  const strangers = hosts.flatMap((host) => world.on(host ?? '').filter((workload) => !inside.has(workload)))
  const breaks: Break[] = strangers.map((workload) => ({
    count: 1,
    message: `${workload.name} is on ${world.hostOf(workload)?.name}, a host of the closed set.`,
  }))
  if (maxHosts !== undefined && hosts.length > maxHosts) {
    breaks.push({ count: hosts.length - maxHosts, message: `${hosts.length} hosts are used; ${maxHosts} are allowed.` })
  }
  return breaks
}
