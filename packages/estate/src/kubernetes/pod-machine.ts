import type { EstateMachine } from '../model/machine.ts'
import { present } from '../model/present.ts'
import type { QuantityReader } from './quantities.ts'
import type { KubernetesPod, ObjectMeta } from './objects.ts'
import { controllerOf, podTotal, type PodUsage } from './pods.ts'

/** Where objects of the cluster belong. */
export interface MachineContext {
  readonly sourceId: string
  readonly clusterId: string
  readonly hostIdOf: (nodeName: string | undefined) => string | undefined
  readonly quantities: (object: string) => QuantityReader
}

/** A pod as a machine of type `Container`. `folder` is its namespace. */
export function podMachine(pod: KubernetesPod, usage: PodUsage | undefined, context: MachineContext): EstateMachine {
  const { metadata, spec, status } = pod
  const controller = controllerOf(metadata)
  const id = idOf(metadata, `${context.sourceId}/pod`)
  const read = context.quantities(`machine/${id}`)
  const cpu = (kind: 'requests' | 'limits'): number | undefined => podTotal(pod, kind, (quantities) => read.cpuMillis(quantities))
  const memory = (kind: 'requests' | 'limits'): number | undefined => podTotal(pod, kind, (quantities) => read.bytes(quantities))
  return {
    id,
    sourceId: context.sourceId,
    type: 'Container',
    name: metadata?.name ?? id,
    ...present({
      clusterId: context.clusterId,
      hostId: context.hostIdOf(spec?.nodeName),
      folder: metadata?.namespace,
      workload: controller && `${controller.kind}/${controller.name}`,
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
