import type {
  KubernetesContainer,
  KubernetesPod,
  KubernetesPodMetrics,
  KubevirtInstance,
  ObjectMeta,
  Quantities,
} from './objects.ts'
import { quantityReader } from './quantities.ts'

/** `namespace/name`: how an object is called within its kind. */
export const keyOf = (metadata: ObjectMeta | undefined): string => `${metadata?.namespace ?? ''}/${metadata?.name ?? ''}`

/** True for a pod or an instance that runs no more and holds nothing of its node. */
export const isDone = ({ status }: KubernetesPod | KubevirtInstance): boolean =>
  status?.phase === 'Succeeded' || status?.phase === 'Failed'

/** The key of the machine whose process the pod holds (KubeVirt's virt-launcher); undefined for other pods. */
export function launchedBy({ metadata }: KubernetesPod): string | undefined {
  const owner = metadata?.ownerReferences?.find(({ kind }) => kind === 'VirtualMachineInstance')
  return owner === undefined ? undefined : `${metadata?.namespace ?? ''}/${owner.name ?? ''}`
}

/** Of the pods of one machine the one in which it runs: while it moves there is a second one on the host where it goes. */
export const launcherOf = (
  instance: KubevirtInstance | undefined,
  pods: readonly KubernetesPod[] = [],
): KubernetesPod | undefined => pods.find(({ spec }) => spec?.nodeName === instance?.status?.nodeName) ?? pods[0]

/** What a pod is a replica of, as `Deployment/web`. A ReplicaSet is one rollout of a Deployment and ends in its hash. */
export function controllerOf(metadata: ObjectMeta | undefined): { readonly kind: string; readonly name: string } | undefined {
  const owner = metadata?.ownerReferences?.find(({ controller }) => controller === true)
  if (owner?.kind === undefined || owner.name === undefined) return undefined
  const hash = metadata?.labels?.['pod-template-hash']
  return owner.kind === 'ReplicaSet' && hash !== undefined && owner.name.endsWith(`-${hash}`)
    ? { kind: 'Deployment', name: owner.name.slice(0, -hash.length - 1) }
    : { kind: owner.kind, name: owner.name }
}

/**
 * What a pod asks for, as the scheduler counts: the larger of all containers with sidecars, and each init container with the sidecars
 * that started before it, plus the overhead of its runtime (KEP-753). undefined if no container says anything.
 */
export function podTotal(
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

/** What runs in a pod, as its node measured it last. */
export interface PodUsage {
  readonly cpuMillis: number
  readonly memoryBytes: number
}

/** What the containers of a pod use together. */
export function podUsage(metrics: KubernetesPodMetrics): PodUsage {
  const read = quantityReader('', () => {})
  const containers = metrics.containers ?? []
  return {
    cpuMillis: containers.reduce((sum, { usage }) => sum + (read.cpuMillis(usage) ?? 0), 0),
    memoryBytes: containers.reduce((sum, { usage }) => sum + (read.bytes(usage) ?? 0), 0),
  }
}
