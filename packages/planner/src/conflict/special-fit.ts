import type { DeviceRequest } from '../problem.ts'
import { type ConflictModel, type HostClass, tolerance } from './model.ts'
import type { Trait } from './part.ts'

/** Trials after which a packing of devices or nodes counts as unknown. */
const mostTrials = 5000
/** Thousandths of one device. */
const whole = 1000

/** What counts of a problem: limited dimensions by index, and traits of workloads. */
interface Specials {
  readonly model: ConflictModel
  readonly dimensions: readonly number[]
  readonly has: (trait: Trait, workload: number) => boolean
}

/**
 * Whether devices and NUMA nodes of one host of a class serve all of `workloads`, by trying every way: true, false, or undefined if that
 * takes too long.
 */
export function fitsSpecials(scene: Specials, workloads: readonly number[], hostClass: HostClass): boolean | undefined {
  const devices = fitsDevices(scene, workloads, hostClass)
  if (devices === false) return false
  const nodes = fitsNodes(scene, workloads, hostClass)
  return nodes === false ? false : devices === undefined || nodes === undefined ? undefined : true
}

function fitsDevices({ model, has }: Specials, workloads: readonly number[], { hostType }: HostClass): boolean | undefined {
  const units = workloads
    .flatMap((workload) => (has('devices', workload) ? (model.problem.workloads[workload]?.devices ?? []) : []))
    .flatMap((request) => Array.from({ length: request.count }, () => request))
    .toSorted((a, b) => b.shares - a.shares)
  if (units.length === 0) return true
  const devices = (hostType.devices ?? []).flatMap(({ model: name, count, shareable }) =>
    Array.from({ length: count }, () => ({ name, isShareable: shareable ?? false, free: whole })),
  )
  let trials = 0
  const serve = (next: number): boolean => {
    const unit = units[next]
    if (unit === undefined) return true
    const tried = new Set<string>()
    return devices.some((device) => {
      const kind = `${device.name} ${device.isShareable} ${device.free}`
      if (tried.has(kind) || !serves(device, unit) || ++trials > mostTrials) return false
      tried.add(kind)
      device.free -= unit.shares
      const isServed = serve(next + 1)
      device.free += unit.shares
      return isServed
    })
  }
  return serve(0) ? true : trials > mostTrials ? undefined : false
}

function serves(
  device: { readonly name: string; readonly isShareable: boolean; readonly free: number },
  { models, shares }: DeviceRequest,
): boolean {
  if (device.free < shares || (shares < whole && !device.isShareable)) return false
  return models === undefined || models.includes(device.name)
}

function fitsNodes(
  { model, dimensions, has }: Specials,
  workloads: readonly number[],
  { hostType, usable }: HostClass,
): boolean | undefined {
  const pinned = workloads.filter(
    (workload) => has('singleNumaNode', workload) && model.problem.workloads[workload]?.singleNumaNode === true,
  )
  if (pinned.length === 0) return true
  const nodeCount = hostType.numaNodes ?? 1
  const nodes = Array.from({ length: nodeCount }, () => new Float64Array(model.dimensions.length))
  const change = (node: Float64Array, workload: number, sign: 1 | -1): void => {
    for (const dimension of dimensions) {
      node[dimension] = (node[dimension] ?? 0) + sign * (model.demandOf(workload)[dimension] ?? 0)
    }
  }
  let trials = 0
  const place = (next: number): boolean => {
    const workload = pinned[next]
    if (workload === undefined) return true
    const tried = new Set<string>()
    return nodes.some((node) => {
      const load = node.join()
      if (tried.has(load) || ++trials > mostTrials) return false
      tried.add(load)
      change(node, workload, 1)
      const hasRoom = dimensions.every((at) => (node[at] ?? 0) * nodeCount <= (usable[at] ?? 0) + tolerance)
      const isPlaced = hasRoom && place(next + 1)
      change(node, workload, -1)
      return isPlaced
    })
  }
  return place(0) ? true : trials > mostTrials ? undefined : false
}
