import type { HostType, PlacementProblem, Workload } from '@weir/planner'
import { type MachineShape, readMachineShapes } from './real-shapes.ts'

/** A server: cores that may be promised `overcommit` times. */
export interface Server {
  readonly cores: number
  readonly memoryGibibytes: number
  readonly overcommit: number
}

/** As `64c/512G 4:1`. */
export function serverName({ cores, memoryGibibytes, overcommit }: Server): string {
  return `${cores}c/${memoryGibibytes}G ${overcommit}:1`
}

/** A host type for a server: 5 % of its memory kept for the node, cores in thousandths times the overcommit. */
export function hostTypeOf(server: Server): HostType {
  const memory = server.memoryGibibytes * 1024
  return {
    name: 'server',
    capacity: { cpu: server.cores * server.overcommit * 1000, memory },
    reserve: { memory: Math.ceil(memory * 0.05), cpu: Math.ceil(server.cores * server.overcommit * 50) },
  }
}

/**
 * `count` machines drawn with a seed from the shapes in a vms.csv (columns `cores`, `mem_alloc_mib`) that fit the server, as
 * KubeVirt runs them: 220 MiB, 1/512 of the guest, 8 MiB for each vCPU and for the I/O thread and 32 MiB of video on top.
 */
export function drawMachines(csv: string, server: Server, draw: { readonly count: number; readonly seed: number }): Workload[] {
  const { capacity, reserve } = hostTypeOf(server)
  const requests = readMachineShapes(csv).map((shape) => ({ cpu: shape.cores * 1000, memory: podMebibytes(shape) }))
  const fitting = requests.filter(
    ({ cpu, memory }) =>
      cpu <= (capacity['cpu'] ?? 0) - (reserve?.['cpu'] ?? 0) && memory <= (capacity['memory'] ?? 0) - (reserve?.['memory'] ?? 0),
  )
  const random = seeded(draw.seed)
  return Array.from({ length: draw.count }, (_, at): Workload => {
    const drawn = fitting[Math.floor(random() * fitting.length)]
    if (drawn === undefined) throw new Error(`no machine of ${csv} fits ${serverName(server)}`)
    return { name: `vm-${at}`, requests: drawn }
  })
}

/** A problem with CPU and memory, memory being held on both hosts during a move. */
export function problemOf(hostTypes: readonly HostType[], workloads: readonly Workload[]): PlacementProblem {
  return {
    apiVersion: 'weir.dev/v1alpha1',
    kind: 'PlacementProblem',
    resources: [
      { name: 'cpu', unit: 'millicores' },
      { name: 'memory', unit: 'MiB', transient: true },
    ],
    hostTypes,
    workloads,
  }
}

/** Mebibytes that the pod of a guest needs: see `drawMachines`. */
const podMebibytes = ({ cores, memoryMebibytes }: MachineShape): number =>
  Math.ceil(memoryMebibytes + 220 + memoryMebibytes / 512 + 8 * cores + 8 + 32)

/** Numbers from 0 (inclusive) to 1 (exclusive) from a 32-bit seed (xorshift of Marsaglia 2003, mixed). */
export function seeded(seed: number): () => number {
  let state = (Math.imul(seed, 0x9e3779b1) ^ 0x5bd1e995) >>> 0 || 1
  return () => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    return (Math.imul(state, 0x2c1b3c6d) >>> 0) / 2 ** 32
  }
}

/** Hosts that any placement needs: demand by resource over what one host gives, and machines of which no two share a host. */
export function hostBound(workloads: readonly Workload[], { capacity, reserve }: HostType): number {
  return Math.max(
    ...['cpu', 'memory'].map((resource) => {
      const usable = (capacity[resource] ?? 0) - (reserve?.[resource] ?? 0)
      const sizes = workloads.map(({ requests }) => requests[resource] ?? 0)
      const large = sizes.filter((size) => size * 2 > usable).length
      return Math.max(Math.ceil(sizes.reduce((sum, size) => sum + size, 0) / usable), large)
    }),
  )
}
