import { apiVersionOf, type KindDefinition, type KubernetesObject, node, virtualMachine, virtualMachineInstance } from '@weir/api'
import type { Client } from '@weir/client'
import { budget, migration, pod, podMetrics } from './cluster-kinds.ts'

/** What must never leave the cluster, wherever it stands in an object. */
export const secretWord = 'hunter2-never-read'

const object = (kind: KindDefinition, metadata: KubernetesObject['metadata'], rest: object): KubernetesObject => ({
  apiVersion: apiVersionOf(kind),
  kind: kind.kind,
  metadata,
  ...rest,
})

const inShop = (name: string, more: object = {}): KubernetesObject['metadata'] => ({ name, namespace: 'default', ...more })

/** Writes an object and, where the kind keeps it apart, its status. */
async function put(client: Client, kind: KindDefinition, whole: KubernetesObject): Promise<KubernetesObject> {
  const made = await client.create(kind, whole)
  const { status } = whole as { readonly status?: object }
  if (kind.statusSubresource !== true || status === undefined) return made
  return await client.updateStatus(kind, { ...made, status } as KubernetesObject)
}

export async function addNode(
  client: Client,
  name: string,
  { labels = {}, spec = {} }: { labels?: object; spec?: object } = {},
): Promise<void> {
  const size = { cpu: '16', memory: '64Gi', pods: '110' }
  await put(
    client,
    node,
    object(
      node,
      { name, labels: { 'kubernetes.io/hostname': name, ...labels } },
      {
        spec,
        status: {
          capacity: size,
          allocatable: { ...size, memory: '60Gi' },
          conditions: [{ type: 'Ready', status: 'True', reason: 'KubeletReady', message: '' }],
        },
      },
    ),
  )
}

/** A machine that runs on `host`, with the process that KubeVirt starts for it. */
export async function addMachine(
  client: Client,
  name: string,
  { host, gibibytes, status = {} }: { host: string; gibibytes: number; status?: object },
): Promise<void> {
  const spec = {
    domain: { cpu: { cores: 4 }, memory: { guest: `${gibibytes}Gi` }, devices: {} },
    volumes: [{ name: 'seed', cloudInitNoCloud: { userData: `#cloud-config\npassword: ${secretWord}\n` } }],
  }
  await put(client, virtualMachine, object(virtualMachine, inShop(name), { spec: { runStrategy: 'Always', template: { spec } } }))
  const { metadata } = await put(
    client,
    virtualMachineInstance,
    object(virtualMachineInstance, inShop(name), { spec, status: { phase: 'Running', nodeName: host, ...status } }),
  )
  const launcher = inShop(`virt-launcher-${name}`, {
    ownerReferences: [
      { apiVersion: 'kubevirt.io/v1', kind: 'VirtualMachineInstance', name, uid: metadata.uid, controller: true },
    ],
  })
  await addPod(client, { metadata: launcher, host, cpu: '400m', memory: `${gibibytes * 1024 + 300}Mi` })
}

interface PodWish {
  readonly metadata: KubernetesObject['metadata']
  readonly host?: string
  readonly cpu: string
  readonly memory: string
  readonly spec?: object
}

export async function addPod(client: Client, { metadata, host, cpu, memory, spec = {} }: PodWish): Promise<void> {
  await put(
    client,
    pod,
    object(pod, metadata, {
      spec: {
        ...(host === undefined ? {} : { nodeName: host }),
        containers: [{ name: 'main', env: [{ name: 'PASSWORD', value: secretWord }], resources: { requests: { cpu, memory } } }],
        ...spec,
      },
      status: { phase: host === undefined ? 'Pending' : 'Running' },
    }),
  )
}

/** The metadata of a pod that is one of a kind of controller. */
export const ownedBy = (kind: string, owner: string, name: string): KubernetesObject['metadata'] =>
  inShop(name, {
    labels: { app: owner },
    annotations: { password: secretWord },
    ownerReferences: [{ apiVersion: 'apps/v1', kind, name: owner, uid: `uid-${owner}`, controller: true }],
  })

export const addMetrics = (client: Client, name: string, { cpu, memory }: { cpu: string; memory: string }) =>
  put(client, podMetrics, object(podMetrics, inShop(name), { containers: [{ name: 'main', usage: { cpu, memory } }] }))

export const addBudget = (client: Client, app: string, disruptionsAllowed: number) =>
  put(
    client,
    budget,
    object(budget, inShop(`${app}-budget`), { spec: { selector: { matchLabels: { app } } }, status: { disruptionsAllowed } }),
  )

export const addMigration = (client: Client, machine: string) =>
  put(
    client,
    migration,
    object(migration, inShop(`${machine}-moved`), { spec: { vmiName: machine }, status: { phase: 'Succeeded' } }),
  )
