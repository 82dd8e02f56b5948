import { type Finding, finding, type LabelSelector, type PodAffinityTerm } from '@weir/estate'
import type { PlacementRule } from '@weir/planner'
import { withUniqueNames } from '../names/unique-names.ts'
import type { Guest } from './guests.ts'
import { isSelectedBy } from './label-selector.ts'

/** Rules of the problem, and those of the cluster that could not be taken over. */
interface GuestRules {
  readonly rules: readonly PlacementRule[]
  readonly findings: readonly Finding[]
}

/** What the domains of a topology key are on the cluster. */
type DomainCount = (topologyKey: string) => number

/** More pairs than these of guests that must be apart are no rule any more that a plan can be searched with. */
const mostPairs = 1000

/** A term with all guests that have it and all that it is about. */
interface Group {
  readonly term: PodAffinityTerm
  readonly holders: readonly Guest[]
  readonly others: readonly Guest[]
}

/**
 * The required rules of guests about each other: anti-affinity, affinity and topology spread. Preferred ones are left out. Guests
 * of one controller share their terms, so that each becomes one rule. O(terms x guests).
 */
export function guestRules(guests: readonly Guest[], domainCount: DomainCount): GuestRules {
  const movers = guests.filter(({ isOfHost }) => !isOfHost)
  const apart = groupsOf(movers, ({ rules }) => rules.affinity?.podAntiAffinity?.requiredDuringSchedulingIgnoredDuringExecution)
  const near = groupsOf(movers, ({ rules }) => rules.affinity?.podAffinity?.requiredDuringSchedulingIgnoredDuringExecution)
  const spread = groupsOf(movers, spreadTerms)
  const made = [
    ...apart.map((group) => antiAffinity(group)),
    ...near.map((group) => affinity(group)),
    ...spread.map((group) => ({ rules: spreadRule(group, domainCount), findings: [] })),
  ]
  return { rules: withUniqueNames(made.flatMap(({ rules }) => rules)), findings: made.flatMap(({ findings }) => findings) }
}

/** A spread constraint as a term; `maxSkew` goes along. */
interface SpreadTerm extends PodAffinityTerm {
  readonly maxSkew: number
}

const spreadTerms = ({ rules }: Guest): readonly SpreadTerm[] =>
  (rules.topologySpreadConstraints ?? [])
    .filter(({ whenUnsatisfiable }) => whenUnsatisfiable === 'DoNotSchedule')
    .map(({ maxSkew = 1, topologyKey = '', labelSelector = {} }) => ({ maxSkew, topologyKey, labelSelector }))

function groupsOf(guests: readonly Guest[], termsOf: (guest: Guest) => readonly PodAffinityTerm[] | undefined): readonly Group[] {
  const found = new Map<string, { readonly term: PodAffinityTerm; readonly holders: Guest[] }>()
  for (const guest of guests)
    for (const given of termsOf(guest) ?? []) {
      const term = resolved(given, guest)
      const key = JSON.stringify(term)
      const group = found.get(key) ?? { term, holders: [] }
      found.set(key, group)
      group.holders.push(guest)
    }
  const byNamespace = Map.groupBy(guests, ({ namespace }) => namespace)
  return [...found.values()].map(({ term, holders }) => {
    const within = term.namespaces?.flatMap((namespace) => byNamespace.get(namespace) ?? []) ?? guests
    return { term, holders, others: within.filter(({ labels }) => isSelectedBy(term.labelSelector, labels)) }
  })
}

/**
 * A term with the guest's own namespace where it names none, and its own labels where it refers to them. A selector of namespaces
 * stands for all of them: labels of namespaces are not read, and more apart than asked for is never wrong.
 */
function resolved({ namespaceSelector, matchLabelKeys = [], ...term }: PodAffinityTerm, guest: Guest): PodAffinityTerm {
  const own = matchLabelKeys.flatMap((key) =>
    guest.labels[key] === undefined ? [] : [{ key, operator: 'In', values: [guest.labels[key]] }],
  )
  const { namespaces: named = [], ...rest } = term
  const labelSelector: LabelSelector = {
    ...term.labelSelector,
    ...(own.length === 0 ? {} : { matchExpressions: [...(term.labelSelector?.matchExpressions ?? []), ...own] }),
  }
  return {
    ...rest,
    labelSelector,
    ...(namespaceSelector === undefined ? { namespaces: named.length === 0 ? [guest.namespace] : named } : {}),
  }
}

const namesOf = (guests: readonly Guest[]): readonly string[] => guests.map(({ name }) => name)

/** All that have the term are what it is about: they say it of each other. */
const isMutual = ({ holders, others }: Group): boolean =>
  holders.length === others.length && new Set(holders).isSubsetOf(new Set(others))

const keyOf = ({ topologyKey = '' }: PodAffinityTerm): string => (topologyKey === 'kubernetes.io/hostname' ? 'host' : topologyKey)
const ruleName = (what: string, { holders }: Group): string =>
  `${what} of ${holders[0]?.app ?? holders[0]?.name ?? ''}`.slice(0, 240)

function antiAffinity(group: Group): GuestRules {
  const base = { type: 'AntiAffinity', name: ruleName('anti-affinity', group), topologyKey: keyOf(group.term) } as const
  if (isMutual(group))
    return { rules: group.holders.length < 2 ? [] : [{ ...base, workloads: { names: namesOf(group.holders) } }], findings: [] }
  const pairs = group.holders.flatMap((holder) =>
    group.others.filter((other) => other !== holder).map((other) => [holder, other]),
  )
  const own = new Set(pairs.map((pair) => namesOf(pair).toSorted().join('\n')))
  if (own.size > mostPairs) return { rules: [], findings: [tooManyPairs(group, own.size)] }
  return { rules: [...own].map((pair) => ({ ...base, workloads: { names: pair.split('\n') } })), findings: [] }
}

function affinity(group: Group): GuestRules {
  const base = { name: ruleName('affinity', group), topologyKey: keyOf(group.term) } as const
  const about = aboutRule('affinity', group)
  const workloads = { names: namesOf(group.holders) }
  if (group.others.length === 0) return { rules: [], findings: [finding('rule.nothingNear', about, { guest: guestOf(group) })] }
  if (isMutual(group)) return { rules: group.holders.length < 2 ? [] : [{ ...base, type: 'Affinity', workloads }], findings: [] }
  if (!new Set(group.holders).isDisjointFrom(new Set(group.others)))
    return { rules: [], findings: [finding('rule.mixed', about, { guest: guestOf(group) })] }
  return { rules: [{ ...base, type: 'Dependency', workloads, on: { names: namesOf(group.others) } }], findings: [] }
}

/** A skew as the most in one domain: an even share, rounded up, and what the skew allows beyond one. */
function spreadRule(group: Group, domainCount: DomainCount): readonly PlacementRule[] {
  const topologyKey = keyOf(group.term)
  const domains = Math.max(1, domainCount(group.term.topologyKey ?? ''))
  const { maxSkew } = group.term as SpreadTerm
  const max = Math.ceil(group.others.length / domains) + Math.max(1, maxSkew) - 1
  if (group.others.length === 0 || max >= group.others.length) return []
  return [
    { type: 'MaxPerDomain', name: ruleName('spread', group), workloads: { names: namesOf(group.others) }, topologyKey, max },
  ]
}

const tooManyPairs = (group: Group, count: number): Finding =>
  finding('rule.tooManyPairs', aboutRule('anti-affinity', group), { guest: guestOf(group), count })
const aboutRule = (what: string, group: Group) => ({ kind: 'Missing', object: `rule/${ruleName(what, group)}` }) as const
const guestOf = ({ holders }: Group): string => holders[0]?.name ?? ''
