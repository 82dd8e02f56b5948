import { mostOfSecond } from '../compile/membership.ts'
import type { RuleScope } from './model.ts'
import type { Scene } from './scene.ts'

/** Where something may go: a host of a class. */
export interface Place {
  readonly slot: number
  readonly hostClass: number
}

/** How one rule stands while a scene is being placed. Exact: what it lets through to the end keeps the rule. */
export interface RuleState {
  /** True if the workload, which is nowhere, breaks the rule there by itself or with what is there. */
  readonly refuses: (workload: number, place: Place) => boolean
  /** Counts a workload in (1) or out (-1). */
  readonly change: (workload: number, place: Place, step: 1 | -1) => void
  /** False if the rule cannot be kept any more, wherever the rest goes. */
  readonly mayHold: () => boolean
}

/** Members and others by domain (a host is slot of its own), and what is to come. */
interface Counts {
  readonly members: Map<number, number>
  readonly others: Map<number, number>
  membersLeft: number
  othersLeft: number
}

/** The state of a rule with nothing placed. Each call is O(1), `mayHold` of a dependency O(domains in use). */
export function createRuleState(scene: Scene, rule: number): RuleState | undefined {
  const scope = scene.model.scopes[rule]
  if (scope === undefined) return undefined
  const isClosed = scope.rule.type === 'ClosedHostSet'
  const isMember = (workload: number): boolean => scope.members.has(workload)
  const isOther = (workload: number): boolean => (isClosed ? !scope.members.has(workload) : scope.others.has(workload))
  const counts: Counts = {
    members: new Map(),
    others: new Map(),
    membersLeft: scene.workloads.filter(isMember).length,
    othersLeft: scene.workloads.filter(isOther).length,
  }
  const domainAt = domainsFor(scene, scope)
  const hold = holds(scene, scope, counts)
  return {
    refuses: (workload, place) =>
      breaks(scope, counts, { domain: domainAt(place), isMember: isMember(workload), isOther: isOther(workload) }),
    change: (workload, place, step) => {
      if (isMember(workload)) {
        addTo(counts.members, domainAt(place), step)
        counts.membersLeft -= step
      }
      if (isOther(workload)) {
        addTo(counts.others, domainAt(place), step)
        counts.othersLeft -= step
      }
    },
    mayHold: hold,
  }
}

function addTo(counts: Map<number, number>, domain: number, step: number): void {
  const count = (counts.get(domain) ?? 0) + step
  if (count === 0) counts.delete(domain)
  else counts.set(domain, count)
}

/** The domain of a place; -1 if it has none. */
function domainsFor({ model }: Scene, { rule }: RuleScope): (place: Place) => number {
  if (!('topologyKey' in rule) || rule.topologyKey === 'host') return ({ slot }) => slot
  const { ofClass } = model.domainsOf(rule.topologyKey)
  return ({ hostClass }) => ofClass[hostClass] ?? -1
}

interface Arrival {
  readonly domain: number
  readonly isMember: boolean
  readonly isOther: boolean
}

function breaks(scope: RuleScope, counts: Counts, arrival: Arrival): boolean {
  const { rule } = scope
  if (!('topologyKey' in rule)) return meets(scope, counts, arrival)
  const { domain, isMember } = arrival
  if (!isMember) return false
  // A host without the label is no place for members.
  if (domain < 0) return true
  const there = counts.members.get(domain) ?? 0
  switch (rule.type) {
    case 'AntiAffinity':
      return there >= 1
    case 'MaxPerDomain':
      return there >= rule.max
    case 'Affinity':
      return counts.members.size > 0 && there === 0
    case 'Spread':
    case 'Dependency':
      return false
  }
}

/** Whether two kinds would meet on a host that should not. */
function meets({ rule }: RuleScope, { members, others }: Counts, { domain, isMember, isOther }: Arrival): boolean {
  const there = members.get(domain) ?? 0
  if (rule.type === 'Interference') {
    return there + Number(isMember) > 0 && (others.get(domain) ?? 0) + Number(isOther) > mostOfSecond(rule)
  }
  if (rule.type !== 'ClosedHostSet') return false
  if (isOther) return there > 0
  return others.has(domain) || (there === 0 && members.size >= (rule.maxHosts ?? Infinity))
}

/** Whether the rule can still be kept, helped by workloads that are not of the part where that serves it. */
function holds(scene: Scene, { rule, members, others }: RuleScope, counts: Counts): () => boolean {
  const inPart = new Set(scene.workloads)
  const memberCount = scene.workloads.filter((workload) => members.has(workload)).length
  if (rule.type === 'Spread') {
    const domainCount = countDomains(scene, rule.topologyKey)
    const helpers = members.size - memberCount
    return () => {
      const most = Math.min(domainCount, counts.members.size + counts.membersLeft)
      const isWide = (help: number): boolean =>
        most + Math.min(help, domainCount - most) >= Math.min(rule.minDomains, memberCount + help)
      // More help asks for more before it gives more, so one of the ends is best.
      return isWide(0) || isWide(helpers)
    }
  }
  if (rule.type === 'Dependency') {
    const helpers = [...others].filter((workload) => !inPart.has(workload)).length
    return () => {
      let lacking = 0
      for (const domain of counts.members.keys()) if (!counts.others.has(domain)) lacking++
      return lacking <= counts.othersLeft + helpers
    }
  }
  return () => true
}

/** How many domains there are; hosts count as far as they may be added. */
export function countDomains({ model }: Scene, topologyKey: string): number {
  if (topologyKey === 'host') return model.classes.reduce((sum, { limit }) => sum + limit, 0)
  return model.domainsOf(topologyKey).count
}
