import { type Note, note } from '../notes/note.ts'
import type { Confidence } from '../size/evidence.ts'
import { leastConfidence } from '../size/evidence.ts'
import type { Today, WaterfallStep } from './waterfall.ts'

/** What may be said of the whole. */
export interface Claim {
  /** Hosts saved against today, in per cent of today; negative if more are needed. */
  readonly savedHostsPercent: number
  /** No layout of the last step can save more hosts. */
  readonly atMostPercent: number
  /** Cores saved: where new hosts are bigger, this is the honest figure. */
  readonly savedCoresPercent: number
  /** True only if half the hosts and half the cores go, every machine has a place, and no step rests on low confidence. */
  readonly isHalf: boolean
  readonly confidence: Confidence
  /** Why it is not half, or not more certain; steps that were refused say so themselves. */
  readonly reasons: readonly Note[]
}

/** The claim that `steps` support against `today`. Pure. */
export function claimOf(today: Today, steps: readonly WaterfallStep[]): Claim {
  const taken = steps.filter((step) => step.kind === 'Taken')
  const last = taken.at(-1)
  const savedHostsPercent = saved(today.hostCount, last?.hostCount)
  const savedCoresPercent = saved(today.coreCount, last?.coreCount)
  const isHalved = savedHostsPercent >= 50 && savedCoresPercent >= 50
  const confidence = leastConfidence(taken.map((step) => step.confidence))
  const reasons = [
    ...(isHalved ? [] : [note('claim.notHalf', { hosts: change(savedHostsPercent), cores: change(savedCoresPercent) })]),
    ...(last !== undefined && last.unplaced.length > 0
      ? [note('claim.unplaced', { count: last.unplaced.length, names: last.unplaced.slice(0, 5) })]
      : []),
    ...(last !== undefined && !last.isCertified ? [note('claim.notCertified')] : []),
  ]
  return {
    savedHostsPercent,
    atMostPercent: saved(today.hostCount, last?.bound),
    savedCoresPercent,
    isHalf: isHalved && last?.unplaced.length === 0 && confidence !== 'Low',
    confidence,
    reasons,
  }
}

/** What `savedPercent` is as a change: with its sign, since cores may grow where hosts go. */
const change = (savedPercent: number): string => {
  const percent = Math.abs(savedPercent).toFixed(0)
  return percent === '0' ? percent : `${savedPercent < 0 ? '+' : '-'}${percent}`
}

const saved = (before: number, after: number | undefined): number =>
  after === undefined || before === 0 ? 0 : (100 * (before - after)) / before
