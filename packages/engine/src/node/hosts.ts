import { cpus, hostname, totalmem } from 'node:os'
import { type Condition, lease, node, type Node } from '@weir/api'
import { type Bytes, type Clock, formatBytes, isWeirError, type Logger } from '@weir/base'
import type { Client } from '@weir/client'
import { formatTime, setConditions } from '@weir/runtime'
import type { KvmVerdict } from '../kvm/probe-kvm.ts'

/** This machine, cut into `count` hosts of the fabric. */
export interface HostsDeps {
  readonly client: Client
  readonly clock: Clock
  readonly logger: Logger
  readonly count: number
  readonly kvm: KvmVerdict
  readonly version: string
}

const beatMillis = 10_000
const leaseSeconds = 40
const leaseNamespace = 'kube-node-lease'

/** The names of the hosts: the machine's name, with a number if there are several. */
export function hostNames(count: number, machine: string = hostname()): readonly string[] {
  const name =
    machine
      .toLowerCase()
      .replaceAll(/[^a-z0-9-]+/gu, '-')
      .replaceAll(/^-+|-+$/gu, '')
      .slice(0, 50) || 'host'
  return count === 1 ? [name] : Array.from({ length: count }, (_, index) => `${name}-${index + 1}`)
}

/** Registers the hosts as Nodes and keeps their Leases fresh until `signal` aborts. The first round is done when it resolves. */
export async function registerHosts(deps: HostsDeps, signal: AbortSignal): Promise<void> {
  const names = hostNames(deps.count)
  await Promise.all(names.map(async (name) => registerNode(deps, name)))
  await Promise.all(names.map(async (name) => beat(deps, name)))
  void keepBeating(deps, names, signal)
}

async function keepBeating(deps: HostsDeps, names: readonly string[], signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    await deps.clock.sleep(beatMillis, signal)
    if (signal.aborted) return
    for (const name of names)
      await beat(deps, name).catch((error: unknown) => deps.logger.error('A heartbeat failed', error, { node: name }))
  }
}

async function registerNode(deps: HostsDeps, name: string): Promise<void> {
  const { client, clock, count } = deps
  const object: Node = {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: {
      name,
      labels: {
        'kubernetes.io/hostname': name,
        'kubernetes.io/os': 'linux',
        'kubernetes.io/arch': 'amd64',
        'kubevirt.io/schedulable': 'true',
      },
    },
  }
  const found = await client.create(node, object).catch(async (error: unknown) => {
    if (isWeirError(error, 'API_ALREADY_EXISTS')) return client.get(node, { name })
    throw error
  })
  const capacity = {
    cpu: String((cpus().length * 10) / count),
    memory: formatBytes((Math.floor(totalmem() / count / 2 ** 20) * 2 ** 20) as Bytes),
    pods: '110',
  }
  await client.patch(
    node,
    { name },
    {
      type: 'merge',
      subresource: 'status',
      body: {
        status: {
          capacity,
          allocatable: {
            ...capacity,
            memory: formatBytes((Math.floor((totalmem() * 0.9) / count / 2 ** 20) * 2 ** 20) as Bytes),
          },
          conditions: setConditions(found.status?.conditions, conditionsOf(deps), formatTime(clock.now())),
          addresses: [
            { type: 'Hostname', address: name },
            { type: 'InternalIP', address: '127.0.0.1' },
          ],
          nodeInfo: {
            kubeletVersion: deps.version,
            operatingSystem: 'linux',
            architecture: 'amd64',
            osImage: 'Linux',
            kernelVersion: '',
            containerRuntimeVersion: 'qemu://',
            machineID: '',
            systemUUID: '',
            bootID: '',
            kubeProxyVersion: '',
          },
        },
      },
    },
  )
}

/** Ready, and whether KVM may be used, with the reason that the probe gave. */
const conditionsOf = ({ kvm }: HostsDeps): readonly Condition[] => [
  { type: 'Ready', status: 'True', reason: 'NodeAgentReady', message: 'the node agent runs machines' },
  {
    type: 'KvmUsable',
    status: kvm.usable ? 'True' : 'False',
    reason: kvm.usable ? 'ProbePassed' : 'ProbeFailed',
    message: kvm.usable ? kvm.reason : `${kvm.reason} Guests run in software emulation.`,
  },
]

async function beat({ client, clock }: HostsDeps, name: string): Promise<void> {
  const renewTime = new Date(clock.now()).toISOString().replace('Z', '000Z')
  const spec = { holderIdentity: name, leaseDurationSeconds: leaseSeconds, renewTime }
  try {
    await client.patch(lease, { namespace: leaseNamespace, name }, { type: 'merge', body: { spec } })
  } catch (error) {
    if (!isWeirError(error, 'API_NOT_FOUND')) throw error
    await client.create(lease, {
      apiVersion: 'coordination.k8s.io/v1',
      kind: 'Lease',
      metadata: { name, namespace: leaseNamespace },
      spec,
    })
  }
}
