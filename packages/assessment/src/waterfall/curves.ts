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

/**
 * The demand of `sized` on `timeline`. A curve of another raster counts with its highest point, a gap with the highest point of its
 * curve, no curve with the share that the machine has today: what is not known is never taken for nothing.
 */
export function cpuDemand({ machine, cpuCount, cpuRatio, mhzPerCore }: SizedMachine, timeline: Timeline | undefined): CpuDemand {
  const own = timelineOf(machine.usage)
  const series: Series = machine.usage?.cpuMhz ?? []
  if (own === undefined) return { requests: { mhz: Math.ceil((cpuCount * mhzPerCore) / cpuRatio) } }
  const highest = Math.ceil(measured(series).reduce((most, value) => Math.max(most, value), 0))
  const isCommon = own.stepSeconds === timeline?.stepSeconds && own.count === timeline.count
  return isCommon
    ? { curves: { mhz: series.map((value) => (value === null ? highest : Math.ceil(value))) } }
    : { requests: { mhz: highest } }
}
