import type { Estate, EstateMachine } from '@weir/estate'
import { hostModels, type HostModel, hostsInUse } from '../hosts/host-types.ts'
import { type Note, note } from '../notes/note.ts'
import type { AssessmentPolicy } from './policy.ts'

/** A machine with the size that the layout gives it. */
export interface SizedMachine {
  readonly machine: EstateMachine
  readonly cpuCount: number
  readonly memoryMebibytes: number
  /** vCPUs for each core where it runs today. */
  readonly cpuRatio: number
  /** Speed of those cores. */
  readonly mhzPerCore: number
}

/** Machines and hosts that are planned by themselves: a cluster, or the whole fabric. */
export interface LayoutGroup {
  readonly name: string
  /** False for machines outside of clusters, and for the whole fabric. */
  readonly isCluster: boolean
  readonly machines: readonly SizedMachine[]
  /** What the group's hosts are like, the most frequent first. */
  readonly models: readonly HostModel[]
}

/** One way to run the estate: everything that a placement problem is made of. */
export interface Layout {
  readonly groups: readonly LayoutGroup[]
  /** 'OneToOne': a core for each vCPU. 'Ratio': as many vCPUs for each core as today. 'Curves': demand over time. */
  readonly cpu: 'OneToOne' | 'Ratio' | 'Curves'
  readonly memoryLimitPercent: number
  /** True on KubeVirt: its overhead for each machine, and a reserve on each host. */
  readonly isKubevirt: boolean
  /** Hosts of the group's models beyond those that are there may be had; 'Bought': only these, as many as needed. */
  readonly hosts: 'Today' | 'Bought'
}

/** A machine cannot be laid out without its size. */
export interface LeftOut {
  readonly machine: string
  readonly reason: Note
}

/** The estate cluster by cluster, without overcommit: where the waterfall begins. Machines that are off need no host. */
export function firstLayout(
  estate: Estate,
  policy: AssessmentPolicy,
): { readonly layout: Layout; readonly leftOut: readonly LeftOut[] } {
  const leftOut: LeftOut[] = []
  const running = estate.machines.filter((machine) => isRunning(machine, leftOut))
  const inUse = hostsInUse(estate)
  const fallback = hostModels(inUse)
  const names = [...new Set(running.map(({ clusterId }) => clusterId ?? ''))].toSorted()
  const groups = names.map((clusterId): LayoutGroup => {
    const members = running.filter((machine) => (machine.clusterId ?? '') === clusterId)
    const own = hostModels(inUse.filter((host) => (host.clusterId ?? '') === clusterId))
    const models = own.length === 0 ? fallback : own
    const ratio = ratioOf(members, own, policy)
    const mhzPerCore = models[0]?.mhzPerCore ?? 0
    return {
      name: estate.clusters.find(({ id }) => id === clusterId)?.name ?? (clusterId === '' ? 'no cluster' : clusterId),
      isCluster: clusterId !== '',
      machines: members.map((machine) => ({ machine, ...sizeOf(machine), cpuRatio: ratio, mhzPerCore })),
      models,
    }
  })
  const layout: Layout = {
    groups,
    cpu: 'OneToOne',
    memoryLimitPercent: policy.vmwareMemoryLimitPercent,
    isKubevirt: false,
    hosts: 'Today',
  }
  return { layout, leftOut }
}

function isRunning(machine: EstateMachine, leftOut: LeftOut[]): boolean {
  if (machine.type === 'Template' || machine.type === 'SrmPlaceholder' || machine.power !== 'On') return false
  if (/^(?:DaemonSet|Node)\//u.test(machine.workload ?? '')) {
    leftOut.push({ machine: machine.name, reason: note('layout.everyHost') })
    return false
  }
  const { cpuCount, memoryMebibytes } = sizeOf(machine)
  if (cpuCount > 0 && memoryMebibytes > 0) return true
  leftOut.push({ machine: machine.name, reason: note('layout.noSize') })
  return false
}

/** A container has what it asks for, and of processors parts as well. */
const sizeOf = ({ type, cpu, memory }: EstateMachine) => {
  const asked = (cpu.requestMillis ?? 0) / 1000
  return {
    cpuCount: cpu.count ?? (type === 'Container' ? asked : Math.ceil(asked)),
    memoryMebibytes: Math.round((memory.sizeBytes ?? memory.reservationBytes ?? 0) / 2 ** 20),
  }
}

/** vCPUs for each core today, never below one: a half-empty cluster is no wish for more room than one to one. */
function ratioOf(machines: readonly EstateMachine[], models: readonly HostModel[], { cpuRatio }: AssessmentPolicy): number {
  if (cpuRatio !== 'Measured') return cpuRatio
  const cores = models.reduce((sum, { cores, hosts }) => sum + cores * hosts.length, 0)
  const vcpus = machines.reduce((sum, machine) => sum + sizeOf(machine).cpuCount, 0)
  return cores === 0 ? 1 : Math.max(1, vcpus / cores)
}
