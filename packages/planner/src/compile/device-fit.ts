import type { DeviceTables, HostClasses, ItemTypes } from './instance.ts'
import { f64, i32, listAt } from './typed-array.ts'

/** True if items of `types` (repeats allowed) find devices and NUMA nodes together on one host of `hostClass`. */
export type DeviceCheck = (types: Iterable<number>, hostClass: number) => boolean

/**
 * A check that is sound but not complete: it packs requests largest first, each into the fullest device or node that takes it, and
 * may refuse a set that a cleverer packing would take. It never accepts one that does not fit. O(requests * devices).
 */
export function deviceCheck(input: {
  readonly types: ItemTypes
  readonly classes: HostClasses
  readonly devices: DeviceTables
}): DeviceCheck {
  const { devices } = input
  if (!devices.isUsed) return () => true
  return (types, hostClass) => {
    const list = [...types]
    return fitsDevices(devices, list, hostClass) && fitsNumaNodes(input, list, hostClass)
  }
}

function fitsDevices(devices: DeviceTables, types: readonly number[], hostClass: number): boolean {
  const requests = types.flatMap((type) => [...listAt(devices.requests, type)])
  if (requests.length === 0) return true
  const pools = listAt(devices.pools, hostClass)
  const free = new Int32Array(pools.length).fill(1000)
  // The pickiest of equal size first: a request that takes any model must not take the last of one that others need.
  const choices = (row: number) =>
    pools.reduce((sum, code) => sum + (devices.accepts[row * devices.models.length + (code >> 1)] ?? 0), 0)
  const order = requests.toSorted(
    (a, b) =>
      i32(devices.shares, b) - i32(devices.shares, a) ||
      choices(a) - choices(b) ||
      i32(devices.deviceCount, b) - i32(devices.deviceCount, a),
  )
  return order.every((row) => takeDevices(devices, row, pools, free))
}

function takeDevices(devices: DeviceTables, row: number, pools: Int32Array, free: Int32Array): boolean {
  const shares = i32(devices.shares, row)
  for (let taken = 0; taken < i32(devices.deviceCount, row); taken++) {
    let best = -1
    for (let device = 0; device < pools.length; device++) {
      const code = i32(pools, device)
      const isFit = devices.accepts[row * devices.models.length + (code >> 1)] === 1 && i32(free, device) >= shares
      if (!isFit || (shares < 1000 && (code & 1) === 0)) continue
      // A whole request leaves shareable devices to those that share.
      const isBetter = best < 0 || i32(free, device) < i32(free, best) || (shares === 1000 && (code & 1) < (i32(pools, best) & 1))
      if (isBetter) best = device
    }
    if (best < 0) return false
    free[best] = i32(free, best) - shares
  }
  return true
}

function fitsNumaNodes(
  { types, classes, devices }: { readonly types: ItemTypes; readonly classes: HostClasses; readonly devices: DeviceTables },
  list: readonly number[],
  hostClass: number,
): boolean {
  const pinned = list.filter((type) => devices.singleNuma[type] === 1)
  if (pinned.length === 0) return true
  const nodes = i32(devices.numaNodes, hostClass)
  const scalarCount = classes.usable.length / classes.count
  const seriesCount = classes.usableSeries.length / classes.count
  const width = scalarCount + seriesCount
  const usable = (column: number) =>
    column < scalarCount
      ? f64(classes.usable, hostClass * scalarCount + column)
      : f64(classes.usableSeries, hostClass * seriesCount + column - scalarCount)
  const need = (type: number, column: number) =>
    column < scalarCount
      ? f64(types.need, type * scalarCount + column)
      : f64(types.peak, type * seriesCount + column - scalarCount)
  const free = Float64Array.from({ length: nodes * width }, (_, index) => Math.floor(usable(index % width) / nodes))
  const share = (type: number) => {
    let largest = 0
    for (let column = 0; column < width; column++) largest = Math.max(largest, need(type, column) / Math.max(1, usable(column)))
    return largest
  }
  return pinned
    .toSorted((a, b) => share(b) - share(a) || a - b)
    .every((type) => {
      for (let node = 0; node < nodes; node++) {
        let isFit = true
        for (let column = 0; column < width; column++) isFit &&= need(type, column) <= f64(free, node * width + column)
        if (!isFit) continue
        for (let column = 0; column < width; column++) {
          free[node * width + column] = f64(free, node * width + column) - need(type, column)
        }
        return true
      }
      return false
    })
}
