import { type Node, node } from '@weir/api'
import { type Clock, isWeirError } from '@weir/base'
import type { Client } from '@weir/client'
import { type Controller, createObjectWriter, defineConcern, type ManagerContext, type Next, type Request } from '@weir/runtime'
import type { Heartbeat } from './heartbeat.ts'
import { hostConditions, hostLabels, hostNode, type HostShare, hostStatus } from './host-node.ts'

/** What an agent's care for its own Node stands on. */
export interface HostDeps {
  readonly context: ManagerContext
  readonly clock: Clock
  readonly heartbeat: Heartbeat
  readonly share: HostShare
}

const wait: Next = { kind: 'Wait' }
/** What was made and deleted again between two lists of a cache wakes nobody. */
const lookAgain: Next = { kind: 'PollAfter', seconds: 30, reason: 'the Node that was made has not been seen yet' }

/**
 * Keeps the Node of one host as it should be: registered, with its labels and its share of the machine, and Ready while the
 * heartbeat is fresh. Whoever deletes the Node sees it come back: the host is there.
 */
export function hostController({ context, clock, heartbeat, share }: HostDeps): Controller {
  const nodes = context.cacheOf(node)
  const key: Request = { namespace: '', name: share.name }
  return {
    name: `host/${share.name}`,
    kind: node,
    concerns: defineConcern(node, ({ metadata }) => metadata.name === share.name),
    watches: [],
    sources: [
      (wake) => {
        wake(key)
        return heartbeat.onRecovery(() => wake(key))
      },
    ],
    reconcile: async ({ name }, signal) => {
      const found = nodes.get({ name })
      if (found === undefined) {
        await register(context.client, name, signal)
        return lookAgain
      }
      await refresh({ client: context.client, clock, heartbeat, share }, found, signal)
      return wait
    },
  }
}

/** Creates the Node and lets the heart beat for the first time: after it others may count on the host. */
export async function registerHost(
  deps: Omit<HostDeps, 'context'> & { readonly client: Client },
  signal: AbortSignal,
): Promise<void> {
  const { client, heartbeat, share } = deps
  await register(client, share.name, signal)
  await heartbeat.beat()
  // Labels and status may each take a write; a conflict with another writer is tried again.
  for (let done = false; !done;)
    done = await refresh(deps, await client.get(node, { name: share.name }, signal), signal).catch((error: unknown) => {
      if (isWeirError(error, 'API_CONFLICT')) return false
      throw error
    })
}

async function register(client: Client, name: string, signal: AbortSignal): Promise<void> {
  await client.create(node, hostNode(name), signal).catch((error: unknown) => {
    if (!isWeirError(error, 'API_ALREADY_EXISTS')) throw error
  })
}

/** One write at most; true if nothing is left to do. */
async function refresh(
  { client, clock, heartbeat, share }: Omit<HostDeps, 'context'> & { readonly client: Client },
  found: Node,
  signal: AbortSignal,
): Promise<boolean> {
  if (found.metadata.deletionTimestamp !== undefined) return true
  const labels = hostLabels(share.name)
  if (Object.entries(labels).some(([name, value]) => found.metadata.labels?.[name] !== value)) {
    await client.patch(node, { name: share.name }, { type: 'merge', body: { metadata: { labels } } }, signal)
    return false
  }
  // Who cannot renew its Lease must not call itself ready: others have taken it for lost, and would again.
  if (!heartbeat.isFresh()) return true
  const writer = createObjectWriter({ client, clock, kind: node, finalizer: 'weir.dev/host' })
  return !(await writer.patchStatus(found, { conditions: hostConditions(share), status: hostStatus(share) }, signal))
}
