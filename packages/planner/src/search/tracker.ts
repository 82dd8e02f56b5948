import { hostDomain, isTracked } from '../compile/compile-rules.ts'
import type { Instance } from '../compile/instance.ts'
import type { Group } from '../compile/rule-tables.ts'
import { i32 } from '../compile/typed-array.ts'
import { createHostPreferences } from './host-preferences.ts'

/** Counters of tracked groups (see `RuleTables`) by domain. */
export interface Tracker {
  readonly add: (slot: number, hostClass: number, type: number) => void
  readonly remove: (slot: number, hostClass: number, type: number) => void
  /** True if no required group forbids an item of `type` there, given what else is placed and what still waits. */
  readonly allows: (slot: number, hostClass: number, type: number) => boolean
  /** Groups that forbid it. */
  readonly refusals: (slot: number, hostClass: number, type: number) => readonly number[]
  /** Weight of broken preferences now. */
  readonly penalty: () => number
  /** Domains where a required dependency is missing now, and domains that required spreads lack for what is placed. */
  readonly missing: () => number
  /** True if `group` is a required spread over fewer domains than it asks for. */
  readonly isNarrow: (group: number) => boolean
  /** How many of `group` are in the domain of that host. */
  readonly countIn: (group: number, slot: number, hostClass: number) => number
}

interface State {
  readonly instance: Instance
  readonly groups: readonly Group[]
  /** Per group: members by domain, domains in use, members placed. */
  readonly counts: Map<number, number>[]
  readonly distinct: Int32Array
  readonly placed: Int32Array
  penalty: number
  missing: number
}

/** Counters for all tracked groups of `instance`, with nothing placed. Each call is O(groups of the type). */
export function createTracker(instance: Instance): Tracker {
  const groups = instance.rules.groups
  const state: State = {
    instance,
    groups,
    counts: groups.map(() => new Map<number, number>()),
    distinct: new Int32Array(groups.length),
    placed: new Int32Array(groups.length),
    penalty: 0,
    missing: 0,
  }
  const preferences = createHostPreferences(instance)
  const { isTracked: isTypeTracked } = instance.rules
  return {
    add: (slot, hostClass, type) => {
      if (isTypeTracked[type] === 1) change(state, { slot, hostClass, type, sign: 1 })
      preferences?.change(slot, type, 1)
    },
    remove: (slot, hostClass, type) => {
      if (isTypeTracked[type] === 1) change(state, { slot, hostClass, type, sign: -1 })
      preferences?.change(slot, type, -1)
    },
    allows: (slot, hostClass, type) =>
      isTypeTracked[type] !== 1 || refusals(state, { slot, hostClass, type, limit: 1 }).length === 0,
    refusals: (slot, hostClass, type) => refusals(state, { slot, hostClass, type, limit: Infinity }),
    penalty: () => state.penalty + (preferences?.penalty() ?? 0),
    missing: () => state.missing,
    isNarrow: (group) => isRequiredSpread(groups[group]) && costOf(state, group, 0) > 0,
    countIn: (group, slot, hostClass) => state.counts[group]?.get(domainAt(state, { group, slot, hostClass })) ?? 0,
  }
}

const isRequiredSpread = (group: Group | undefined) => group?.kind === 'Spread' && group.isRequired

interface Place {
  readonly slot: number
  readonly hostClass: number
  readonly type: number
}

/** A host is domain `slot` of its own; a class without the label is in none, -1. */
function domainAt(state: State, { group, slot, hostClass }: { readonly group: number } & Omit<Place, 'type'>): number {
  const domain = i32(state.instance.rules.domainOf, group * state.instance.classes.count + hostClass)
  return domain === hostDomain ? slot : domain
}

function change(state: State, at: Place & { readonly sign: number }): void {
  const { groupsOfType, groupCounts } = state.instance.rules
  for (let entry = i32(groupsOfType.starts, at.type); entry < i32(groupsOfType.starts, at.type + 1); entry++) {
    const index = i32(groupsOfType.values, entry)
    const group = state.groups[index]
    if (group === undefined || !isTracked(group)) continue
    const amount = at.sign * i32(groupCounts.values, entry)
    const domain = domainAt(state, { group: index, ...at })
    const isNowhere = domain === -1
    const before = state.counts[index]?.get(domain) ?? 0
    const wasMissing = missingIn(state, index, domain)
    const costBefore = costOf(state, index, isNowhere ? 0 : before)
    state.placed[index] = i32(state.placed, index) + amount
    // Outside of all domains counts only what depends on something: it lacks it there.
    if (!isNowhere || group.kind === 'Dependent') setCount(state, { index, domain, count: before + amount })
    const difference = costOf(state, index, isNowhere ? 0 : before + amount) - costBefore
    const missing = missingIn(state, index, domain) - wasMissing
    if (group.isRequired) state.missing += missing + (isRequiredSpread(group) ? difference : 0)
    else state.penalty += group.weight * (difference + missing)
  }
}

function setCount(state: State, at: { readonly index: number; readonly domain: number; readonly count: number }): void {
  const counts = state.counts[at.index]
  const before = counts?.get(at.domain) ?? 0
  if (at.count === 0) counts?.delete(at.domain)
  else counts?.set(at.domain, at.count)
  state.distinct[at.index] = i32(state.distinct, at.index) + Number(at.count > 0) - Number(before > 0)
}

/** How often a group is broken, as far as it depends on one domain's count and the number of domains. */
function costOf(state: State, index: number, count: number): number {
  const group = state.groups[index]
  switch (group?.kind) {
    case 'Max':
      return Math.max(0, count - group.value)
    case 'Affinity':
      return Math.max(0, i32(state.distinct, index) - 1)
    case 'Spread':
      return Math.max(0, Math.min(group.value, i32(state.placed, index)) - i32(state.distinct, index))
    case 'Dependent':
    case 'Dependency':
    case undefined:
      return 0
  }
}

/** 1 if `domain` holds dependents of the dependency that group `index` is half of, and nothing they depend on. */
function missingIn(state: State, index: number, domain: number): number {
  const group = state.groups[index]
  if (group?.kind !== 'Dependent' && group?.kind !== 'Dependency') return 0
  const [dependent, on] = group.kind === 'Dependent' ? [index, group.value] : [group.value, index]
  return state.counts[dependent]?.has(domain) === true && state.counts[on]?.has(domain) !== true ? 1 : 0
}

function refusals(state: State, at: Place & { readonly limit: number }): readonly number[] {
  const { groupsOfType, groupCounts } = state.instance.rules
  const found: number[] = []
  for (let entry = i32(groupsOfType.starts, at.type); entry < i32(groupsOfType.starts, at.type + 1); entry++) {
    const index = i32(groupsOfType.values, entry)
    if (found.length < at.limit && isRefused(state, at, { index, amount: i32(groupCounts.values, entry) })) found.push(index)
  }
  return found
}

function isRefused(state: State, at: Place, { index, amount }: { readonly index: number; readonly amount: number }): boolean {
  const group = state.groups[index]
  if (group === undefined || !group.isRequired || !isTracked(group)) return false
  const domain = domainAt(state, { group: index, ...at })
  const count = state.counts[index]?.get(domain) ?? 0
  const distinct = i32(state.distinct, index)
  // What nothing depends on may be anywhere; all else asks for a domain.
  if (domain === -1) return group.kind !== 'Dependency'
  switch (group.kind) {
    case 'Max':
      return count + amount > group.value
    case 'Affinity':
      return distinct > 0 && count === 0
    case 'Spread':
      return distinct + Number(count === 0) + (group.size - i32(state.placed, index) - amount) < group.value
    case 'Dependent':
      return isDependencyGone(state, group, domain)
    case 'Dependency':
      return false
  }
}

function isDependencyGone(state: State, group: Group, domain: number): boolean {
  const on = state.groups[group.value]
  const isThere = state.counts[group.value]?.has(domain) === true
  return !isThere && i32(state.placed, group.value) >= (on?.size ?? 0)
}
