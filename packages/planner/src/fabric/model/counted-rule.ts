import { mostOfSecond } from '../../compile/membership.ts'
import type { PlacementRule } from '../../rules.ts'
import type { FabricModel } from './model.ts'
import { at } from './typed-array.ts'

/** Bit of a workload's role in a rule: it is one of those that the rule is about. */
export const member = 1
/** Bit of a workload's role in a rule: members depend on it, are limited against it, or are to be alone without it. */
export const other = 2

/** A required rule with its counters. Domain 0 stands for hosts without the label, which are no place for members. */
export interface CountedRule {
  readonly rule: PlacementRule
  /** Domain of each host. */
  readonly domainOf: Int32Array
  /** Members and others (what members depend on, are limited against, or, for a closed set, everyone) by domain. */
  readonly members: Int32Array
  readonly others: Int32Array
  /** Members in all, and domains with one. */
  placed: number
  used: number
  /** Domains of a dependency with members and nothing that they depend on. */
  lacking: number
  /** Members and others that are nowhere and about to be placed. */
  membersToCome: number
  othersToCome: number
  /** Domains that a spread may use at most, and how often the rule was broken before anything was taken away. */
  domainsLeft: number
  baseline: number
}

/** The counters of a rule over the hosts of a model, with nothing counted. */
export function toCounted(model: Pick<FabricModel, 'hosts'>, rule: PlacementRule): CountedRule {
  const isPerHost = rule.type === 'Interference' || rule.type === 'ClosedHostSet' || rule.topologyKey === 'host'
  const domains = new Map<string, number>()
  const domainOf = Int32Array.from(model.hosts, ({ name, labels }) => {
    const domain = isPerHost ? name : labels.get(rule.topologyKey)
    if (domain === undefined) return 0
    const index = domains.get(domain) ?? domains.size + 1
    domains.set(domain, index)
    return index
  })
  const domainCount = domains.size + 1
  return {
    rule,
    domainOf,
    members: new Int32Array(domainCount),
    others: new Int32Array(domainCount),
    placed: 0,
    used: 0,
    lacking: 0,
    membersToCome: 0,
    othersToCome: 0,
    domainsLeft: Number.POSITIVE_INFINITY,
    baseline: 0,
  }
}

/** Counts a workload of that role in (1) or out (-1). O(1). */
export function count(counted: CountedRule, role: number, domain: number, step: 1 | -1): void {
  const { members, others } = counted
  const lackedBefore = lacks(counted, domain)
  if ((role & member) !== 0) {
    const before = at(members, domain)
    members[domain] = before + step
    counted.placed += step
    if (domain > 0 && (before === 0 || before + step === 0)) counted.used += step
  }
  if ((role & other) !== 0) others[domain] = at(others, domain) + step
  counted.lacking += lacks(counted, domain) - lackedBefore
}

/** Counts a workload of that role among those to come (1), or no more (-1). */
export function expectMore(counted: CountedRule, role: number, step: 1 | -1): void {
  if ((role & member) !== 0) counted.membersToCome += step
  if ((role & other) !== 0) counted.othersToCome += step
}

function lacks({ rule, members, others }: CountedRule, domain: number): number {
  return rule.type === 'Dependency' && domain > 0 && at(members, domain) > 0 && at(others, domain) === 0 ? 1 : 0
}

/** How often a rule is broken as far as no single domain decides. */
export function breaksOverall({ rule, placed, used, domainsLeft }: CountedRule): number {
  switch (rule.type) {
    case 'Affinity':
      return Math.max(0, used - 1)
    case 'Spread':
      return Math.max(0, Math.min(rule.minDomains, placed, domainsLeft) - used)
    case 'ClosedHostSet':
      return Math.max(0, used - (rule.maxHosts ?? Number.POSITIVE_INFINITY))
    default:
      return 0
  }
}

/** How often a rule will be broken at least, as far as no single domain decides, once all that is to come is placed. */
export function breaksToCome(counted: CountedRule): number {
  const { rule, placed, used, domainsLeft, lacking, membersToCome, othersToCome } = counted
  switch (rule.type) {
    case 'Spread':
      return Math.max(0, Math.min(rule.minDomains, placed + membersToCome, domainsLeft) - used - membersToCome)
    case 'Dependency':
      return Math.max(0, lacking - othersToCome)
    default:
      return breaksOverall(counted)
  }
}

/**
 * How often a rule is broken in a domain. Where two kinds must not meet, every pair counts: then it only grows with what is on a
 * host, and a move that mends a break is no excuse for another that is on its way there.
 */
export function breaksIn({ rule, members, others }: CountedRule, domain: number): number {
  const inside = at(members, domain)
  switch (rule.type) {
    case 'AntiAffinity':
      return domain === 0 ? inside : Math.max(0, inside - 1)
    case 'MaxPerDomain':
      return domain === 0 ? inside : Math.max(0, inside - rule.max)
    case 'Dependency':
      return inside > 0 && (domain === 0 || at(others, domain) === 0) ? 1 : 0
    case 'Interference':
      return inside * Math.max(0, at(others, domain) - mostOfSecond(rule))
    case 'ClosedHostSet':
      return inside * (at(others, domain) - inside)
    case 'Affinity':
    case 'Spread':
      return domain === 0 ? inside : 0
  }
}

/** How often a rule is broken in all. O(domains). */
export function breaksInAll(counted: CountedRule): number {
  return counted.members.reduce((sum, _, domain) => sum + breaksIn(counted, domain), breaksOverall(counted))
}
