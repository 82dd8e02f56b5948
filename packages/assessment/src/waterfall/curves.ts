import type { MachineUsage } from '@weir/estate'
import type { Amounts, Timeline } from '@weir/planner'
import { measured, type Series } from '../size/series.ts'
import type { SizedMachine } from './layout.ts'

/** The raster that most CPU curves of `machines` have; undefined if there is no curve. The finer of equally frequent ones. */
export function commonTimeline(machines: readonly SizedMachine[]): Timeline | undefined {
  const counts = new Map<string, { readonly timeline: Timeline; count: number }>()
  for (const { machine } of machines) {
    const timeline = timelineOf(machine.usage)
    if (timeline === undefined) continue
    const key = `${timeline.stepSeconds} ${timeline.count}`
    const known = counts.get(key) ?? { timeline, count: 0 }
    known.count++
    counts.set(key, known)
  }
  return [...counts.values()].toSorted((a, b) => b.count - a.count || a.timeline.stepSeconds - b.timeline.stepSeconds)[0]
    ?.timeline
}

const timelineOf = (usage: MachineUsage | undefined): Timeline | undefined =>
  usage?.cpuMhz === undefined || measured(usage.cpuMhz).length === 0
    ? undefined
    : { count: usage.cpuMhz.length, stepSeconds: usage.stepSeconds }

/** CPU of one machine over time, in MHz: a curve on `timeline`, or one amount for all of it. */
export type CpuDemand = { readonly curves: Readonly<Record<'mhz', readonly number[]>> } | { readonly requests: Amounts }

/** Days with a value at a time of day before that time's highest stands for the days without. */
const fewestDays = 3
const secondsPerDay = 86_400

/**
 * The demand of `sized` on `timeline`. A curve of another raster counts with its highest point, a gap with the highest at that time of
 * day where three days or more show it and else with the highest point of its curve, no curve with the share that the machine has
 * today: what is not known is never taken for nothing. O(points).
 */
export function cpuDemand({ machine, cpuCount, cpuRatio, mhzPerCore }: SizedMachine, timeline: Timeline | undefined): CpuDemand {
  const own = timelineOf(machine.usage)
  const series: Series = machine.usage?.cpuMhz ?? []
  if (own === undefined) return { requests: { mhz: Math.ceil((cpuCount * mhzPerCore) / cpuRatio) } }
  const highest = Math.ceil(measured(series).reduce((most, value) => Math.max(most, value), 0))
  const isCommon = own.stepSeconds === timeline?.stepSeconds && own.count === timeline.count
  if (!isCommon) return { requests: { mhz: highest } }
  const usual = highestByTimeOfDay(series, own.stepSeconds)
  const mhz = series.map((value, step) => Math.ceil(value ?? usual[step % usual.length] ?? highest))
  return { curves: { mhz } }
}

/** For each step of a day its highest value; undefined where too few days have one; empty if steps do not divide a day or days are too few. */
function highestByTimeOfDay(series: Series, stepSeconds: number): readonly (number | undefined)[] {
  const stepCount = secondsPerDay / stepSeconds
  if (!Number.isInteger(stepCount) || series.length < fewestDays * stepCount) return []
  const days = new Uint32Array(stepCount)
  const highest = new Float64Array(stepCount)
  for (const [step, value] of series.entries()) {
    if (value === null) continue
    const time = step % stepCount
    days[time] = (days[time] ?? 0) + 1
    highest[time] = Math.max(highest[time] ?? 0, value)
  }
  return Array.from(highest, (value, time) => ((days[time] ?? 0) < fewestDays ? undefined : value))
}
