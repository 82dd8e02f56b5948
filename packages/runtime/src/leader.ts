import type { Lease } from '@weir/api'
import { isWeirError } from '@weir/base'
import { type Claim, claimLease, durationOf, findLease, type LeaderDeps, releaseLease } from './lease.ts'

/**
 * Calls `term` each time this process gets the Lease, with a signal that aborts when the Lease is lost or `signal` aborts;
 * the Lease is given back once `term` has returned or thrown. Resolves when `signal` aborts, rejects with what `term` throws.
 * At most one process leads, if no clock runs a third faster than another: a leader stops counting on its Lease before others
 * may take it. A process that was halted for as long as the Lease may act once more before it notices.
 */
export async function lead(deps: LeaderDeps, signal: AbortSignal, term: (signal: AbortSignal) => Promise<void>): Promise<void> {
  const observed = createObservation()
  while (!signal.aborted) {
    const claim = await attempt(deps, () => acquire(deps, observed, signal))
    if (claim === undefined) await pause(deps, signal)
    else await serve(deps, { claim, signal, term })
  }
}

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

/** undefined if the Lease is somebody else's. */
async function acquire(deps: LeaderDeps, observed: Observation, signal: AbortSignal): Promise<Claim | undefined> {
  const { lease } = deps
  const found = await findLease(deps, signal)
  if (found === undefined) return await claimLease(deps, undefined, signal)
  const { holderIdentity = '', leaseDurationSeconds = durationOf(deps) } = found.spec ?? {}
  const silent = observed.silentMillis(found, retryMillis(deps))
  const free = holderIdentity === '' || holderIdentity === lease.identity || silent > leaseDurationSeconds * 1000
  return free ? await claimLease(deps, found, signal) : undefined
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
    if (last !== undefined) await attempt(deps, () => releaseLease(deps, last))
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

/** The new claim; the old one with its old deadline if that failed; undefined if the Lease is gone, or somebody else's by now. */
async function renewOnce(deps: LeaderDeps, claim: Claim, until: AbortSignal): Promise<Claim | undefined> {
  const renewed = await attempt(deps, () => claimLease(deps, claim.lease, until))
  if (renewed !== undefined) {
    claim.deadline.cancel()
    return renewed
  }
  const seen = await attempt(deps, async () => ({ found: await findLease(deps, until) }))
  if (seen === undefined) return claim
  if (seen.found?.spec?.holderIdentity === deps.lease.identity) return { ...claim, lease: seen.found }
  claim.deadline.cancel()
  return undefined
}

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
