import type { DeviceRequest, HostType } from '../../problem.ts'
import type { FabricModel } from './model.ts'
import { at, item } from './typed-array.ts'

/** Thousandths of one device. */
const whole = 1000

/** True if a workload asks for devices or for one NUMA node. */
export function isSpecial(model: FabricModel, workload: number): boolean {
  const { devices, singleNumaNode } = item(model.workloads, workload)
  return (devices ?? []).length > 0 || singleNumaNode === true
}

/**
 * True if the special ones among `workloads` find devices and NUMA nodes on the host. Packs largest first, fullest device or node
 * first: it never accepts what does not fit, and may refuse what a search would fit. O(workloads x devices).
 */
export function fitsSpecials(model: FabricModel, host: number, workloads: readonly number[]): boolean {
  const { type } = item(model.hosts, host)
  const requests = workloads.flatMap((workload) => item(model.workloads, workload).devices ?? [])
  const pinned = workloads.filter((workload) => item(model.workloads, workload).singleNumaNode === true)
  return fitsDevices(type, requests) && fitsNodes(model, { host, nodeCount: type.numaNodes ?? 1 }, pinned)
}

function fitsDevices(type: HostType, requests: readonly DeviceRequest[]): boolean {
  if (requests.length === 0) return true
  const devices = (type.devices ?? []).flatMap(({ model, count, shareable }) =>
    Array.from({ length: count }, () => ({ model, isShareable: shareable ?? false, free: whole })),
  )
  const units = requests.flatMap((request) => Array.from({ length: request.count }, () => request))
  const pickiness = ({ models }: DeviceRequest): number => models?.length ?? Number.MAX_SAFE_INTEGER
  return units
    .toSorted((a, b) => b.shares - a.shares || pickiness(a) - pickiness(b))
    .every(({ models, shares }) => {
      const will = devices.filter(
        (device) =>
          (models === undefined || models.includes(device.model)) &&
          device.free >= shares &&
          (shares === whole || device.isShareable),
      )
      // Whole requests leave shareable devices to those that share.
      const best = will.toSorted((a, b) => a.free - b.free || Number(a.isShareable) - Number(b.isShareable))[0]
      if (best !== undefined) best.free -= shares
      return best !== undefined
    })
}

function fitsNodes(
  model: FabricModel,
  { host, nodeCount }: { readonly host: number; readonly nodeCount: number },
  pinned: readonly number[],
): boolean {
  if (pinned.length === 0) return true
  const { dimensionCount, demand, usable, size } = model
  const nodes = Array.from({ length: nodeCount }, () => new Float64Array(dimensionCount))
  return pinned
    .toSorted((a, b) => at(size, b) - at(size, a) || a - b)
    .every((workload) => {
      const node = nodes.find((load) =>
        load.every(
          (value, dimension) =>
            (value + at(demand, workload * dimensionCount + dimension)) * nodeCount <=
            at(usable, host * dimensionCount + dimension),
        ),
      )
      node?.forEach((value, dimension) => (node[dimension] = value + at(demand, workload * dimensionCount + dimension)))
      return node !== undefined
    })
}
