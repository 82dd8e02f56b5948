import type { KubernetesObject } from '@weir/api'
import type { Clock, Logger } from '@weir/base'
import type { CacheChange } from '@weir/client'
import type { Controller } from './controller.ts'
import { createKeyQueue, type KeyQueue } from './key-queue.ts'
import type { Next, Request } from './outcome.ts'
import { createRunLog, type RunLog } from './run-log.ts'
import { isTerminal, type RunReport } from './run-report.ts'
import type { SharedReflectors } from './shared-reflectors.ts'

/** What a running controller stands on. */
export interface RunDeps {
  readonly clock: Clock
  readonly random: () => number
  readonly logger: Logger
  readonly cacheOf: SharedReflectors['cacheOf']
  /** Resolves when the caches show all writes of this process so far; never rejects. */
  readonly hold: () => Promise<void>
  readonly onRun?: ((report: RunReport) => void) | undefined
  readonly signal: AbortSignal
}

const backoff = { firstMillis: 50, maxMillis: 60_000, jitter: 0.3 }

/**
 * Runs a controller for every object there is and for every change; the caches must be complete. Returns what stops it; rejects,
 * with nothing left running, if a source throws.
 */
export async function startController(deps: RunDeps, controller: Controller): Promise<() => Promise<void>> {
  const { clock, random, logger } = deps
  const log = createRunLog(logger)
  const queue: KeyQueue = createKeyQueue({
    clock,
    random,
    backoff,
    concurrency: controller.concurrency ?? 4,
    run: (key) => runOnce(deps, controller, { queue, key, log }),
    hold: () => deps.hold(),
  })
  const ends: (() => void)[] = []
  const stop = async (): Promise<void> => {
    for (const end of ends) end()
    await queue.stop()
  }
  const { concerns = () => true } = controller
  const primary = {
    kind: controller.kind,
    map: (object: KubernetesObject) => (concerns(object) ? [requestOf(object.metadata)] : []),
  }
  try {
    for (const { kind, map } of [primary, ...controller.watches]) {
      const wake = (object: KubernetesObject): void => map(object).forEach((request) => queue.add(keyOf(request)))
      const cache = deps.cacheOf(kind)
      const listener = guarded(deps, controller, wake)
      ends.push(cache.subscribe(listener))
      for (const object of cache.list()) listener({ kind: 'Put', object })
    }
    for (const begin of controller.sources ?? []) ends.push(begin((request) => queue.add(keyOf(request))))
  } catch (error) {
    await stop()
    throw error
  }
  return stop
}

const requestOf = ({ namespace, name }: { readonly namespace?: string; readonly name: string }): Request => ({
  namespace: namespace ?? '',
  name,
})

const keyOf = ({ namespace, name }: Request): string => `${namespace}/${name}`

const parseKey = (key: string): Request => {
  const slash = key.indexOf('/')
  return { namespace: key.slice(0, slash), name: key.slice(slash + 1) }
}

/** Wakes for the state before as well: an object that was moved away concerns its old owner too. Never throws. */
const guarded =
  ({ logger }: RunDeps, { name }: Controller, wake: (object: KubernetesObject) => void) =>
  ({ object, previous }: CacheChange<KubernetesObject>): void => {
    try {
      wake(object)
      if (previous !== undefined) wake(previous)
    } catch (error) {
      logger.error('A change could not be mapped to keys', error, {
        controller: name,
        kind: object.kind,
        name: object.metadata.name,
      })
    }
  }

interface Run {
  readonly queue: KeyQueue
  readonly key: string
  readonly log: RunLog
}

/** Never rejects. A run that an abort cut short is no news: nobody waits for it any more. */
async function runOnce(deps: RunDeps, controller: Controller, { queue, key, log }: Run): Promise<void> {
  const { clock, random, signal } = deps
  const request = parseKey(key)
  const reconcileID = Math.floor(random() * 2 ** 32)
    .toString(16)
    .padStart(8, '0')
  const began = clock.now()
  const end = await attempt(controller, request, signal)
  if (signal.aborted) return
  schedule({ queue, key }, end)
  const report: RunReport = {
    controller: controller.name,
    kind: controller.kind.kind,
    ...request,
    reconcileID,
    durationMillis: clock.now() - began,
    ...labelsOf(end),
  }
  log(report)
  deps.onRun?.(report)
}

type End = { readonly kind: 'Next'; readonly next: Next } | { readonly kind: 'Failed'; readonly error: unknown }

async function attempt(controller: Controller, request: Request, signal: AbortSignal): Promise<End> {
  try {
    const next = await controller.reconcile(request, signal)
    if (next.kind === 'PollAfter' && !(next.seconds > 0 && next.seconds < Infinity))
      throw new RangeError(`PollAfter must be in more than 0 seconds, not in ${next.seconds}: the key would spin`)
    return { kind: 'Next', next }
  } catch (error) {
    return { kind: 'Failed', error }
  }
}

function schedule({ queue, key }: Pick<Run, 'queue' | 'key'>, end: End): void {
  if (end.kind === 'Failed' && !isTerminal(end.error)) return queue.addRateLimited(key)
  queue.forget(key)
  if (end.kind === 'Next' && end.next.kind === 'PollAfter') queue.addAfter(key, end.next.seconds * 1000)
}

function labelsOf(end: End): Pick<RunReport, 'outcome' | 'reason' | 'error'> {
  if (end.kind === 'Failed') return { outcome: isTerminal(end.error) ? 'terminal' : 'error', error: end.error }
  return end.next.kind === 'Wait' ? { outcome: 'success' } : { outcome: 'poll', reason: end.next.reason }
}
