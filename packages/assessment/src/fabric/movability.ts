import type { KubernetesMeta, KubernetesObjects, KubernetesPod, KubevirtInstance } from '@weir/estate'
import { controllerOf, keyOf } from '@weir/estate'
import type { MoveTraits } from '@weir/planner'
import { isSelectedBy } from './label-selector.ts'

/** What moving a guest takes, and why it has to stay, if it has to. */
export interface Mobility {
  readonly move: MoveTraits
  readonly staysBecause?: string
}

const daySeconds = 86_400

/** How machines and pods of a cluster move, at `now` in milliseconds since the epoch. */
export function createMobility({ migrations = [], disruptionBudgets = [] }: KubernetesObjects, now: number) {
  const recent = Map.groupBy(
    migrations.filter(({ metadata, status }) => status?.phase === 'Succeeded' && secondsSince(metadata, now) < daySeconds),
    ({ metadata, spec }) => `${metadata?.namespace ?? ''}/${spec?.vmiName ?? ''}`,
  )
  const spent = disruptionBudgets.filter(({ status }) => status?.disruptionsAllowed === 0)
  return {
    /** A machine moves live, with its memory. */
    machine: (instance: KubevirtInstance, mebibytes: number): Mobility => {
      const why = whyMachineStays(instance)
      if (why !== undefined) return stays(why)
      const ended = Date.parse(instance.status?.migrationState?.endTimestamp ?? '')
      const movesToday = recent.get(keyOf(instance.metadata))?.length
      return {
        move: {
          mebibytes,
          ...(Number.isNaN(ended) ? {} : { lastMovedSecondsAgo: Math.max(0, Math.floor((now - ended) / 1000)) }),
          ...(movesToday === undefined ? {} : { movesToday }),
        },
      }
    },
    /** A pod does not move: it ends, and its controller makes another one, so nothing is copied. */
    pod: (pod: KubernetesPod): Mobility => {
      const budget = spent.find(
        ({ metadata, spec }) =>
          metadata?.namespace === pod.metadata?.namespace && isSelectedBy(spec?.selector, pod.metadata?.labels ?? {}),
      )
      const why = whyPodStays(pod, budget?.metadata?.name)
      return why === undefined ? { move: { mebibytes: 0 } } : stays(why)
    },
  }
}

const stays = (staysBecause: string): Mobility => ({ move: { isMovable: false }, staysBecause })

function whyMachineStays({ status }: KubevirtInstance): string | undefined {
  if (status?.phase !== 'Running')
    return status?.nodeName === undefined ? undefined : `it is ${status?.phase ?? 'of unknown state'}`
  const state = status.migrationState
  if (
    state?.startTimestamp !== undefined &&
    state.endTimestamp === undefined &&
    state.completed !== true &&
    state.failed !== true
  )
    return 'it is on its way to another host already'
  const live = status.conditions?.find(({ type }) => type === 'LiveMigratable')
  if (live?.status !== 'False') return undefined
  return `it cannot be migrated live (${live.reason ?? 'no reason given'}${live.message === undefined ? '' : `: ${live.message}`})`
}

/** Controllers that put another pod in the place of one that is evicted, without loss of work. */
const replacing: readonly string[] = ['Deployment', 'ReplicaSet', 'ReplicationController', 'StatefulSet']

function whyPodStays(pod: KubernetesPod, budget: string | undefined): string | undefined {
  if (pod.metadata?.deletionTimestamp !== undefined) return 'it is being deleted'
  const controller = controllerOf(pod.metadata)
  if (controller === undefined) return 'nobody would start it again: it has no controller'
  if (!replacing.includes(controller.kind)) return `its ${controller.kind} does not put another one in its place`
  return budget === undefined ? undefined : `the disruption budget ${budget} allows none to go now`
}

const secondsSince = (metadata: KubernetesMeta | undefined, now: number): number =>
  (now - Date.parse(metadata?.creationTimestamp ?? '')) / 1000
