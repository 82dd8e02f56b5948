import type { KindDefinition, KubernetesObject } from '@weir/api'
import { backoffMillis, type BackoffPolicy, type Clock, isWeirError, type Logger } from '@weir/base'
import { type Cache, type CacheReader, createCache } from './cache.ts'
import type { Client, ListOptions } from './client.ts'
import { badAnswer } from './lines.ts'
import type { ChangeEvent } from './watch.ts'

/** What a reflector follows and stands on. `random` returns numbers from 0 (inclusive) to 1 (exclusive). */
export interface ReflectorDeps<T extends KubernetesObject> {
  readonly client: Client
  readonly kind: KindDefinition<T>
  readonly clock: Clock
  readonly random: () => number
  readonly logger: Logger
  /** Absent: all namespaces. */
  readonly namespace?: string
  readonly labelSelector?: string
}

/** Follows a kind into a cache. */
export interface Reflector<T extends KubernetesObject> {
  readonly cache: CacheReader<T>
  /** Follows until `signal` aborts, then resolves; whatever fails in between is tried again. Call it once. */
  run(signal: AbortSignal): Promise<void>
  /** True once the first list is in the cache; it stays true. */
  synced(): boolean
  /** Resolves when `synced` is true, or when `signal` aborts. */
  whenSynced(signal: AbortSignal): Promise<void>
  /** Milliseconds since the server was last heard (a list, an event, a bookmark); undefined if never. */
  lastEventAgeMillis(): number | undefined
}

const backoff: BackoffPolicy = { firstMillis: 200, maxMillis: 30_000, jitter: 0.5 }
const listTimeoutMillis = 120_000
/** A watch that ends sooner did not run into its time-out: the way to the server is bad. */
const shortWatchMillis = 5_000
/** How long after its own time-out a silent watch counts as dead (a half-open connection). */
const stallMillis = 30_000

/** A reflector that has not begun: list, then watch from there, resume after a break, list anew when the server forgot. */
export function createReflector<T extends KubernetesObject>(deps: ReflectorDeps<T>): Reflector<T> {
  const { clock } = deps
  const cache = createCache<T>()
  const first = Promise.withResolvers<void>()
  let synced = false
  let heardAt: number | undefined
  const heard = (): void => {
    heardAt = clock.now()
  }
  return {
    cache,
    run: (signal) =>
      follow({
        ...deps,
        cache,
        heard,
        listed: () => {
          heard()
          synced = true
          first.resolve()
        },
        signal,
      }),
    synced: () => synced,
    whenSynced: (signal) => Promise.race([first.promise, aborted(signal)]),
    lastEventAgeMillis: () => (heardAt === undefined ? undefined : clock.now() - heardAt),
  }
}

interface Following<T extends KubernetesObject> extends ReflectorDeps<T> {
  readonly cache: Cache<T>
  readonly heard: () => void
  readonly listed: () => void
  readonly signal: AbortSignal
}

async function follow<T extends KubernetesObject>(deps: Following<T>): Promise<void> {
  const { clock, random, signal } = deps
  let version: string | undefined
  let attempt = 0
  const seen = (resourceVersion: string): void => {
    version = resourceVersion
    attempt = 0
    deps.heard()
  }
  while (!signal.aborted) {
    const began = clock.now()
    try {
      version ??= await relist(deps)
      await watch(deps, version, seen)
      if (clock.now() - began >= shortWatchMillis) {
        attempt = 0
        continue
      }
    } catch (error) {
      if (signal.aborted) return
      if (!canResume(error)) version = undefined
      report(deps, error)
    }
    await clock.sleep(backoffMillis(backoff, attempt++, random), signal)
  }
}

/** A lost connection says nothing about our revision; anything else may mean that it is of no use any more. */
const canResume = (error: unknown): boolean =>
  isWeirError(error) && error.family === 'Unavailable' && error.code !== 'CLIENT_BAD_ANSWER'

function report({ logger, kind }: { readonly logger: Logger; readonly kind: { readonly kind: string } }, error: unknown): void {
  if (isWeirError(error, 'API_EXPIRED')) logger.info('The watch is too far behind; listing again', { kind: kind.kind })
  else if (isWeirError(error)) logger.warn('Following a kind was interrupted', { kind: kind.kind, code: error.code })
  else logger.error('Following a kind was interrupted', error, { kind: kind.kind })
}

const scopeOf = ({ namespace, labelSelector }: Pick<ListOptions, 'namespace' | 'labelSelector'>): ListOptions => ({
  ...(namespace === undefined ? {} : { namespace }),
  ...(labelSelector === undefined ? {} : { labelSelector }),
})

async function relist<T extends KubernetesObject>(deps: Following<T>): Promise<string> {
  const { cache, client, kind, listed } = deps
  const number = cache.beginList()
  const list = await withDeadline(deps, listTimeoutMillis, (signal) => client.list(kind, { ...scopeOf(deps), signal }))
  const { resourceVersion } = list.metadata
  cache.replace(list.items, resourceVersion, number)
  listed()
  return resourceVersion
}

/** One watch, until it ends by itself or fails. */
async function watch<T extends KubernetesObject>(
  deps: Following<T>,
  version: string,
  seen: (resourceVersion: string) => void,
): Promise<void> {
  const { cache, client, kind, random } = deps
  // Spread out, so that the many watches of a process do not all reconnect at once.
  const timeoutSeconds = Math.round(240 * (1 + random()))
  await withDeadline(deps, timeoutSeconds * 1000 + stallMillis, async (signal) => {
    const options = { ...scopeOf(deps), resourceVersion: version, timeoutSeconds, signal }
    for await (const event of client.watch(kind, options)) {
      apply(cache, event)
      seen(versionOf(event))
    }
  })
}

function apply<T extends KubernetesObject>(cache: Cache<T>, event: ChangeEvent<T>): void {
  const resourceVersion = versionOf(event)
  if (event.type === 'BOOKMARK') cache.advance(resourceVersion)
  else if (event.type === 'DELETED') cache.remove(event.object)
  else cache.put(event.object)
}

function versionOf({ type, object: { metadata } }: ChangeEvent<KubernetesObject>): string {
  if (metadata.resourceVersion === undefined) throw badAnswer(`A watch event ${type} has no resourceVersion`)
  return metadata.resourceVersion
}

/** Runs `action` with a signal that aborts with the reflector, or after `millis`. */
async function withDeadline<R>(
  { clock, signal }: { readonly clock: Clock; readonly signal: AbortSignal },
  millis: number,
  action: (signal: AbortSignal) => Promise<R>,
): Promise<R> {
  const ended = new AbortController()
  const late = new AbortController()
  const timer = clock.sleep(millis, ended.signal).then(() => {
    if (!ended.signal.aborted) late.abort(badAnswer(`The API server did not answer within ${millis} ms`))
  })
  try {
    return await action(AbortSignal.any([signal, late.signal]))
  } finally {
    ended.abort()
    await timer
  }
}

const aborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve()
    else signal.addEventListener('abort', () => resolve(), { once: true })
  })
