import { type Lease, lease as leaseKind } from '@weir/api'
import { type Clock, isWeirError, type Logger } from '@weir/base'
import type { Client } from '@weir/client'

/** Which Lease decides who leads. `identity` is unique for this process. */
export interface LeaderLease {
  readonly namespace: string
  readonly name: string
  readonly identity: string
  /** How long a silent leader is waited for; 15 if absent. It gives up by itself after two thirds of that. */
  readonly durationSeconds?: number
}

/** What an election stands on. */
export interface LeaderDeps {
  readonly client: Client
  readonly clock: Clock
  readonly logger: Logger
  readonly lease: LeaderLease
}

/** A Lease that we wrote, and until when it counts, from before the write on. */
export interface Claim {
  readonly lease: Lease
  readonly deadline: Deadline
}

interface Deadline {
  /** Aborts after two thirds of the Lease's duration. */
  readonly passed: AbortSignal
  readonly cancel: () => void
}

/** The seconds for which a Lease counts that nobody renews. */
export const durationOf = ({ lease }: LeaderDeps): number => lease.durationSeconds ?? 15

/** The Lease as it is now; undefined if there is none. */
export const findLease = (deps: LeaderDeps, signal: AbortSignal): Promise<Lease | undefined> =>
  inTime(deps, signal, async (until) => {
    try {
      return await deps.client.get(leaseKind, deps.lease, until)
    } catch (error) {
      if (isWeirError(error, 'API_NOT_FOUND')) return undefined
      throw error
    }
  })

/** Writes our name into `before`, or into a new Lease. @throws API_CONFLICT if somebody else wrote since */
export async function claimLease(deps: LeaderDeps, before: Lease | undefined, signal: AbortSignal): Promise<Claim> {
  const { client } = deps
  const deadline = createDeadline(deps)
  const body = taken(deps, before)
  const until = AbortSignal.any([signal, deadline.passed])
  try {
    const write = before === undefined ? client.create(leaseKind, body, until) : client.update(leaseKind, body, until)
    return { lease: await write, deadline }
  } catch (error) {
    deadline.cancel()
    throw error
  }
}

/**
 * Takes our name out of the Lease, so that nobody need wait; `last` is how we know it. An end in the middle of a renewal leaves
 * us with an older one. It does not end with any signal: it is for when all have aborted.
 */
export const releaseLease = (deps: LeaderDeps, last: Lease): Promise<void> =>
  inTime(deps, new AbortController().signal, async (until) => {
    const free = async ({ spec, ...lease }: Lease): Promise<unknown> =>
      deps.client.update(leaseKind, { ...lease, spec: { ...spec, holderIdentity: '', leaseDurationSeconds: 1 } }, until)
    try {
      await free(last)
    } catch (error) {
      if (!isWeirError(error, 'API_CONFLICT')) throw error
      const found = await findLease(deps, until)
      if (found?.spec?.holderIdentity === deps.lease.identity) await free(found)
    }
  })

/** A server that does not answer must keep nobody waiting for ever. */
async function inTime<R>(deps: LeaderDeps, signal: AbortSignal, action: (until: AbortSignal) => Promise<R>): Promise<R> {
  const deadline = createDeadline(deps)
  try {
    return await action(AbortSignal.any([signal, deadline.passed]))
  } finally {
    deadline.cancel()
  }
}

function createDeadline(deps: LeaderDeps): Deadline {
  const cancelled = new AbortController()
  const passed = new AbortController()
  void deps.clock.sleep(durationOf(deps) * 667, cancelled.signal).then(() => {
    if (!cancelled.signal.aborted) passed.abort(new Error('The Lease was not renewed in time'))
  })
  return { passed: passed.signal, cancel: () => cancelled.abort() }
}

/** The Lease as ours; built on `before`, so that of two takers one gets a conflict. */
function taken(deps: LeaderDeps, before: Lease | undefined): Lease {
  const { clock, lease } = deps
  const now = new Date(clock.now()).toISOString().replace('Z', '000Z')
  const same = before?.spec?.holderIdentity === lease.identity
  const transitions = before?.spec?.leaseTransitions ?? 0
  return {
    apiVersion: 'coordination.k8s.io/v1',
    kind: 'Lease',
    metadata: before?.metadata ?? { namespace: lease.namespace, name: lease.name },
    spec: {
      holderIdentity: lease.identity,
      leaseDurationSeconds: durationOf(deps),
      acquireTime: same ? (before.spec?.acquireTime ?? now) : now,
      renewTime: now,
      leaseTransitions: same || before === undefined ? transitions : transitions + 1,
    },
  }
}
