import type { KindDefinition, KubernetesObject } from '@weir/api'
import type { Clock, Logger } from '@weir/base'
import { type CacheReader, createCache } from './cache.ts'
import type { Client } from './client.ts'
import { follow } from './follow.ts'

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

/** A reflector that has not begun. */
export function createReflector<T extends KubernetesObject>(deps: ReflectorDeps<T>): Reflector<T> {
  const { client, kind, clock, random, logger, namespace, labelSelector } = deps
  const cache = createCache<T>()
  const first = Promise.withResolvers<void>()
  let synced = false
  let heardAt: number | undefined
  const scope = {
    ...(namespace === undefined ? {} : { namespace }),
    ...(labelSelector === undefined ? {} : { labelSelector }),
  }
  return {
    cache,
    run: (signal) =>
      follow({
        client,
        kind,
        clock,
        random,
        logger,
        scope,
        cache,
        signal,
        heard: () => {
          heardAt = clock.now()
        },
        listed: () => {
          synced = true
          first.resolve()
        },
      }),
    synced: () => synced,
    whenSynced: (signal) => untilAborted(first.promise, signal),
    lastEventAgeMillis: () => (heardAt === undefined ? undefined : clock.now() - heardAt),
  }
}

/** Resolves with `promise`, or when `signal` aborts; nothing of it stays on the signal. */
async function untilAborted(promise: Promise<void>, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return
  const aborted = Promise.withResolvers<void>()
  const abort = (): void => aborted.resolve()
  signal.addEventListener('abort', abort, { once: true })
  await Promise.race([promise, aborted.promise])
  signal.removeEventListener('abort', abort)
}
