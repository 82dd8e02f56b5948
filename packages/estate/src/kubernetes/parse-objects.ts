import type { KubernetesObjects } from './objects.ts'

/** The name of a list of `KubernetesObjects`. */
export type KubernetesList = keyof KubernetesObjects

/** What is kept of a value: all of it, some fields of an object, or the same of each entry of a list. */
type Shape = true | { readonly [field: string]: Shape } | readonly [Shape]

const metadata: Shape = {
  name: true,
  namespace: true,
  uid: true,
  creationTimestamp: true,
  deletionTimestamp: true,
  labels: true,
  ownerReferences: [{ kind: true, name: true, controller: true }],
}
const conditions: Shape = [{ type: true, status: true, reason: true, message: true }]
const containers: Shape = [{ name: true, restartPolicy: true, resources: { requests: true, limits: true } }]
const rules = { nodeSelector: true, affinity: true, tolerations: true, topologySpreadConstraints: true } as const
const instance: Shape = {
  ...rules,
  domain: {
    cpu: true,
    memory: { guest: true },
    resources: { requests: true, limits: true },
    firmware: { uuid: true, bootloader: true },
    devices: {
      disks: [{ name: true, shareable: true, disk: { bus: true }, cdrom: {} }],
      interfaces: [{ name: true, macAddress: true, model: true }],
      tpm: {},
      gpus: [{ name: true }],
      hostDevices: [{ name: true }],
    },
  },
  networks: [{ name: true, multus: { networkName: true } }],
}

/** Volumes, environments, commands and annotations are where passwords lie: none of them is here. */
const shapes: Readonly<Record<KubernetesList, Shape>> = {
  nodes: {
    metadata,
    spec: { unschedulable: true, taints: [{ key: true, value: true, effect: true }] },
    status: { capacity: true, allocatable: true, conditions, nodeInfo: { kubeletVersion: true } },
  },
  pods: {
    metadata,
    spec: { ...rules, nodeName: true, priority: true, containers, initContainers: containers, overhead: true },
    status: { phase: true, startTime: true, podIPs: [{ ip: true }] },
  },
  virtualMachines: { metadata, spec: { template: { spec: instance } }, status: { printableStatus: true } },
  virtualMachineInstances: {
    metadata,
    spec: instance,
    status: {
      phase: true,
      nodeName: true,
      conditions,
      migrationState: { startTimestamp: true, endTimestamp: true, completed: true, failed: true },
      guestOSInfo: { prettyName: true },
      interfaces: [{ name: true, mac: true, ipAddresses: true }],
      volumeStatus: [{ name: true, persistentVolumeClaimInfo: { claimName: true, capacity: true } }],
    },
  },
  podMetrics: { metadata: { name: true, namespace: true }, containers: [{ usage: true }] },
  migrations: { metadata, spec: { vmiName: true }, status: { phase: true } },
  disruptionBudgets: { metadata, spec: { selector: true }, status: { disruptionsAllowed: true } },
}

/**
 * Of objects as an API server lists them what conclusions are drawn from, and nothing else: no volume, environment, command or
 * annotation is kept. A field that is no object or list where one should be is left out. O(size of the objects).
 */
export function parseKubernetesObjects<L extends KubernetesList>(
  list: L,
  values: readonly unknown[],
): NonNullable<KubernetesObjects[L]> {
  return values.map((value) => keep(value, shapes[list]) ?? {}) as NonNullable<KubernetesObjects[L]>
}

function keep(value: unknown, shape: Shape): unknown {
  if (shape === true) return value
  if (isList(shape)) return Array.isArray(value) ? value.map((entry: unknown) => keep(entry, shape[0])) : undefined
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined
  const kept: Record<string, unknown> = {}
  for (const [field, inner] of Object.entries(shape)) {
    const found: unknown = Object.hasOwn(value, field) ? keep(Reflect.get(value, field), inner) : undefined
    if (found !== undefined && found !== null) kept[field] = found
  }
  return kept
}

const isList = (shape: Shape): shape is readonly [Shape] => Array.isArray(shape)
