import { at } from '../fabric/model/typed-array.ts'
import { findNode, type HostState, serves, type Taken } from './host-state.ts'
import type { Shape, ShapeDevices } from './shape.ts'

/** True if the shape needs no NUMA node of its own or there is one with room. */
export function isNodeFree(state: HostState, shape: Shape, host: number): boolean {
  return !shape.needsOneNode || findNode(state, shape, host) >= 0
}

/**
 * The ways to take devices (and a NUMA node) for a shape that differ in what they leave; none if the devices do not suffice. For a
 * single request of one device: each device with another amount free. Otherwise one way, the fullest devices that serve.
 */
export function reserve(state: HostState, shape: Shape, host: number): readonly Taken[] {
  const node = shape.needsOneNode ? { node: findNode(state, shape, host) } : {}
  const first = at(state.deviceStarts, host)
  const end = at(state.deviceStarts, host + 1)
  const [request, ...more] = shape.devices
  if (request === undefined) return [{ devices: [], ...node }]
  if (more.length === 0 && request.count === 1) {
    const byFree = new Map<number, number>()
    for (let device = first; device < end; device++) {
      if (!serves(state, device, request)) continue
      const key = at(state.deviceFree, device) * state.deviceModels.length + at(state.deviceModel, device)
      if (!byFree.has(key)) byFree.set(key, device)
    }
    return [...byFree.values()].map((device) => ({ devices: [{ device, shares: request.shares }], ...node }))
  }
  const devices = takeAll(state, shape.devices, { first, end })
  return devices === undefined ? [] : [{ devices, ...node }]
}

function takeAll(
  state: HostState,
  requests: readonly ShapeDevices[],
  { first, end }: { readonly first: number; readonly end: number },
): Taken['devices'] | undefined {
  const taken: { readonly device: number; readonly shares: number }[] = []
  const left = (device: number): number =>
    taken.reduce((free, one) => (one.device === device ? free - one.shares : free), at(state.deviceFree, device))
  for (const request of requests.toSorted((a, b) => b.shares - a.shares)) {
    for (let count = 0; count < request.count; count++) {
      let best = -1
      for (let device = first; device < end; device++) {
        if (!serves(state, device, request) || left(device) < request.shares) continue
        if (best < 0 || left(device) < left(best)) best = device
      }
      if (best < 0) return undefined
      taken.push({ device: best, shares: request.shares })
    }
  }
  return taken
}
