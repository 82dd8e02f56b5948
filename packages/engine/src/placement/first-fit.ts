import type { Node } from '@weir/api'
import { type Bytes, type CpuMillis, parseBytes, parseCpuMillis } from '@weir/base'

/** What a machine takes of its host. */
export interface Demand {
  readonly memoryBytes: number
  readonly cpuMillis: number
  readonly nodeSelector: Readonly<Record<string, string>>
}

/** A machine that has its place. */
export interface Placed extends Pick<Demand, 'memoryBytes' | 'cpuMillis'> {
  readonly nodeName: string
}

/** A host for the demand, or why there is none, in the words of kube-scheduler. */
export type Placement =
  | { readonly kind: 'Placed'; readonly nodeName: string }
  | { readonly kind: 'Refused'; readonly message: string }

/** What QEMU itself takes besides the memory of its guest. */
const overheadBytes = 128 * 2 ** 20

/** The first host by name that is ready and has room. Ten vCPUs may share a core, as KubeVirt allows by default. Pure. */
export function firstFit(demand: Demand, nodes: readonly Node[], placed: readonly Placed[]): Placement {
  const refusals = new Map<string, number>()
  for (const node of nodes.toSorted((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1))) {
    const why = refusalOf(demand, node, placed)
    if (why === undefined) return { kind: 'Placed', nodeName: node.metadata.name }
    refusals.set(why, (refusals.get(why) ?? 0) + 1)
  }
  const reasons = [...refusals].map(([why, count]) => `${count} ${why}`).join(', ')
  return { kind: 'Refused', message: `0/${nodes.length} nodes are available${reasons === '' ? '' : `: ${reasons}`}.` }
}

function refusalOf(demand: Demand, node: Node, placed: readonly Placed[]): string | undefined {
  const labels = node.metadata.labels ?? {}
  if (node.metadata.deletionTimestamp !== undefined) return 'node(s) were being deleted'
  if (node.status?.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True') !== true)
    return 'node(s) were not ready'
  if (node.spec?.unschedulable === true) return 'node(s) were unschedulable'
  if (Object.entries(demand.nodeSelector).some(([key, value]) => labels[key] !== value))
    return "node(s) didn't match the node selector"
  const own = placed.filter(({ nodeName }) => nodeName === node.metadata.name)
  const { memory = '0', cpu = '0' } = node.status.allocatable ?? {}
  const usedBytes = own.reduce((sum, { memoryBytes }) => sum + memoryBytes + overheadBytes, 0)
  const usedMillis = own.reduce((sum, { cpuMillis }) => sum + cpuMillis, 0)
  const freeBytes: number = parseBytes(memory, 'status.allocatable.memory') satisfies Bytes
  const freeMillis: number = parseCpuMillis(cpu, 'status.allocatable.cpu') satisfies CpuMillis
  if (usedBytes + demand.memoryBytes + overheadBytes > freeBytes) return 'Insufficient memory'
  return usedMillis + demand.cpuMillis > freeMillis ? 'Insufficient cpu' : undefined
}
