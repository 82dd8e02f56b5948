import { matchDomains, type Reach } from './match-domains.ts'
import type { Dimension } from '../fabric/model/model.ts'
import { type ConflictModel, type RuleScope, tolerance } from './model.ts'
import { type Element, type Part, traits } from './part.ts'
import { countDomains } from './rule-state.ts'
import type { Scene } from './scene.ts'
import { roomIn, shortOf } from './volume.ts'

/**
 * A part of the scene that cannot be placed, found by counting alone, or undefined if counting says nothing: a workload that fits no
 * host, more workloads than a rule lets its domains take, fewer domains than a spread asks for, or more than the hosts have room for.
 * O(workloads * classes * (rules + dimensions)).
 */
export function refute(scene: Scene): Part | undefined {
  const homeless = scene.workloads.find((workload) => scene.classesOf(workload).length === 0)
  if (homeless !== undefined) return partOf(scene, [homeless], [])
  for (const rule of scene.rules) {
    const scope = scene.model.scopes[rule]
    const stuck = scope === undefined ? undefined : refuteRule(scene, scope)
    if (stuck !== undefined) return partOf(scene, stuck, [rule])
  }
  const crowd = refuteVolume(scene)
  return crowd === undefined ? undefined : partOf(scene, crowd, [])
}

/** The part of the scene that is about `workloads` under `rules`. */
function partOf({ part }: Scene, workloads: readonly number[], rules: readonly number[]): Part {
  const about = new Set(workloads)
  const under = new Set(rules)
  const ofWorkload: readonly Element['kind'][] = ['Workload', ...traits]
  return part.filter(
    ({ kind, index }) =>
      kind === 'Resource' || (kind === 'Rule' ? under.has(index) : ofWorkload.includes(kind) && about.has(index)),
  )
}

/** Members of a rule that cannot all be placed under it. */
function refuteRule(scene: Scene, { rule, members }: RuleScope): readonly number[] | undefined {
  const here = scene.workloads.filter((workload) => members.has(workload))
  if (here.length === 0) return undefined
  switch (rule.type) {
    case 'AntiAffinity':
      return matchDomains(here, reachOf(scene, rule.topologyKey, 1)).stuck
    case 'MaxPerDomain':
      return matchDomains(here, reachOf(scene, rule.topologyKey, rule.max)).stuck
    case 'Affinity':
      return hasCommonDomain(scene, here, rule.topologyKey) ? undefined : here
    case 'Spread':
      return isWideEnough(scene, here, { ...rule, memberCount: members.size }) ? undefined : here
    case 'ClosedHostSet':
      return isLargeEnough(scene, here, rule.maxHosts) ? undefined : here
    case 'Dependency':
    case 'Interference':
      return undefined
  }
}

/** Domains as numbers: of a label its values, of `host` the classes, each with room for `each` workloads per host. */
function reachOf({ model, classesOf }: Scene, topologyKey: string, each: number): Reach {
  if (topologyKey === 'host') {
    return { domainsOf: classesOf, roomIn: (hostClass) => (model.classes[hostClass]?.limit ?? 0) * each }
  }
  const { ofClass } = model.domainsOf(topologyKey)
  return {
    domainsOf: (workload) =>
      [...new Set(classesOf(workload).map((hostClass) => ofClass[hostClass] ?? -1))].filter((id) => id >= 0),
    roomIn: () => each,
  }
}

/** True if there is a domain that every workload can be in, and that has room for all of them. */
function hasCommonDomain(scene: Scene, workloads: readonly number[], topologyKey: string): boolean {
  const { model, classesOf } = scene
  const isHost = topologyKey === 'host'
  const { ofClass } = isHost ? { ofClass: [...model.classes.keys()] } : model.domainsOf(topologyKey)
  const reaching = new Map<number, number>()
  for (const workload of workloads) {
    const domains = new Set(classesOf(workload).map((hostClass) => ofClass[hostClass] ?? -1))
    for (const domain of domains) reaching.set(domain, (reaching.get(domain) ?? 0) + 1)
  }
  return [...reaching].some(([domain, count]) => {
    if (domain < 0 || count < workloads.length) return false
    const classes = [...model.classes.keys()].filter((hostClass) => ofClass[hostClass] === domain)
    return shortOf(scene, workloads, { classes, ...(isHost && { hosts: 1 }) }) === undefined
  })
}

function isWideEnough(
  scene: Scene,
  workloads: readonly number[],
  rule: { readonly topologyKey: string; readonly minDomains: number; readonly memberCount: number },
): boolean {
  const most = matchDomains(workloads, reachOf(scene, rule.topologyKey, 1)).matched
  const domainCount = countDomains(scene, rule.topologyKey)
  const isWide = (help: number): boolean =>
    most + Math.min(help, domainCount - most) >= Math.min(rule.minDomains, workloads.length + help)
  return isWide(0) || isWide(rule.memberCount - workloads.length)
}

/** True if the largest `maxHosts` hosts have room for all members. */
function isLargeEnough(scene: Scene, members: readonly number[], maxHosts: number | undefined): boolean {
  if (maxHosts === undefined) return true
  const classes = [...new Set(members.flatMap(scene.classesOf))]
  return maxHosts > 0 && shortOf(scene, members, { classes, hosts: maxHosts }) === undefined
}

/** Workloads that need more than the only hosts that they may be on have, or more hosts: the largest of them, as few as prove it. */
function refuteVolume(scene: Scene): readonly number[] | undefined {
  const { model, workloads, classesOf } = scene
  const groups = Map.groupBy(workloads, (workload) => classesOf(workload).join())
  const sets = [...groups.values()].map(([first = 0]) => new Set(classesOf(first)))
  const everywhere = new Set(workloads.flatMap(classesOf))
  for (const classes of [...sets, everywhere]) {
    const confined = [...groups.values()]
      .filter(([first = 0]) => classesOf(first).every((hostClass) => classes.has(hostClass)))
      .flat()
    const giants = tooManyGiants(scene, confined, [...classes])
    if (giants !== undefined) return giants
    const dimension = shortOf(scene, confined, { classes: [...classes] })
    if (dimension === undefined) continue
    const need = (workload: number): number => model.demandOf(workload)[dimension] ?? 0
    const largest = confined.toSorted((a, b) => need(b) - need(a) || a - b)
    let left = roomIn(scene, { classes: [...classes] }, dimension)
    return largest.filter((workload) => {
      const isNeeded = left >= -tolerance
      left -= need(workload)
      return isNeeded
    })
  }
  return undefined
}

/** One more than there are hosts, of workloads of which no two share a host: each needs more than half of the largest. */
function tooManyGiants(
  { model, resources }: Scene,
  confined: readonly number[],
  classes: readonly number[],
): readonly number[] | undefined {
  const hosts = classes.flatMap((index) => model.classes[index] ?? [])
  const hostCount = hosts.reduce((sum, { limit }) => sum + limit, 0)
  if (confined.length <= hostCount) return undefined
  for (const resource of resources) {
    // Curves may take turns: only what is needed all the time counts.
    if (model.dimensions.some((dimension) => dimension.point !== undefined && isOf(model, dimension, resource))) continue
    const largest = hosts.reduce((most, { usableOf }) => Math.max(most, usableOf[resource] ?? 0), 0)
    const giants = confined.filter((workload) => (model.peakOf(workload)[resource] ?? 0) * 2 > largest + 2 * tolerance)
    if (giants.length > hostCount) return giants.slice(0, hostCount + 1)
  }
  return undefined
}

const isOf = ({ problem }: ConflictModel, { resource }: Dimension, index: number): boolean =>
  problem.resources[index]?.name === resource
