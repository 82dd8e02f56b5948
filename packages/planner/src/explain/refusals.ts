import { hostDomain } from '../compile/compile-rules.ts'
import { deviceCheck } from '../compile/device-fit.ts'
import { selectorMatches } from '../compile/eligible.ts'
import { mostOfSecond } from '../compile/membership.ts'
import { f64, i32, listAt } from '../compile/typed-array.ts'
import type { Workload } from '../problem.ts'
import { createScan, fitsClosedSet } from '../search/fits.ts'
import { itemsOn, type Packing } from '../search/packing.ts'

/** One constraint that keeps an item off a host: a resource, a rule by name, or a built-in check. */
export interface Refusal {
  readonly constraint: string
  readonly message: string
}

/** Every constraint that by itself keeps one more item of `type` off `slot`; none if it may be there. */
export function refusalsOf(packing: Packing, type: number, slot: number): readonly Refusal[] {
  return [
    ...admissionRefusals(packing, type, slot),
    ...capacityRefusals(packing, type, slot),
    ...seriesRefusals(packing, type, slot),
    ...ruleRefusals(packing, type, slot),
    ...deviceRefusals(packing, type, slot),
  ]
}

/** The workloads of the first item of `type`: all items of a type are alike. */
function sampleOf({ instance }: Pick<Packing, 'instance'>, type: number): readonly Workload[] {
  const item = i32(listAt(instance.types.items, type), 0)
  return [...listAt(instance.types.workloads, item)].flatMap((index) => instance.problem.workloads[index] ?? [])
}

function admissionRefusals(packing: Packing, type: number, slot: number): readonly Refusal[] {
  const { classes, eligible } = packing.instance
  const hostClass = i32(packing.hostClass, slot)
  if (eligible[type * classes.count + hostClass] === 1) return []
  const draft = { labels: classes.labels[hostClass] ?? {} }
  const sample = sampleOf(packing, type)
  const missed = sample.find((workload) => !selectorMatches(workload, draft))
  if (missed !== undefined) {
    return [
      {
        constraint: 'hostSelector',
        message: `it asks for the labels ${JSON.stringify(missed.hostSelector)}, which the host lacks`,
      },
    ]
  }
  const bound = sample.find(({ move, currentHost }) => move?.isMovable === false && currentHost !== undefined)
  const names = classes.names[hostClass] ?? []
  if (bound?.currentHost !== undefined && !names.includes(bound.currentHost)) {
    return [{ constraint: 'move.isMovable', message: `it may not leave '${bound.currentHost}', where it runs` }]
  }
  const state = packing.instance.problem.hosts?.find(({ name }) => names.includes(name))?.state
  return state === 'Cordoned' ? [{ constraint: 'state', message: 'the host is cordoned and takes nothing new' }] : []
}

function capacityRefusals(packing: Packing, type: number, slot: number): readonly Refusal[] {
  const { scalars, types, problem } = packing.instance
  return scalars.resources.flatMap((resource, scalar) => {
    const need = f64(types.need, type * scalars.count + scalar)
    const free = f64(packing.free, slot * scalars.count + scalar)
    const { name = '', unit = '' } = problem.resources[resource] ?? {}
    return need <= free ? [] : [{ constraint: name, message: `it needs ${need} ${unit} of ${name}, and ${free} are left` }]
  })
}

function seriesRefusals(packing: Packing, type: number, slot: number): readonly Refusal[] {
  const { series, types, problem } = packing.instance
  return series.resources.flatMap((resource, serial) => {
    const from = (type * series.count + serial) * series.points
    const start = (slot * series.count + serial) * series.points
    const { name = '', unit = '' } = problem.resources[resource] ?? {}
    for (let point = 0; point < series.points; point++) {
      const need = f64(types.curve, from + point)
      const free = f64(packing.freeSeries, start + point)
      if (need > free)
        return [{ constraint: name, message: `at point ${point} it needs ${need} ${unit} of ${name}, and ${free} are left` }]
    }
    return []
  })
}

function ruleRefusals(packing: Packing, type: number, slot: number): readonly Refusal[] {
  const { instance } = packing
  const { rules } = instance
  const hostClass = i32(packing.hostClass, slot)
  const found: Refusal[] = []
  const nameOf = (rule: number | undefined) => rules.rules[rule ?? -1]?.name ?? ''
  if (rules.closedSets.length > 0 && !fitsClosedSet(packing, type, slot)) found.push(...closedRefusals(packing, type, slot))
  if (rules.scans[type] === 1 && !createScan(instance)(packing, type, slot)) {
    const names = scannedRules(packing, type, slot)
    found.push(...names.map((name) => ({ constraint: name, message: 'the host would hold more than the rule allows' })))
  }
  for (const group of packing.tracker.refusals(slot, hostClass, type)) {
    const isOutside = i32(rules.domainOf, group * instance.classes.count + hostClass) === -1
    const message = isOutside
      ? 'the host has no label for the topology key of the rule'
      : 'the rule does not allow it in the domain of the host'
    found.push({ constraint: nameOf(rules.groups[group]?.rule), message })
  }
  return found
}

/** The closed host sets that keep `type` off `slot`. */
function closedRefusals(packing: Packing, type: number, slot: number): readonly Refusal[] {
  const { closure, closures, closedSets, rules } = packing.instance.rules
  const own = i32(closure, type)
  const refusal = (set: number, message: string): Refusal => ({
    constraint: rules[closedSets[set]?.rule ?? -1]?.name ?? '',
    message,
  })
  if (own === -2) {
    return closedSets.flatMap((_, set) =>
      isTornBy(packing, type, set) ? [refusal(set, 'an affinity ties it to workloads that are not of the same closed set')] : [],
    )
  }
  const sets = closures[own] ?? []
  if (i32(packing.itemCount, slot) === 0) {
    return sets
      .filter((set) => i32(packing.closedUsed, set) >= (closedSets[set]?.maxHosts ?? 0))
      .map((set) => refusal(set, 'the closed set has all the hosts that it may have'))
  }
  const there = closures[i32(closure, packing.items[slot]?.[0] ?? 0)] ?? []
  const differing = [...sets.filter((set) => !there.includes(set)), ...there.filter((set) => !sets.includes(set))]
  return differing.map((set) => refusal(set, 'the host would be shared with workloads outside its closed set'))
}

/** True if some workloads of an item are in the closed set and others are not. */
function isTornBy({ instance }: Packing, type: number, set: number): boolean {
  const rule = instance.rules.rules[instance.rules.closedSets[set]?.rule ?? -1]
  if (rule?.type !== 'ClosedHostSet') return false
  const { apps = [], names = [] } = rule.workloads
  const isIn = ({ app, name }: Workload): boolean => apps.includes(app ?? name) || names.includes(name)
  return new Set(sampleOf({ instance }, type).map(isIn)).size > 1
}

/** Names of the limits per host and interferences that one more item of `type` on `slot` would break. */
function scannedRules(packing: Packing, type: number, slot: number): readonly string[] {
  const { rules, problem, classes } = packing.instance
  const groups = new Map<number, number>()
  const apps = new Map<string, number>()
  for (const each of [...itemsOn(packing, slot), type]) {
    listAt(rules.groupsOfType, each).forEach((group, at) =>
      groups.set(group, (groups.get(group) ?? 0) + i32(listAt(rules.groupCounts, each), at)),
    )
    for (const { app, name } of sampleOf(packing, each)) apps.set(app ?? name, (apps.get(app ?? name) ?? 0) + 1)
  }
  const names = [...groups].flatMap(([group, count]) => {
    const isHere = i32(rules.domainOf, group * classes.count) === hostDomain
    return isHere && count > i32(rules.hostLimits, group) ? (rules.rules[rules.groups[group]?.rule ?? -1]?.name ?? []) : []
  })
  const loud = (problem.rules ?? []).flatMap((rule) => {
    if (rule.type !== 'Interference' || rule.enforcement === 'Preferred') return []
    return (apps.get(rule.first) ?? 0) > 0 && (apps.get(rule.second) ?? 0) > mostOfSecond(rule) ? rule.name : []
  })
  return [...names, ...loud]
}

function deviceRefusals(packing: Packing, type: number, slot: number): readonly Refusal[] {
  const { instance } = packing
  if (!instance.devices.isUsed || deviceCheck(instance)([...itemsOn(packing, slot), type], i32(packing.hostClass, slot)))
    return []
  const isNuma = instance.devices.singleNuma[type] === 1 && listAt(instance.devices.requests, type).length === 0
  return [
    isNuma
      ? { constraint: 'singleNumaNode', message: 'no NUMA node of the host has room for all of it' }
      : { constraint: 'devices', message: 'the devices that it asks for are not free together' },
  ]
}
