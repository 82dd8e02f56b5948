import type { KubernetesObject } from '@weir/api'
import { type Clock, isWeirError, type Logger } from '@weir/base'
import type { CacheChange } from '@weir/client'
import type { Controller } from './controller.ts'
import { createKeyQueue, type KeyQueue } from './key-queue.ts'
import type { Next, Request } from './outcome.ts'
import type { SharedReflectors } from './shared-reflectors.ts'

interface Deps {
  readonly clock: Clock
  readonly random: () => number
  readonly logger: Logger
  readonly cacheOf: SharedReflectors['cacheOf']
  /** Resolves when the caches show all writes of this process; rejects when the signal aborts. */
  readonly hold: (signal: AbortSignal) => Promise<void>
  readonly signal: AbortSignal
}

const backoff = { firstMillis: 50, maxMillis: 60_000, jitter: 0.3 }

/** Runs a controller for every object there is and for every change; the caches must be complete. Returns what stops it. */
export function startController(deps: Deps, controller: Controller): () => Promise<void> {
  const { clock, random, signal } = deps
  const queue: KeyQueue = createKeyQueue({
    clock,
    random,
    backoff,
    concurrency: controller.concurrency ?? 4,
    run: (key) => runOnce(deps, controller, { queue, key }),
    hold: () => deps.hold(signal).catch(() => {}),
  })
  const primary = { kind: controller.kind, map: ({ metadata }: KubernetesObject) => [requestOf(metadata)] }
  const ends = [primary, ...controller.watches].map(({ kind, map }) => {
    const wake = (object: KubernetesObject): void => map(object).forEach((request) => queue.add(keyOf(request)))
    const cache = deps.cacheOf(kind)
    const listener = guarded(deps, controller, wake)
    const end = cache.subscribe(listener)
    for (const object of cache.list()) listener({ kind: 'Put', object })
    return end
  })
  const outside = (controller.sources ?? []).map((begin) => begin((request) => queue.add(keyOf(request))))
  return async () => {
    for (const end of [...ends, ...outside]) end()
    await queue.stop()
  }
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
  ({ logger }: Deps, { name }: Controller, wake: (object: KubernetesObject) => void) =>
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

async function runOnce(
  deps: Deps,
  controller: Controller,
  at: { readonly queue: KeyQueue; readonly key: string },
): Promise<void> {
  const request = parseKey(at.key)
  try {
    schedule(at, await controller.reconcile(request, deps.signal))
  } catch (error) {
    if (deps.signal.aborted) return
    report(deps.logger, error, { controller: controller.name, kind: controller.kind.kind, ...request })
    if (isTerminal(error)) at.queue.forget(at.key)
    else at.queue.addRateLimited(at.key)
  }
}

function schedule({ queue, key }: { readonly queue: KeyQueue; readonly key: string }, next: Next): void {
  queue.forget(key)
  if (next.kind === 'PollAfter') queue.addAfter(key, next.seconds * 1000)
}

/** Of several errors all must be terminal: any other is worth another try. */
const isTerminal = (error: unknown): boolean =>
  error instanceof AggregateError
    ? error.errors.length > 0 && error.errors.every(isTerminal)
    : isWeirError(error) && error.family === 'Terminal'

function report(logger: Logger, error: unknown, fields: Readonly<Record<string, string>>): void {
  if (isWeirError(error, 'API_CONFLICT')) logger.info('The object changed meanwhile; trying again', fields)
  else logger.error('Reconcile failed', error, { ...fields, outcome: isTerminal(error) ? 'terminal' : 'error' })
}
