import type { MachineUsage } from '@weir/estate'
import { measured, type Series } from './series.ts'

/** How far a conclusion from usage can be trusted. */
export type Confidence = 'High' | 'Medium' | 'Low'

/** What a curve rests on. */
export interface Evidence {
  readonly days: number
  readonly stepSeconds: number
  /** Measured points of all points, 0 to 1. */
  readonly coverage: number
  /** True if a month ends within the window; undefined if the window has no date. */
  readonly hasMonthEnd?: boolean
  readonly confidence: Confidence
}

const secondsPerDay = 86_400

/**
 * The evidence of one curve of `usage`. High: at least 30 days, a month's end among them, steps of at most 5 minutes, 9 of 10 points
 * measured. Medium: at least 7 days, steps of at most an hour, 3 of 4 points. Else Low: nothing may shrink on it.
 */
export function evidenceOf({ startTime, stepSeconds }: MachineUsage, series: Series): Evidence {
  const days = (series.length * stepSeconds) / secondsPerDay
  const coverage = series.length === 0 ? 0 : measured(series).length / series.length
  const hasMonthEnd = startTime === undefined ? undefined : includesMonthEnd(Date.parse(startTime), days)
  const isHigh = days >= 30 && hasMonthEnd === true && stepSeconds <= 300 && coverage >= 0.9
  const isMedium = days >= 7 && stepSeconds <= 3600 && coverage >= 0.75
  return {
    days,
    stepSeconds,
    coverage,
    ...(hasMonthEnd === undefined ? {} : { hasMonthEnd }),
    confidence: isHigh ? 'High' : isMedium ? 'Medium' : 'Low',
  }
}

function includesMonthEnd(startMillis: number, days: number): boolean {
  const [first, last] = [new Date(startMillis), new Date(startMillis + days * secondsPerDay * 1000)]
  return first.getUTCMonth() !== last.getUTCMonth() || first.getUTCFullYear() !== last.getUTCFullYear()
}

/** The least of several. */
export function leastConfidence(all: readonly Confidence[]): Confidence {
  const order: readonly Confidence[] = ['Low', 'Medium', 'High']
  return order.find((confidence) => all.includes(confidence)) ?? 'Low'
}
