import { lease } from '@weir/api'
import { type Clock, isWeirError, type Logger } from '@weir/base'
import type { Client } from '@weir/client'

/** What the heartbeat of one host stands on. */
export interface HeartbeatDeps {
  readonly client: Client
  readonly clock: Clock
  readonly logger: Logger
  readonly host: string
}

/** The Lease of a host, renewed by its agent as a kubelet does (`coordination.k8s.io/v1 Lease` in `kube-node-lease`). */
export interface Heartbeat {
  /** Renews once. @throws as `Client`; then the host is the less fresh. */
  beat(): Promise<void>
  /** Renews every ten seconds until `signal` aborts; a renewal that fails is tried again soon. Resolves then, never rejects. */
  run(signal: AbortSignal): Promise<void>
  /** True while the last renewal counts: others take the host for alive. */
  isFresh(): boolean
  /** Calls `listener` after a renewal before which the host was not fresh; returns what ends it. */
  onRecovery(listener: () => void): () => void
}

/** Where the Leases of hosts are. */
export const leaseNamespace = 'kube-node-lease'
/** How long a host counts as alive after a renewal. */
export const leaseSeconds = 40
const beatMillis = 10_000
const retryMillis = 2000

/** A heartbeat that has not begun. */
export function createHeartbeat({ client, clock, logger, host }: HeartbeatDeps): Heartbeat {
  const listeners = new Set<() => void>()
  let renewedAt = Number.NEGATIVE_INFINITY
  const isFresh = (): boolean => clock.now() - renewedAt < leaseSeconds * 1000
  const beat = async (): Promise<void> => {
    // The time before the write: until then the Lease is surely good.
    const now = clock.now()
    await renew(client, host, now)
    const wasFresh = isFresh()
    renewedAt = now
    if (!wasFresh) listeners.forEach((listener) => listener())
  }
  return {
    beat,
    isFresh,
    async run(signal) {
      for (let pause = beatMillis; !signal.aborted;) {
        await clock.sleep(pause, signal)
        if (signal.aborted) return
        pause = await beat().then(
          () => beatMillis,
          (error: unknown) => {
            logger.error('A heartbeat failed', error)
            return retryMillis
          },
        )
      }
    },
    onRecovery(listener) {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
  }
}

async function renew(client: Client, host: string, now: number): Promise<void> {
  const renewTime = new Date(now).toISOString().replace('Z', '000Z')
  const spec = { holderIdentity: host, leaseDurationSeconds: leaseSeconds, renewTime }
  try {
    await client.patch(lease, { namespace: leaseNamespace, name: host }, { type: 'merge', body: { spec } })
  } catch (error) {
    if (!isWeirError(error, 'API_NOT_FOUND')) throw error
    const metadata = { name: host, namespace: leaseNamespace }
    await client.create(lease, { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', metadata, spec })
  }
}
