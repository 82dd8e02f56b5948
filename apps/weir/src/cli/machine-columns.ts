import {
  type Domain,
  type VirtualMachine,
  virtualMachine,
  type VirtualMachineInstance,
  virtualMachineInstance,
  type VirtualMachineInstanceStatus,
} from '@weir/api'
import { isWeirError } from '@weir/base'
import type { Client } from '@weir/client'
import type { Table } from './output.ts'

const names = ['Node', 'IP', 'CPU', 'Memory', 'Guest OS', 'Ports'] as const
type Cells = Readonly<Record<(typeof names)[number], string>>

/** Where machines are read, in which place. */
interface Place {
  readonly client: Client
  /** Absent: all namespaces. */
  readonly namespace?: string
  readonly signal: AbortSignal
}

/**
 * The table of a server's machines with what somebody who comes from vCenter looks for behind it: host, address, size, guest
 * system, ways in. A running machine's are those of its instance; whoever may not read instances sees what is wanted. @throws as `Client`.
 */
export async function withMachineColumns(table: Table, { client, namespace, signal }: Place): Promise<Table> {
  const scope = { ...(namespace === undefined ? {} : { namespace }), signal }
  const [machines, instances] = await Promise.all([
    client.list(virtualMachine, scope),
    client.list(virtualMachineInstance, scope).catch(ifHidden),
  ])
  const machineOf = new Map(machines.items.map((item) => [keyOf(item.metadata), item]))
  const instanceOf = new Map(instances.items.map((item) => [keyOf(item.metadata), item]))
  return {
    ...table,
    columnDefinitions: [...table.columnDefinitions, ...names.map((name) => ({ name }))],
    rows: table.rows.map((row) => {
      const key = keyOf(row.object?.metadata ?? {})
      const cells = cellsOf(machineOf.get(key), instanceOf.get(key))
      return { ...row, cells: [...row.cells, ...names.map((name) => cells[name])] }
    }),
  }
}

const keyOf = ({ namespace = '', name = '' }: { readonly namespace?: string; readonly name?: string }): string =>
  `${namespace}/${name}`

const ifHidden = (error: unknown): { readonly items: readonly VirtualMachineInstance[] } => {
  if (isWeirError(error, 'API_FORBIDDEN') || isWeirError(error, 'API_NOT_FOUND')) return { items: [] }
  throw error
}

function cellsOf(machine: VirtualMachine | undefined, instance: VirtualMachineInstance | undefined): Cells {
  return { ...sizeOf((instance?.spec ?? machine?.spec.template.spec)?.domain), ...placeCells(instance?.status ?? {}) }
}

function sizeOf(domain: Domain | undefined): Pick<Cells, 'CPU' | 'Memory'> {
  const { cpu, memory, resources } = domain ?? {}
  const { sockets = 1, cores = 1, threads = 1 } = cpu ?? {}
  const { requests = {} } = resources ?? {}
  return {
    CPU: String(cpu === undefined ? (requests['cpu'] ?? 1) : sockets * cores * threads),
    Memory: orNone(memory?.guest ?? requests['memory']),
  }
}

function placeCells({ nodeName, interfaces = [], guestOSInfo }: VirtualMachineInstanceStatus): Omit<Cells, 'CPU' | 'Memory'> {
  const ports = interfaces
    .flatMap((each) => each.ports ?? [])
    .flatMap(({ port, hostPort }) => (hostPort === undefined ? [] : [`127.0.0.1:${hostPort}->${port}`]))
  return {
    Node: orNone(nodeName),
    IP: orNone(interfaces.flatMap(({ ipAddress }) => ipAddress ?? [])[0]),
    'Guest OS': orNone(guestOSInfo?.prettyName ?? guestOSInfo?.name),
    Ports: ports.join(',') || orNone(undefined),
  }
}

const orNone = (value: string | number | undefined): string => (value === undefined ? '<none>' : String(value))
