import { at } from '../fabric/model/typed-array.ts'
import { type HostState, serves, whole } from './host-state.ts'
import type { Shape } from './shape.ts'

/** How much of what is free on a host the typical mix could not use. */
export interface Stranding {
  /** For a host as it is: devices (1 for a whole one) where it has any, else shares of a host. */
  readonly of: (host: number) => number
}

/** Where there are devices they are what is scarce: room of hosts without them then decides only among equals. */
const deviceless = 1e-3

/**
 * As many workloads of one shape count as using a host. FGD counts one, and takes all devices as usable where CPU is left for that one
 * alone; to count all that fit makes hosts with much room more precious than they are.
 */
const mostAlike = 2

/**
 * The expected stranded share of a host, after Weng et al. 2023 (FGD, USENIX ATC): the mean over the mix of what workloads of each
 * shape could not use of the host's free devices: all of them if none fits or it needs none, else those with less free than it
 * asks of one, and at least what `mostAlike` of it leave. On hosts without devices what does not take one of it is stranded, with the
 * mean free share of the dimensions. O(mix x (dimensions + devices)).
 */
export function createStranding(state: HostState, mix: readonly { readonly shape: Shape; readonly share: number }[]): Stranding {
  const { dimensionCount, usable } = state.model
  const demand = Float64Array.from(mix.flatMap(({ shape }) => [...shape.demand]))
  const shares = Float64Array.from(mix, ({ share }) => share)
  const largest = Float64Array.from({ length: dimensionCount }, (_, dimension) =>
    mix.reduce((most, { shape }) => Math.max(most, at(shape.demand, dimension)), 0),
  )
  const weight = state.deviceFree.length > 0 ? deviceless : 1

  const fits = (index: number, row: number, times = 1): boolean => {
    for (let dimension = 0; dimension < dimensionCount; dimension++) {
      if (times * at(demand, index * dimensionCount + dimension) > at(state.free, row + dimension)) return false
    }
    return true
  }
  const timesOf = (index: number, row: number): number => {
    let times = 0
    while (times < mostAlike && fits(index, row, times + 1)) times++
    return times
  }
  const takesAny = (row: number): boolean => {
    for (let dimension = 0; dimension < dimensionCount; dimension++) {
      if (at(largest, dimension) > at(state.free, row + dimension)) return false
    }
    return true
  }
  const ofDeviceless = (host: number): number => {
    const row = host * dimensionCount
    if (takesAny(row)) return 0
    let lost = 0
    for (let index = 0; index < shares.length; index++) if (!fits(index, row)) lost += at(shares, index)
    if (lost === 0) return 0
    let free = 0
    for (let index = row; index < row + dimensionCount; index++) free += at(state.free, index) / Math.max(1, at(usable, index))
    return (weight * lost * free) / dimensionCount
  }
  return {
    of: (host) => {
      const first = at(state.deviceStarts, host)
      const end = at(state.deviceStarts, host + 1)
      if (first === end) return ofDeviceless(host)
      let total = 0
      for (let device = first; device < end; device++) total += at(state.deviceFree, device)
      if (total === 0) return 0
      let stranded = 0
      for (const [index, { shape, share }] of mix.entries()) {
        const times = timesOf(index, host * dimensionCount)
        const lost = times > 0 ? unusable(state, shape, first, end) : total
        stranded += share * Math.max(lost, total - times * askedBy(shape))
      }
      return stranded / whole
    },
  }
}

/** Thousandths of devices that one workload of the shape takes at its first request. */
const askedBy = ({ devices: [request] }: Shape): number => (request === undefined ? 0 : request.count * request.shares)

/** Thousandths of the free devices that the shape could not use, though its other needs are met. */
function unusable(state: HostState, { devices }: Shape, first: number, end: number): number {
  const [request] = devices
  let total = 0
  let served = 0
  let lost = 0
  for (let device = first; device < end; device++) {
    const free = at(state.deviceFree, device)
    total += free
    if (request !== undefined && serves(state, device, request)) served++
    else lost += free
  }
  return request === undefined || served < request.count ? total : lost
}
