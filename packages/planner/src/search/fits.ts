import { deviceCheck } from '../compile/device-fit.ts'
import type { Instance } from '../compile/instance.ts'
import { f64, i32 } from '../compile/typed-array.ts'
import { itemsOn, type Packing, widen } from './packing.ts'

/** True if one more item of `type` may be on `slot`: capacity first, which refuses most, then rules, then devices. */
export type Fits = (packing: Packing, type: number, slot: number) => boolean

/** The feasibility check of `instance`, leaving out whatever no workload asks for. O(scalars + points + items on the slot). */
export function createFits(instance: Instance): Fits {
  const { rules, classes, eligible, series, devices } = instance
  const scan = createScan(instance)
  const devicesFit = deviceCheck(instance)
  const hasClosedSets = rules.closedSets.length > 0
  return (packing, type, slot) => {
    const hostClass = i32(packing.hostClass, slot)
    if (eligible[type * classes.count + hostClass] !== 1) return false
    if (!fitsScalars(packing, type, slot)) return false
    if (series.count > 0 && !fitsSeries(packing, type, slot)) return false
    if (hasClosedSets && !fitsClosedSet(packing, type, slot)) return false
    if (rules.scans[type] === 1 && !scan(packing, type, slot)) return false
    if (rules.isTracked[type] === 1 && !packing.tracker.allows(slot, hostClass, type)) return false
    return !devices.isUsed || devicesFit([...itemsOn(packing, slot), type], hostClass)
  }
}

/** True if the scalars of `type` fit what is left on `slot`. */
function fitsScalars(packing: Packing, type: number, slot: number): boolean {
  const { free, instance } = packing
  const { need } = instance.types
  const width = instance.scalars.count
  for (let scalar = 0; scalar < width; scalar++) {
    if (f64(need, type * width + scalar) > f64(free, slot * width + scalar)) return false
  }
  return true
}

/**
 * True if the curves of `type` fit what is left on `slot` at every moment. Three levels: the mean refuses, the peak accepts, else
 * the slot's tightest moment and then all moments decide.
 */
function fitsSeries(packing: Packing, type: number, slot: number): boolean {
  const { series, types } = packing.instance
  for (let serial = 0; serial < series.count; serial++) {
    const row = type * series.count + serial
    const slotRow = slot * series.count + serial
    if (f64(types.total, row) > f64(packing.freeSum, slotRow)) return false
    if (f64(types.peak, row) <= f64(packing.freeMin, slotRow)) continue
    if (!fitsCurve(packing, row, slotRow)) return false
  }
  return true
}

function fitsCurve(packing: Packing, row: number, slotRow: number): boolean {
  const { curve } = packing.instance.types
  const { freeSeries } = packing
  const { points } = packing.instance.series
  const from = row * points
  const start = slotRow * points
  const tightest = i32(packing.tightest, slotRow)
  if (f64(curve, from + tightest) > f64(freeSeries, start + tightest)) return false
  for (let point = 0; point < points; point++) {
    if (f64(curve, from + point) > f64(freeSeries, start + point)) return false
  }
  return true
}

/** True if the closed host sets allow `type` on `slot`: all there are of the same sets, or it is empty and the sets may grow. */
export function fitsClosedSet(packing: Packing, type: number, slot: number): boolean {
  const { closure, closures, closedSets } = packing.instance.rules
  const own = i32(closure, type)
  if (own === -2) return false
  if (i32(packing.itemCount, slot) > 0) return i32(closure, packing.items[slot]?.[0] ?? 0) === own
  return (closures[own] ?? []).every((set) => i32(packing.closedUsed, set) < (closedSets[set]?.maxHosts ?? 0))
}

/** Slots whose counts are kept: those of one neighbourhood. */
const keptCounts = 16

/** How many of each group and app are on a slot, as of its first `seen` items. */
interface Counts {
  readonly groups: Int32Array
  readonly apps: Int32Array
  packing: Packing | undefined
  slot: number
  removals: number
  /** The types counted, the first `seen` of them. */
  types: Int32Array
  seen: number
}

/**
 * The check of limits per host and interference, by counting what is on the slot. Counts of a few slots are kept, so that one item more
 * costs one item's counting.
 */
export function createScan(instance: Instance): Fits {
  const { rules } = instance
  const kept = Array.from({ length: keptCounts }, (): Counts => ({
    groups: new Int32Array(rules.groups.length),
    apps: new Int32Array(rules.appCount),
    packing: undefined,
    slot: -1,
    removals: 0,
    types: new Int32Array(64),
    seen: 0,
  }))
  return (packing, type, slot) => {
    const counts = kept[slot % keptCounts]
    if (counts === undefined) return false
    bringUpToDate(instance, counts, packing, slot)
    countType(instance, counts, type, 1)
    const isAllowed = groupsAllow(instance, type, counts.groups) && appsAllow(instance, type, counts.apps)
    countType(instance, counts, type, -1)
    return isAllowed
  }
}

function bringUpToDate(instance: Instance, counts: Counts, packing: Packing, slot: number): void {
  const removals = i32(packing.removals, slot)
  const count = i32(packing.itemCount, slot)
  if (counts.packing !== packing || counts.slot !== slot || counts.removals !== removals) {
    for (let at = 0; at < counts.seen; at++) countType(instance, counts, i32(counts.types, at), -1)
    counts.packing = packing
    counts.slot = slot
    counts.removals = removals
    counts.seen = 0
  }
  const items = packing.items[slot]
  if (items === undefined) return
  if (counts.types.length < count) counts.types = widen(counts.types, new Int32Array(count * 2))
  for (; counts.seen < count; counts.seen++) {
    const type = i32(items, counts.seen)
    counts.types[counts.seen] = type
    countType(instance, counts, type, 1)
  }
}

function countType({ rules }: Instance, { groups, apps }: Counts, type: number, sign: number): void {
  for (let at = i32(rules.groupsOfType.starts, type); at < i32(rules.groupsOfType.starts, type + 1); at++) {
    const group = i32(rules.groupsOfType.values, at)
    groups[group] = i32(groups, group) + sign * i32(rules.groupCounts.values, at)
  }
  for (let at = i32(rules.appsOfType.starts, type); at < i32(rules.appsOfType.starts, type + 1); at++) {
    const app = i32(rules.appsOfType.values, at)
    apps[app] = i32(apps, app) + sign * i32(rules.appCounts.values, at)
  }
}

function groupsAllow({ rules }: Instance, type: number, counts: Int32Array): boolean {
  for (let at = i32(rules.groupsOfType.starts, type); at < i32(rules.groupsOfType.starts, type + 1); at++) {
    const index = i32(rules.groupsOfType.values, at)
    if (i32(counts, index) > i32(rules.hostLimits, index)) return false
  }
  return true
}

function appsAllow({ rules }: Instance, type: number, counts: Int32Array): boolean {
  for (let at = i32(rules.appsOfType.starts, type); at < i32(rules.appsOfType.starts, type + 1); at++) {
    const app = i32(rules.appsOfType.values, at)
    for (let edge = i32(rules.limitedApps.starts, app); edge < i32(rules.limitedApps.starts, app + 1); edge++) {
      if (i32(counts, i32(rules.limitedApps.values, edge)) > i32(rules.limits.values, edge)) return false
    }
    for (let edge = i32(rules.limitingApps.starts, app); edge < i32(rules.limitingApps.starts, app + 1); edge++) {
      const isPresent = i32(counts, i32(rules.limitingApps.values, edge)) > 0
      if (isPresent && i32(counts, app) > i32(rules.limitingLimits.values, edge)) return false
    }
  }
  return true
}
