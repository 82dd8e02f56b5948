import type { FabricModel } from '../fabric/model/model.ts'
import { at, item } from '../fabric/model/typed-array.ts'
import type { Shape, ShapeDevices } from './shape.ts'

/** Thousandths of one device. */
export const whole = 1000

/** What is free on every host: dimensions, devices, NUMA nodes. */
export interface HostState {
  readonly model: FabricModel
  readonly deviceModels: readonly string[]
  /** `host * dimensionCount + dimension`. */
  readonly free: Float64Array
  /** Devices of host h are those from `deviceStarts[h]` up to, not including, `deviceStarts[h + 1]`. */
  readonly deviceStarts: Int32Array
  readonly deviceModel: Int32Array
  readonly isShareable: Uint8Array
  readonly deviceFree: Int32Array
  /** Free room of each NUMA node of hosts on which one was asked for. */
  readonly nodes: Map<number, readonly Float64Array[]>
}

/** What a placed workload took beside its dimensions. */
export interface Taken {
  /** Device indexes with the shares taken of each. */
  readonly devices: readonly { readonly device: number; readonly shares: number }[]
  /** NUMA node, if it needs one. */
  readonly node?: number
}

/** A workload of a shape on a host. */
export interface Stay {
  readonly host: number
  readonly shape: Shape
  readonly taken: Taken
}

/** All hosts empty. */
export function createHostState(model: FabricModel, deviceModels: readonly string[]): HostState {
  const starts: number[] = [0]
  const devices = model.hosts.flatMap(({ type }) => {
    const list = (type.devices ?? []).flatMap(({ model: name, count, shareable }) =>
      Array.from({ length: count }, () => ({ model: deviceModels.indexOf(name), shareable: shareable ?? false })),
    )
    starts.push((starts.at(-1) ?? 0) + list.length)
    return list
  })
  return {
    model,
    deviceModels,
    free: Float64Array.from(model.usable),
    deviceStarts: Int32Array.from(starts),
    deviceModel: Int32Array.from(devices, ({ model: name }) => name),
    isShareable: Uint8Array.from(devices, ({ shareable }) => (shareable ? 1 : 0)),
    deviceFree: new Int32Array(devices.length).fill(whole),
    nodes: new Map(),
  }
}

/** True if the dimensions of the shape are free on the host. */
export function hasRoomFor({ model, free }: HostState, { demand }: Shape, host: number): boolean {
  const row = host * model.dimensionCount
  for (let dimension = 0; dimension < demand.length; dimension++) {
    if (at(demand, dimension) > at(free, row + dimension)) return false
  }
  return true
}

/** True if the device can serve a request. */
export function serves(state: HostState, device: number, { wants, shares }: ShapeDevices): boolean {
  return (
    at(wants, at(state.deviceModel, device)) === 1 &&
    at(state.deviceFree, device) >= shares &&
    (shares === whole || at(state.isShareable, device) === 1)
  )
}

/** A NUMA node with room for the shape, the fullest; -1 if there is none. */
export function findNode(state: HostState, { demand }: Shape, host: number): number {
  let best = -1
  let least = Number.POSITIVE_INFINITY
  for (const [node, free] of nodesOf(state, host).entries()) {
    if (demand.some((need, dimension) => need > at(free, dimension))) continue
    const left = free.reduce((sum, amount, dimension) => sum + amount / Math.max(1, at(state.model.usable, dimension)), 0)
    if (left < least) {
      least = left
      best = node
    }
  }
  return best
}

function nodesOf(state: HostState, host: number): readonly Float64Array[] {
  const known = state.nodes.get(host)
  if (known !== undefined) return known
  const { dimensionCount, usable, hosts } = state.model
  const count = item(hosts, host).type.numaNodes ?? 1
  const row = usable.subarray(host * dimensionCount, (host + 1) * dimensionCount)
  const nodes = Array.from({ length: count }, () => row.map((amount) => amount / count))
  state.nodes.set(host, nodes)
  return nodes
}

/** Takes (sign -1) or gives back (sign 1) all that a workload of the shape has on the host. */
export function change(state: HostState, { host, shape, taken }: Stay, sign: 1 | -1): void {
  const { free, deviceFree, model } = state
  const row = host * model.dimensionCount
  const node = taken.node === undefined ? undefined : nodesOf(state, host)[taken.node]
  shape.demand.forEach((need, dimension) => {
    free[row + dimension] = at(free, row + dimension) + sign * need
    if (node !== undefined) node[dimension] = at(node, dimension) + sign * need
  })
  for (const { device, shares } of taken.devices) deviceFree[device] = at(deviceFree, device) + sign * shares
}
