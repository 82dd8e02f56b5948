import { type Condition, lease, type Node, node } from '@weir/api'
import type { Clock } from '@weir/base'
import {
  type Controller,
  createObjectWriter,
  defineWatch,
  type EventRecorder,
  getCondition,
  type ManagerContext,
  type Next,
} from '@weir/runtime'
import { leaseNamespace, leaseSeconds } from '../host/heartbeat.ts'

/** What the watch over all hosts stands on. */
export interface LifecycleDeps {
  readonly context: ManagerContext
  readonly clock: Clock
  readonly events: EventRecorder
}

const wait: Next = { kind: 'Wait' }

/**
 * Takes hosts for lost whose agents fall silent (Kubernetes' node lifecycle controller): a Lease that has not changed for
 * 40 seconds before our own eyes makes the Node's `Ready` Unknown. The times in a Lease are of another clock and are not
 * compared. The agent itself says when it is ready again.
 */
export function nodeLifecycleController({ context, clock, events }: LifecycleDeps): Controller {
  const nodes = context.cacheOf(node)
  const leases = context.cacheOf(lease)
  const writer = createObjectWriter({ client: context.client, clock, kind: node, finalizer: 'weir.dev/lifecycle' })
  const seen = new Map<string, { readonly renewTime: string | undefined; readonly at: number }>()

  /** Milliseconds for which the Lease of a host has stayed the same. */
  const silence = (name: string): number => {
    const renewTime = leases.get({ namespace: leaseNamespace, name })?.spec?.renewTime
    const before = seen.get(name)
    if (before === undefined || before.renewTime !== renewTime) seen.set(name, { renewTime, at: clock.now() })
    return clock.now() - (seen.get(name)?.at ?? clock.now())
  }
  return {
    name: 'nodelifecycle',
    kind: node,
    watches: [
      defineWatch({
        kind: lease,
        map: ({ metadata }) => (metadata.namespace === leaseNamespace ? [{ namespace: '', name: metadata.name }] : []),
      }),
    ],
    reconcile: async ({ name }, signal) => {
      const found = nodes.get({ name })
      if (found === undefined) {
        seen.delete(name)
        return wait
      }
      const remaining = leaseSeconds * 1000 - silence(name)
      if (remaining > 0)
        return { kind: 'PollAfter', seconds: Math.max(1, remaining / 1000), reason: 'silence wakes nobody by itself' }
      const lost = lostCondition(found)
      if (lost === undefined) return wait
      await writer.patchStatus(found, { conditions: [lost], status: {} }, signal)
      events.record(found, { type: 'Warning', reason: 'NodeNotReady', message: `Node ${name} status is now: NodeNotReady` })
      return wait
    },
  }
}

/** `Ready` of a host that is not heard, in Kubernetes' words; undefined if that is known. */
function lostCondition({ status }: Node): Condition | undefined {
  const ready = getCondition(status?.conditions, 'Ready')
  if (ready?.status === 'Unknown') return undefined
  return ready === undefined
    ? { type: 'Ready', status: 'Unknown', reason: 'NodeStatusNeverUpdated', message: 'The node agent never posted node status.' }
    : { type: 'Ready', status: 'Unknown', reason: 'NodeStatusUnknown', message: 'The node agent stopped posting node status.' }
}
