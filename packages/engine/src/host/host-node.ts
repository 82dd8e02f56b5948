import type { Condition, Node } from '@weir/api'
import { type Bytes, formatBytes } from '@weir/base'
import type { KvmVerdict } from '../kvm/probe-kvm.ts'

/** What this machine has. */
export interface MachineResources {
  readonly cpuCount: number
  readonly memoryBytes: number
}

/** One of `count` equal hosts that a machine is cut into. */
export interface HostShare {
  readonly name: string
  readonly resources: MachineResources
  readonly count: number
  readonly kvm: KvmVerdict
  readonly version: string
}

/** What tells the Nodes of this engine from others: the container runtime that they name. */
const runtime = 'qemu://'

/** The share of the memory that machines may take; the rest is for the host itself. */
const allocatableShare = 0.9
const mebibyte = 2 ** 20

/** True for a Node that an agent of this engine registered. */
export const isHostNode = ({ status }: Node): boolean => status?.nodeInfo?.['containerRuntimeVersion'] === runtime

/** The Node of a host with the labels that selectors ask for. Its status is written apart. Pure. */
export const hostNode = (name: string): Node => ({ apiVersion: 'v1', kind: 'Node', metadata: { name, labels: hostLabels(name) } })

/** The labels that the agent keeps on its Node. */
export const hostLabels = (name: string): Readonly<Record<string, string>> => ({
  'kubernetes.io/hostname': name,
  'kubernetes.io/os': 'linux',
  'kubernetes.io/arch': 'amd64',
  'kubevirt.io/schedulable': 'true',
})

/** The status of a host but its conditions: an equal part of the machine, in whole mebibytes and CPU thousandths. Pure. */
export function hostStatus({ name, resources, count, version }: HostShare): Omit<NonNullable<Node['status']>, 'conditions'> {
  const memory = (share: number): string =>
    formatBytes((Math.floor((resources.memoryBytes * share) / count / mebibyte) * mebibyte) as Bytes)
  const capacity = { cpu: formatCpu((resources.cpuCount * 1000) / count), memory: memory(1), pods: '110' }
  return {
    capacity,
    allocatable: { ...capacity, memory: memory(allocatableShare) },
    addresses: [
      { type: 'Hostname', address: name },
      { type: 'InternalIP', address: '127.0.0.1' },
    ],
    nodeInfo: {
      kubeletVersion: version,
      operatingSystem: 'linux',
      architecture: 'amd64',
      osImage: 'Linux',
      kernelVersion: '',
      containerRuntimeVersion: runtime,
      machineID: '',
      systemUUID: '',
      bootID: '',
      kubeProxyVersion: '',
    },
  }
}

/** As Kubernetes writes CPUs: whole ones as a number, parts in thousandths, rounded down. */
const formatCpu = (millis: number): string =>
  Math.floor(millis) % 1000 === 0 ? String(Math.floor(millis) / 1000) : `${Math.floor(millis)}m`

/** What a living agent says of its host: that it is ready, and whether KVM may be used, with the reason of the probe. Pure. */
export const hostConditions = ({ kvm }: HostShare): readonly Condition[] => [
  { type: 'Ready', status: 'True', reason: 'NodeAgentReady', message: 'the node agent runs machines' },
  {
    type: 'KvmUsable',
    status: kvm.usable ? 'True' : 'False',
    reason: kvm.usable ? 'ProbePassed' : 'ProbeFailed',
    message: kvm.usable ? kvm.reason : `Guests run in software emulation. ${kvm.reason}`,
  },
]
