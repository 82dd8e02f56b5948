import type { EstateMachine } from '../model/machine.ts'
import { present } from '../model/present.ts'
import type { QuantityReader } from './quantities.ts'
import type { KubernetesContainer, KubernetesPod, ObjectMeta, Quantities } from './objects.ts'

/** Where objects of the cluster belong. */
export interface MachineContext {
  readonly sourceId: string
  readonly clusterId: string
  readonly hostIdOf: (nodeName: string | undefined) => string | undefined
  readonly quantities: (object: string) => QuantityReader
}

/** A pod as a machine of type `Container`. `folder` is its namespace. */
export function podMachine(
  pod: KubernetesPod,
  usage: { readonly cpuMillis: number; readonly memoryBytes: number } | undefined,
  context: MachineContext,
): EstateMachine {
  const { metadata, spec, status } = pod
  const id = idOf(metadata, `${context.sourceId}/pod`)
  const read = context.quantities(`machine/${id}`)
  const cpu = (kind: 'requests' | 'limits'): number | undefined => total(pod, kind, (quantities) => read.cpuMillis(quantities))
  const memory = (kind: 'requests' | 'limits'): number | undefined => total(pod, kind, (quantities) => read.bytes(quantities))
  return {
    id,
    sourceId: context.sourceId,
    type: 'Container',
    name: metadata?.name ?? id,
    ...present({
      clusterId: context.clusterId,
      hostId: context.hostIdOf(spec?.nodeName),
      folder: metadata?.namespace,
      workload: workloadOf(metadata),
    }),
    power: status?.phase === 'Running' ? 'On' : status?.phase === 'Pending' ? 'Off' : 'Unknown',
    ...present({ createdTime: metadata?.creationTimestamp, poweredOnTime: status?.startTime }),
    cpu: present({
      requestMillis: cpu('requests'),
      limitMillis: cpu('limits'),
      usageMillis: usage && Math.round(usage.cpuMillis),
    }),
    memory: present({
      reservationBytes: memory('requests'),
      limitBytes: memory('limits'),
      consumedBytes: usage && Math.round(usage.memoryBytes),
    }),
    guest: { ipAddresses: status?.podIPs?.flatMap(({ ip }) => ip ?? []) ?? [] },
    disks: [],
    partitions: [],
    nics: [],
    snapshots: [],
    devices: [],
    rules: [],
  }
}

/** The uid, which outlives nothing; objects without one go by namespace and name. */
export const idOf = (metadata: ObjectMeta | undefined, prefix: string): string =>
  metadata?.uid ?? `${prefix}/${metadata?.namespace ?? ''}/${metadata?.name ?? ''}`

/**
 * What a pod asks for, as the scheduler counts: the larger of all containers with sidecars, and each init container with the sidecars
 * that started before it, plus the overhead of its runtime (KEP-753). undefined if no container says anything.
 */
function total(
  { spec }: KubernetesPod,
  kind: 'requests' | 'limits',
  read: (quantities: Quantities | undefined) => number | undefined,
): number | undefined {
  const amounts = (containers: readonly KubernetesContainer[] | undefined): readonly (number | undefined)[] =>
    containers?.map(({ resources }) => read(resources?.[kind])) ?? []
  const main = amounts(spec?.containers)
  const init = amounts(spec?.initContainers)
  if ([...main, ...init].every((each) => each === undefined)) return undefined
  // A limit holds only if every container has one.
  if (kind === 'limits' && main.includes(undefined)) return undefined
  let sidecars = 0
  let peak = 0
  for (const [index, amount = 0] of init.entries()) {
    if (spec?.initContainers?.[index]?.restartPolicy === 'Always') sidecars += amount
    peak = Math.max(peak, sidecars + (spec?.initContainers?.[index]?.restartPolicy === 'Always' ? 0 : amount))
  }
  const running = main.reduce<number>((sum, amount = 0) => sum + amount, sidecars)
  return Math.max(running, peak) + (read(spec?.overhead) ?? 0)
}

/** A ReplicaSet is one rollout of a Deployment and ends in its hash. */
function workloadOf(metadata: ObjectMeta | undefined): string | undefined {
  const owner = metadata?.ownerReferences?.find(({ controller }) => controller === true)
  if (owner?.kind === undefined || owner.name === undefined) return undefined
  const hash = metadata?.labels?.['pod-template-hash']
  return owner.kind === 'ReplicaSet' && hash !== undefined && owner.name.endsWith(`-${hash}`)
    ? `Deployment/${owner.name.slice(0, -hash.length - 1)}`
    : `${owner.kind}/${owner.name}`
}
