import { at } from '../fabric/model/typed-array.ts'
import { isNodeFree, reserve } from './choose.ts'
import { change, hasRoomFor, type HostState, type Taken } from './host-state.ts'
import type { Shape } from './shape.ts'
import type { Stranding } from './stranding.ts'

/** What each term of a score weighs; the host with the least sum is chosen. */
export interface ScoreWeights {
  /** Growth of what is stranded on the host. */
  readonly stranding: number
  /** Mean share of the host that is left free: full hosts first. */
  readonly fit: number
  /** Growth of the host's peaks, in shares: low for a workload whose peaks fall into the host's valleys. */
  readonly curve: number
}

/** A place on a host and what it costs, term by term. */
export interface ScoredPlace extends ScoreWeights {
  readonly total: number
  readonly taken: Taken
}

/** The best way to put a shape on a host, or nothing if it does not fit. Labels and rules are asked elsewhere. */
export type Scorer = (shape: Shape, host: number) => ScoredPlace | undefined

/** A scorer over the state; it tries a place by taking it and giving it back. */
export function createScorer(state: HostState, stranding: Stranding, weights: ScoreWeights): Scorer {
  const peaks = createPeaks(state)
  return (shape, host) => {
    if (!hasRoomFor(state, shape, host) || !isNodeFree(state, shape, host)) return undefined
    const before = stranding.of(host)
    const peakBefore = peaks(host)
    let best: ScoredPlace | undefined
    for (const taken of reserve(state, shape, host)) {
      change(state, { host, shape, taken }, -1)
      const terms = {
        stranding: stranding.of(host) - before,
        fit: freeShare(state, host),
        curve: peaks(host) - peakBefore,
      }
      change(state, { host, shape, taken }, 1)
      const total = weights.stranding * terms.stranding + weights.fit * terms.fit + weights.curve * terms.curve
      if (best === undefined || total < best.total) best = { ...terms, total, taken }
    }
    return best
  }
}

function freeShare({ model, free }: HostState, host: number): number {
  const { dimensionCount, usable } = model
  let share = 0
  for (let index = host * dimensionCount; index < (host + 1) * dimensionCount; index++) {
    share += at(free, index) / Math.max(1, at(usable, index))
  }
  return share / dimensionCount
}

/** The peaks of a host summed over resources that have curves, in shares of what is usable; 0 if none has. */
function createPeaks({ model, free }: HostState): (host: number) => number {
  const { dimensions, dimensionCount, usable } = model
  const groups = [...Map.groupBy(dimensions.keys(), (index) => dimensions[index]?.resource ?? '').values()].filter(
    (group) => group.length > 1,
  )
  return (host) => {
    const row = host * dimensionCount
    let sum = 0
    for (const group of groups) {
      let peak = 0
      for (const dimension of group) {
        const index = row + dimension
        peak = Math.max(peak, 1 - at(free, index) / Math.max(1, at(usable, index)))
      }
      sum += peak
    }
    return sum
  }
}
