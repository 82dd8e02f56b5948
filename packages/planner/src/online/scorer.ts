import type { FabricModel } from '../fabric/model/model.ts'
import { at } from '../fabric/model/typed-array.ts'
import { isNodeFree, reserve } from './choose.ts'
import { change, hasRoomFor, type HostState, type Taken, whole } from './host-state.ts'
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
interface ScoredPlace extends ScoreWeights {
  readonly total: number
  readonly taken: Taken
}

/** The best way to put a shape on a host, or nothing if it does not fit. Labels and rules are asked elsewhere. */
export type Scorer = (shape: Shape, host: number) => ScoredPlace | undefined

/** A scorer over the state; it tries a place by taking it and giving it back. */
export function createScorer(state: HostState, stranding: Stranding, weights: ScoreWeights): Scorer {
  const peaks = createPeaks(state)
  const freeShare = createFreeShare(state)
  return (shape, host) => {
    if (!hasRoomFor(state, shape, host) || !isNodeFree(state, shape, host)) return undefined
    const before = stranding.of(host)
    const peakBefore = peaks(host)
    let best: ScoredPlace | undefined
    for (const taken of reserve(state, shape, host)) {
      change(state, { host, shape, taken }, -1)
      const terms = {
        stranding: stranding.of(host) - before,
        fit: freeShare(host),
        curve: peaks(host) - peakBefore,
      }
      change(state, { host, shape, taken }, 1)
      const total = weights.stranding * terms.stranding + weights.fit * terms.fit + weights.curve * terms.curve
      if (best === undefined || total < best.total) best = { ...terms, total, taken }
    }
    return best
  }
}

/**
 * The share of a host that is free: dimensions and, as one more of them, devices, weighed by how scarce each is when all workloads
 * of the problem are there, so that what is plentiful decides little.
 */
function createFreeShare({ model, free, deviceStarts, deviceFree }: HostState): (host: number) => number {
  const { dimensionCount, usable } = model
  const weights = scarcity(model)
  const deviceWeight = deviceScarcity(model, deviceFree.length)
  const sum = weights.reduce((total, weight) => total + weight, 0)
  return (host) => {
    let share = 0
    for (let dimension = 0; dimension < dimensionCount; dimension++) {
      const index = host * dimensionCount + dimension
      share += (at(weights, dimension) * at(free, index)) / Math.max(1, at(usable, index))
    }
    const first = at(deviceStarts, host)
    const end = at(deviceStarts, host + 1)
    if (first === end) return share / sum
    let devices = 0
    for (let device = first; device < end; device++) devices += at(deviceFree, device)
    return (share + (deviceWeight * devices) / (whole * (end - first))) / (sum + deviceWeight)
  }
}

/** Demand of all workloads over room of all hosts, squared, by dimension. */
function scarcity({ dimensionCount, demand, usable }: FabricModel): Float64Array {
  const need = new Float64Array(dimensionCount)
  const room = new Float64Array(dimensionCount)
  demand.forEach((value, index) => (need[index % dimensionCount] = at(need, index % dimensionCount) + value))
  usable.forEach((value, index) => (room[index % dimensionCount] = at(room, index % dimensionCount) + value))
  return need.map((value, dimension) => (value / Math.max(1, at(room, dimension))) ** 2 + 1e-9)
}

function deviceScarcity({ workloads }: FabricModel, deviceCount: number): number {
  const shares = workloads.reduce(
    (sum, { devices }) => (devices ?? []).reduce((total, request) => total + request.count * request.shares, sum),
    0,
  )
  return (shares / Math.max(1, deviceCount * whole)) ** 2
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
