import type { Node, VirtualMachineInstance } from '@weir/api'
import { demandOf } from '../placement/demand.ts'
import { type Demand, firstFit, type Room } from '../placement/first-fit.ts'
import { isFinal } from '../virtual-machine-instance/observe.ts'

/** An instance and the host that it goes to. */
export interface Move {
  readonly instance: VirtualMachineInstance
  readonly nodeName: string
}

/** What becomes of instances whose hosts are taken away, or why they cannot all be kept. */
export type HostPlan =
  | { readonly kind: 'Moves'; readonly moves: readonly Move[] }
  | { readonly kind: 'Refused'; readonly refusals: readonly { readonly name: string; readonly message: string }[] }

/**
 * Finds a place among `hosts` for every instance that is bound to another host: the largest first, by first fit beside what
 * stays where it is (first fit decreasing, at most 11/9 of the hosts needed: Johnson 1973). Instances that have ended or are
 * being deleted only change their owner. All or nothing. Pure. O(instances × hosts).
 */
export function planHosts(hosts: readonly Node[], instances: readonly VirtualMachineInstance[]): HostPlan {
  const names = new Set(hosts.map(({ metadata }) => metadata.name))
  const bound = instances.filter(({ status }) => status?.nodeName !== undefined)
  const taken = new Map<string, Room>()
  const take = (nodeName: string, { memoryBytes, cpuMillis }: Room): void => {
    const before = taken.get(nodeName) ?? nothing
    taken.set(nodeName, { memoryBytes: before.memoryBytes + memoryBytes, cpuMillis: before.cpuMillis + cpuMillis })
  }
  for (const instance of bound) if (names.has(nodeOf(instance))) take(nodeOf(instance), needOf(instance))
  const homeless = bound
    .filter((instance) => !names.has(nodeOf(instance)))
    .map((instance) => ({ instance, need: needOf(instance) }))
    .toSorted((a, b) => b.need.memoryBytes - a.need.memoryBytes || compareNames(a.instance, b.instance))
  const moves: Move[] = []
  const refusals: { name: string; message: string }[] = []
  for (const { instance, need } of homeless) {
    const found = firstFit(need, hosts, (nodeName) => taken.get(nodeName) ?? nothing)
    if (found.kind === 'Refused') refusals.push({ name: pathOf(instance), message: found.message })
    else {
      take(found.nodeName, need)
      moves.push({ instance, nodeName: found.nodeName })
    }
  }
  return refusals.length > 0 ? { kind: 'Refused', refusals } : { kind: 'Moves', moves }
}

const nothing: Room = { memoryBytes: 0, cpuMillis: 0 }

const nodeOf = ({ status }: VirtualMachineInstance): string => status?.nodeName ?? ''

const needOf = (instance: VirtualMachineInstance): Demand =>
  isFinal(instance) || instance.metadata.deletionTimestamp !== undefined ? { ...nothing, nodeSelector: {} } : demandOf(instance)

const pathOf = ({ metadata }: VirtualMachineInstance): string => `${metadata.namespace ?? ''}/${metadata.name}`

const compareNames = (a: VirtualMachineInstance, b: VirtualMachineInstance): number => (pathOf(a) < pathOf(b) ? -1 : 1)
