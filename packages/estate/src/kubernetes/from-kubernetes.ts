import { finding } from '../findings/finding.ts'
import { type Estate, type EstateHost, estateVersion, type Finding } from '../model/estate.ts'
import type { EstateMachine } from '../model/machine.ts'
import { present } from '../model/present.ts'
import { createFindingLog } from '../findings/finding-log.ts'
import { reconcile } from '../reconcile/reconcile.ts'
import type { KubernetesNode, KubernetesObjects } from './objects.ts'
import { podMachine } from './pod-machine.ts'
import { isDone, keyOf, launchedBy, launcherOf, podUsage } from './pods.ts'
import { type AddFinding, quantityReader } from './quantities.ts'
import { virtualMachine } from './virtual-machine.ts'

/** How the cluster is called, and when it was read. */
export interface KubernetesSource {
  readonly name: string
  /** Its API server, without credentials. */
  readonly location: string
  readonly version?: string
  readonly collectedTime?: string
  /** What the reading itself has to tell: kinds that could not be listed. */
  readonly findings?: readonly Finding[]
}

/**
 * The estate that a Kubernetes cluster is: its nodes as hosts, its pods and, with KubeVirt, its virtual machines. The pod of a virtual
 * machine (virt-launcher) is the machine and is not counted again; pods that are done are left out. A label, an annotation, an
 * environment or a command of a container is never looked at.
 */
export function fromKubernetes(objects: KubernetesObjects, source: KubernetesSource): Estate {
  const log = createFindingLog()
  const add: AddFinding = (each) => log.add(each)
  const sourceId = source.name
  const clusterId = `${sourceId}/cluster`
  const hosts = (objects.nodes ?? []).map((node) => hostOf(node, { sourceId, clusterId }, add))
  const hostIds = new Set(hosts.map(({ id }) => id))
  const hostIdOf = (nodeName: string | undefined): string | undefined => {
    const id = `${sourceId}/${nodeName ?? ''}`
    return hostIds.has(id) ? id : undefined
  }
  const context = { sourceId, clusterId, hostIdOf, quantities: (object: string) => quantityReader(object, add) }
  const instances = new Map((objects.virtualMachineInstances ?? []).map((each) => [keyOf(each.metadata), each]))
  const machines = new Map((objects.virtualMachines ?? []).map((each) => [keyOf(each.metadata), each]))
  const usage = new Map((objects.podMetrics ?? []).map((each) => [keyOf(each.metadata), podUsage(each)]))
  const pods = (objects.pods ?? []).filter((pod) => !isDone(pod))
  const launchers = Map.groupBy(pods, launchedBy)
  const all: EstateMachine[] = [...new Set([...machines.keys(), ...instances.keys()])].map((key) => {
    const pair = { machine: machines.get(key), instance: instances.get(key) }
    return virtualMachine(pair, usage.get(keyOf(launcherOf(pair.instance, launchers.get(key))?.metadata)), context)
  })
  for (const pod of launchers.get(undefined) ?? []) all.push(podMachine(pod, usage.get(keyOf(pod.metadata)), context))
  const estate: Estate = {
    apiVersion: estateVersion,
    kind: 'Estate',
    metadata: { name: source.name, ...present({ collectedTime: source.collectedTime }) },
    sources: [
      {
        id: sourceId,
        type: 'Kubernetes',
        location: source.location,
        ...present({ version: source.version, collectedTime: source.collectedTime }),
        parts: Object.entries(objects).flatMap(([name, list]: [string, unknown]) => (list === undefined ? [] : name)),
      },
    ],
    clusters: [{ id: clusterId, sourceId, name: source.name }],
    hosts,
    datastores: [],
    networks: networksOf(all, sourceId),
    machines: all,
    findings: [],
  }
  for (const each of source.findings ?? []) log.add(each)
  const isToldWhy = source.findings?.some(({ object }) => object === noMetrics.object) ?? false
  if (objects.podMetrics === undefined && !isToldWhy) log.add(noMetrics)
  for (const each of reconcile(estate)) log.add(each)
  return { ...estate, findings: log.list() }
}

const noMetrics = finding('metrics.none', { kind: 'Missing', object: 'sheet/podMetrics' }, {})

function hostOf(node: KubernetesNode, ids: { sourceId: string; clusterId: string }, add: AddFinding): EstateHost {
  const name = node.metadata?.name ?? ''
  const id = `${ids.sourceId}/${name}`
  const read = quantityReader(`host/${id}`, add)
  const capacity = node.status?.capacity
  const millis = read.cpuMillis(capacity)
  const gpus = Object.entries(capacity ?? {}).flatMap(([resource, count]) =>
    /^(?:nvidia|amd|gpu\.intel)\.com\//u.test(resource) && Number(count) > 0 ? { model: resource, count: Number(count) } : [],
  )
  return {
    id,
    name,
    ...ids,
    ...present({
      // What Kubernetes calls a CPU is a hardware thread.
      threads: millis === undefined ? undefined : Math.floor(millis / 1000),
      memoryBytes: read.bytes(capacity),
      isInMaintenance: node.spec?.unschedulable,
      version: node.status?.nodeInfo?.kubeletVersion,
      gpus: gpus.length === 0 ? undefined : gpus,
    }),
  }
}

const networksOf = (machines: readonly EstateMachine[], sourceId: string): Estate['networks'] =>
  [...new Set(machines.flatMap(({ nics }) => nics.flatMap(({ network }) => network ?? [])))].map((name) => ({
    id: `${sourceId}/${name}`,
    sourceId,
    name,
  }))
