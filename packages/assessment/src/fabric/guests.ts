import {
  controllerOf,
  isDone,
  keyOf,
  type KubernetesMeta,
  type KubernetesObjects,
  type KubernetesPod,
  launchedBy,
  launcherOf,
  podUsage,
  type QuantityReader,
  type SchedulingRules,
} from '@weir/estate'
import type { Amounts, Labels } from '@weir/planner'
import { withUniqueNames } from '../names/unique-names.ts'
import { podRequests, usedMebibytes } from './amounts.ts'
import { machineRequests } from './machine-requests.ts'
import { createMobility, type Mobility } from './movability.ts'

/** A machine or a pod that a host runs or is to run, with all that a workload is made of. */
export interface Guest extends Mobility {
  /** `namespace/name`. */
  readonly name: string
  readonly namespace: string
  readonly app?: string
  readonly labels: Labels
  readonly nodeName: string | undefined
  readonly requests: Amounts
  /** Measured; undefined if nobody measured. */
  readonly used: Amounts | undefined
  readonly rules: SchedulingRules
  readonly priority?: number
  /** True for what runs on every host, or for one host alone, and is no reason to keep one: daemons and static pods. */
  readonly isOfHost: boolean
}

/** What is needed to read guests. */
interface GuestContext {
  readonly now: number
  readonly quantities: (object: string) => QuantityReader
}

/** All machines and pods of a cluster that hold room on a host or wait for one. O(objects). */
export function guestsOf(objects: KubernetesObjects, { now, quantities }: GuestContext): readonly Guest[] {
  const mobility = createMobility(objects, now)
  const usage = new Map((objects.podMetrics ?? []).map((each) => [keyOf(each.metadata), podUsage(each)]))
  const usedBy = (pod: KubernetesPod | undefined): Amounts | undefined => {
    const used = usage.get(keyOf(pod?.metadata))
    return used && { cpuUsed: Math.ceil(used.cpuMillis), memoryUsed: usedMebibytes(used.memoryBytes) }
  }
  const pods = (objects.pods ?? []).filter((pod) => !isDone(pod))
  const launchers = Map.groupBy(pods, launchedBy)
  const running = (objects.virtualMachineInstances ?? []).filter((instance) => !isDone(instance))
  const ownPods = new Set<KubernetesPod>()
  const machines = running.map((instance): Guest => {
    const launcher = launcherOf(instance, launchers.get(keyOf(instance.metadata)))
    if (launcher !== undefined) ownPods.add(launcher)
    const name = nameOf(instance.metadata)
    const { guestMebibytes, ...asked } = machineRequests(instance, quantities(`machine/${name}`))
    return {
      ...common(instance.metadata),
      name,
      nodeName: instance.status?.nodeName,
      // The pod says what the scheduler counts, and where it may go with all that KubeVirt has added.
      requests: launcher === undefined ? asked.requests : podRequests(launcher, quantities(`machine/${name}`)),
      used: usedBy(launcher),
      rules: launcher?.spec ?? instance.spec ?? {},
      ...(launcher?.spec?.priority === undefined ? {} : { priority: launcher.spec.priority }),
      isOfHost: false,
      ...mobility.machine(instance, guestMebibytes),
    }
  })
  const others = pods.filter((pod) => !ownPods.has(pod)).map((pod) => podGuest(pod, { usedBy, mobility, quantities }))
  // A pod may be called as a machine is.
  return withUniqueNames([...machines, ...others])
}

function podGuest(
  pod: KubernetesPod,
  {
    usedBy,
    mobility,
    quantities,
  }: Pick<GuestContext, 'quantities'> & {
    readonly usedBy: (pod: KubernetesPod) => Amounts | undefined
    readonly mobility: ReturnType<typeof createMobility>
  },
): Guest {
  const { metadata, spec } = pod
  const controller = controllerOf(metadata)
  const isOfHost = controller?.kind === 'DaemonSet' || controller?.kind === 'Node'
  const name = nameOf(metadata)
  return {
    ...common(metadata),
    name,
    ...(controller === undefined || isOfHost
      ? {}
      : { app: `${metadata?.namespace ?? ''}/${controller.kind}/${controller.name}`.slice(0, 253) }),
    nodeName: spec?.nodeName,
    requests: podRequests(pod, quantities(`machine/${name}`)),
    used: usedBy(pod),
    rules: spec ?? {},
    ...(spec?.priority === undefined ? {} : { priority: spec.priority }),
    isOfHost,
    ...mobility.pod(pod),
  }
}

const common = (metadata: KubernetesMeta | undefined) => ({
  namespace: metadata?.namespace ?? '',
  labels: metadata?.labels ?? {},
})

/** `namespace/name`, or the uid where that is longer than names of a problem may be. */
function nameOf(metadata: KubernetesMeta | undefined): string {
  const name = keyOf(metadata)
  return name.length <= 253 ? name : (metadata?.uid ?? name.slice(0, 253))
}
