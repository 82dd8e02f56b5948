import type { KindDefinition, KubernetesObject } from '@weir/api'
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

/** Kubernetes `coordination.k8s.io/v1 Lease`. */
interface Lease extends KubernetesObject {
  readonly spec?: {
    readonly holderIdentity?: string
    readonly leaseDurationSeconds?: number
    readonly acquireTime?: string
    readonly renewTime?: string
    readonly leaseTransitions?: number
  }
}

const leaseKind: KindDefinition<Lease> = {
  group: 'coordination.k8s.io',
  version: 'v1',
  kind: 'Lease',
  plural: 'leases',
  singular: 'lease',
  namespaced: true,
  schema: { type: 'object' },
}

/**
 * Calls `term` each time this process gets the Lease, with a signal that aborts when the Lease is lost or `signal` aborts;
 * the Lease is given back once `term` has returned or thrown. Resolves when `signal` aborts, rejects with what `term` throws. At most one process leads, if no clock
 * runs a third faster than another: a leader stops counting on its Lease before others may take it.
 */
export async function lead(deps: LeaderDeps, signal: AbortSignal, term: (signal: AbortSignal) => Promise<void>): Promise<void> {
  const observed = createObservation()
  while (!signal.aborted) {
    const claim = await attempt(deps, () => acquire(deps, observed, signal))
    if (claim === undefined) await pause(deps, signal)
    else await serve(deps, { claim, signal, term })
  }
}

const durationOf = ({ lease }: LeaderDeps): number => lease.durationSeconds ?? 15
const retryMillis = (deps: LeaderDeps): number => durationOf(deps) * 133

const pause = (deps: LeaderDeps, signal: AbortSignal): Promise<void> => deps.clock.sleep(retryMillis(deps), signal)

interface Observation {
  /** Milliseconds, by our own sleeps, for which the record has not changed. */
  readonly silentMillis: (lease: Lease, sleptMillis: number) => number
}

/** How long the other's record stayed the same before our eyes: its times are of another clock and are not compared. */
function createObservation(): Observation {
  let version: string | undefined
  let silent = 0
  return {
    silentMillis: ({ metadata }, sleptMillis) => {
      silent = metadata.resourceVersion === version ? silent + sleptMillis : 0
      version = metadata.resourceVersion
      return silent
    },
  }
}

/** A Lease that we wrote, and until when it counts, from before the write on. */
interface Claim {
  readonly lease: Lease
  readonly deadline: Deadline
}

interface Deadline {
  /** Aborts after two thirds of the Lease's duration. */
  readonly passed: AbortSignal
  readonly cancel: () => void
}

function createDeadline(deps: LeaderDeps): Deadline {
  const cancelled = new AbortController()
  const passed = new AbortController()
  void deps.clock.sleep(durationOf(deps) * 667, cancelled.signal).then(() => {
    if (!cancelled.signal.aborted) passed.abort(new Error('The Lease was not renewed in time'))
  })
  return { passed: passed.signal, cancel: () => cancelled.abort() }
}

async function claimLease(deps: LeaderDeps, before: Lease | undefined, signal: AbortSignal): Promise<Claim> {
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

/** undefined if the Lease is somebody else's. */
async function acquire(deps: LeaderDeps, observed: Observation, signal: AbortSignal): Promise<Claim | undefined> {
  const { lease } = deps
  const found = await inTime(deps, signal, (until) => findLease(deps, until))
  if (found === undefined) return await claimLease(deps, undefined, signal)
  const { holderIdentity = '', leaseDurationSeconds = durationOf(deps) } = found.spec ?? {}
  const silent = observed.silentMillis(found, retryMillis(deps))
  const free = holderIdentity === '' || holderIdentity === lease.identity || silent > leaseDurationSeconds * 1000
  return free ? await claimLease(deps, found, signal) : undefined
}

async function findLease({ client, lease }: LeaderDeps, signal: AbortSignal): Promise<Lease | undefined> {
  try {
    return await client.get(leaseKind, lease, signal)
  } catch (error) {
    if (isWeirError(error, 'API_NOT_FOUND')) return undefined
    throw error
  }
}

/** A server that does not answer must not keep a candidate waiting for ever. */
async function inTime<R>(deps: LeaderDeps, signal: AbortSignal, action: (until: AbortSignal) => Promise<R>): Promise<R> {
  const deadline = createDeadline(deps)
  try {
    return await action(AbortSignal.any([signal, deadline.passed]))
  } finally {
    deadline.cancel()
  }
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

interface Service {
  readonly claim: Claim
  readonly signal: AbortSignal
  readonly term: (signal: AbortSignal) => Promise<void>
}

async function serve(deps: LeaderDeps, { claim, signal, term }: Service): Promise<void> {
  const lost = new AbortController()
  const during = AbortSignal.any([signal, lost.signal])
  deps.logger.info('Leading', { lease: deps.lease.name, identity: deps.lease.identity })
  const renewing = renew(deps, claim, during).then((last) => {
    lost.abort(new Error('The Lease was lost'))
    return last
  })
  try {
    await term(during)
  } finally {
    lost.abort(new Error('The term is over'))
    const last = await renewing
    if (last !== undefined) await attempt(deps, () => release(deps, last))
  }
}

/** Renews until `signal` aborts: then the Lease as we last wrote it; undefined if it was lost. */
async function renew(deps: LeaderDeps, first: Claim, signal: AbortSignal): Promise<Lease | undefined> {
  let claim: Claim | undefined = first
  while (claim !== undefined && !signal.aborted) {
    const until = AbortSignal.any([signal, claim.deadline.passed])
    await pause(deps, until)
    if (!until.aborted) claim = await renewOnce(deps, claim, until)
    else if (!signal.aborted) claim = undefined
  }
  claim?.deadline.cancel()
  return claim?.lease
}

/** The new claim; the old one with its old deadline if that failed; undefined if the Lease is somebody else's by now. */
async function renewOnce(deps: LeaderDeps, claim: Claim, until: AbortSignal): Promise<Claim | undefined> {
  const renewed = await attempt(deps, () => claimLease(deps, claim.lease, until))
  if (renewed !== undefined) {
    claim.deadline.cancel()
    return renewed
  }
  const found = await attempt(deps, () => deps.client.get(leaseKind, deps.lease, until))
  if (found === undefined) return claim
  if (found.spec?.holderIdentity === deps.lease.identity) return { ...claim, lease: found }
  claim.deadline.cancel()
  return undefined
}

/** Without the signal that ended the term: it has aborted. */
const release = (deps: LeaderDeps, { spec, ...lease }: Lease): Promise<Lease> =>
  inTime(deps, new AbortController().signal, (until) =>
    deps.client.update(leaseKind, { ...lease, spec: { ...spec, holderIdentity: '', leaseDurationSeconds: 1 } }, until),
  )

/** undefined if it failed; elections go on whatever happens. */
async function attempt<R>({ logger, lease }: LeaderDeps, action: () => Promise<R>): Promise<R | undefined> {
  try {
    return await action()
  } catch (error) {
    const code = isWeirError(error) ? error.code : String(error)
    logger.info('A step of the election failed', { lease: lease.name, code })
    return undefined
  }
}
