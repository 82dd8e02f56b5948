import type { Cooldown, MoveLimits } from './move-plan.ts'

/** How moves are planned. */
export interface MoveOptions {
  readonly limits: MoveLimits
  readonly cooldown: Cooldown
  /** A host is emptied only if it is used less than `emptyBelowPercent`; no host is filled above `fillUpToPercent`. */
  readonly hysteresis: { readonly emptyBelowPercent: number; readonly fillUpToPercent: number }
  /** For how long what is gained is expected to last, and what a second of migration costs in seconds of one running host. */
  readonly benefit: { readonly stableSeconds: number; readonly moveSecondCost: number }
  /** What is kept small: mebibytes moved, moves, or both alike. */
  readonly prefer: 'Mebibytes' | 'Moves' | 'Both'
}

/**
 * What is taken for options that are not given. Limits are those of a 10 Gb/s network with two moves out of and into a host (KubeVirt
 * allows two out of a host) and eight at once (vMotion's limit on such a network); hysteresis is that of VMware DPM, 45 and 81 %;
 * cooldown is 15 minutes, doubled up to 6 hours.
 */
export const defaultMoveOptions: MoveOptions = {
  limits: { outPerHost: 2, inPerHost: 2, cluster: 8, linkMebibytesPerSecond: 1192, moveMebibytesPerSecond: 596 },
  cooldown: { baseSeconds: 900, maxSeconds: 21_600 },
  hysteresis: { emptyBelowPercent: 45, fillUpToPercent: 81 },
  benefit: { stableSeconds: 14_400, moveSecondCost: 1 },
  prefer: 'Mebibytes',
}

/** Mebibytes a second that each move gets, so that no link is ever full: a share of the link for each move that may use it. */
export function rateOf({ linkMebibytesPerSecond, moveMebibytesPerSecond, outPerHost, inPerHost }: MoveLimits): number {
  return Math.min(moveMebibytesPerSecond, linkMebibytesPerSecond / Math.max(outPerHost, inPerHost))
}
