import { type KubernetesPod, podTotal, type Quantities, type QuantityReader } from '@weir/estate'
import type { ResourceDefinition } from '@weir/planner'

const mebibyte = 2 ** 20

/** Resources that every pod has as many of as it likes: character devices of the host. */
const isUnlimited = (resource: string): boolean => resource.startsWith('devices.kubevirt.io/')

const isSize = (resource: string): boolean =>
  resource === 'memory' || resource === 'ephemeral-storage' || resource.startsWith('hugepages-')

/**
 * How a resource of Kubernetes is counted in a problem. What a pod asks for is held on both hosts while it moves: the pod
 * where it goes is there before that where it was is gone.
 */
export const resourceOf = (name: string): ResourceDefinition => ({
  name,
  unit: name === 'cpu' ? 'millicores' : isSize(name) ? 'MiB' : name === 'pods' ? 'pods' : 'units',
  transient: true,
})

/** The amount of `resource` among `quantities`, in the unit of the problem, rounded up or down; undefined if it is not there. */
export function amountOf(
  quantities: Quantities | undefined,
  { resource, read, round }: { readonly resource: string; readonly read: QuantityReader; readonly round: 'Up' | 'Down' },
): number | undefined {
  if (resource === 'cpu') return read.cpuMillis(quantities)
  const amount = read.bytes(quantities, resource)
  if (amount === undefined || !isSize(resource)) return amount
  return round === 'Up' ? Math.ceil(amount / mebibyte) : Math.floor(amount / mebibyte)
}

/** All that a pod asks for, as the scheduler counts it, and one of `pods`. */
export function podRequests(pod: KubernetesPod, read: QuantityReader): Readonly<Record<string, number>> {
  const all = [...(pod.spec?.containers ?? []), ...(pod.spec?.initContainers ?? [])]
  const lists = [...all.map(({ resources }) => resources?.requests), pod.spec?.overhead]
  const names = new Set(lists.flatMap((quantities) => Object.keys(quantities ?? {})).filter((name) => !isUnlimited(name)))
  const amounts = [...names].map((resource): [string, number] => [
    resource,
    podTotal(pod, 'requests', (quantities) => amountOf(quantities, { resource, read, round: 'Up' })) ?? 0,
  ])
  return { ...Object.fromEntries(amounts.filter(([, amount]) => amount > 0)), pods: 1 }
}

/** Mebibytes of bytes that are used, rounded up. */
export const usedMebibytes = (bytes: number): number => Math.ceil(bytes / mebibyte)
