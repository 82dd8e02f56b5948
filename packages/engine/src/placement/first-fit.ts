import type { Node } from '@weir/api'
import { isWeirError, parseBytes, parseCpuMillis } from '@weir/base'
import { isConditionTrue } from '@weir/runtime'

/** What a machine takes of its host: memory with what QEMU itself needs, and CPU. */
export interface Room {
  readonly memoryBytes: number
  readonly cpuMillis: number
}

/** What a machine asks of its host. */
export interface Demand extends Room {
  readonly nodeSelector: Readonly<Record<string, string>>
}

/** A host for the demand, or why there is none, in the words of kube-scheduler. */
export type Placement =
  | { readonly kind: 'Placed'; readonly nodeName: string }
  | { readonly kind: 'Refused'; readonly message: string }

/** The first host by name that is ready and has room beside what is taken of it. Pure. O(nodes). */
export function firstFit(demand: Demand, nodes: readonly Node[], takenOf: (nodeName: string) => Room): Placement {
  const refusals = new Map<string, number>()
  for (const node of nodes.toSorted((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1))) {
    const why = refusalOf(demand, node, takenOf(node.metadata.name))
    if (why === undefined) return { kind: 'Placed', nodeName: node.metadata.name }
    refusals.set(why, (refusals.get(why) ?? 0) + 1)
  }
  const reasons = [...refusals].map(([why, count]) => `${count} ${why}`).join(', ')
  return { kind: 'Refused', message: `0/${nodes.length} nodes are available${reasons === '' ? '' : `: ${reasons}`}.` }
}

function refusalOf(demand: Demand, { metadata, spec, status }: Node, taken: Room): string | undefined {
  if (metadata.deletionTimestamp !== undefined) return 'node(s) were being deleted'
  if (!isConditionTrue(status?.conditions, 'Ready')) return 'node(s) were not ready'
  if (spec?.unschedulable === true) return 'node(s) were unschedulable'
  if (Object.entries(demand.nodeSelector).some(([key, value]) => metadata.labels?.[key] !== value))
    return "node(s) didn't match the node selector"
  const { memory = '0', cpu = '0' } = status?.allocatable ?? {}
  if (taken.memoryBytes + demand.memoryBytes > amountOf(parseBytes, memory)) return 'Insufficient memory'
  return taken.cpuMillis + demand.cpuMillis > amountOf(parseCpuMillis, cpu) ? 'Insufficient cpu' : undefined
}

/** A host that says what cannot be read has nothing, and keeps no machine from the others. */
function amountOf(parse: (text: string, field: string) => number, text: string): number {
  try {
    return parse(text, 'status.allocatable')
  } catch (error) {
    if (isWeirError(error, 'INPUT_QUANTITY')) return 0
    throw error
  }
}
