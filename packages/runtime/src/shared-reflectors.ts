import type { KindDefinition, KubernetesObject } from '@weir/api'
import type { Clock, Logger } from '@weir/base'
import { type CacheReader, type Client, createReflector, type Reflector } from '@weir/client'
import { kindId } from './write-tracker.ts'

/** One reflector per kind, followed from `run` on, or from when it is first asked for. */
export interface SharedReflectors {
  readonly cacheOf: <T extends KubernetesObject>(kind: KindDefinition<T>) => CacheReader<T>
  readonly run: (signal: AbortSignal) => Promise<void>
  readonly synced: () => boolean
  readonly whenSynced: (signal: AbortSignal) => Promise<void>
  readonly lastEventAgeMillis: () => number | undefined
  /** The cache of a kind that is followed already, by `kindId`. */
  readonly find: (id: string) => CacheReader | undefined
}

interface Deps {
  readonly client: Client
  readonly clock: Clock
  readonly random: () => number
  readonly logger: Logger
}

/** No reflector yet. */
export function createSharedReflectors({ client, clock, random, logger }: Deps): SharedReflectors {
  const byKind = new Map<string, Reflector<KubernetesObject>>()
  const running: Promise<void>[] = []
  let begun: AbortSignal | undefined
  const all = (): readonly Reflector<KubernetesObject>[] => [...byKind.values()]
  return {
    cacheOf: <T extends KubernetesObject>(kind: KindDefinition<T>): CacheReader<T> => {
      const known = byKind.get(kindId(kind))
      if (known !== undefined) return known.cache as unknown as CacheReader<T>
      const reflector = createReflector<T>({ client, clock, random, logger, kind })
      byKind.set(kindId(kind), reflector)
      if (begun !== undefined) running.push(reflector.run(begun))
      return reflector.cache
    },
    run: async (signal) => {
      begun = signal
      running.push(...all().map((reflector) => reflector.run(signal)))
      await aborted(signal)
      await Promise.all(running)
    },
    synced: () => all().every((reflector) => reflector.synced()),
    whenSynced: async (signal) => {
      await Promise.all(all().map((reflector) => reflector.whenSynced(signal)))
    },
    lastEventAgeMillis: () => {
      const ages = all().map((reflector) => reflector.lastEventAgeMillis())
      return ages.includes(undefined) ? undefined : Math.max(0, ...ages.map((age) => age ?? 0))
    },
    find: (id) => byKind.get(id)?.cache,
  }
}

/** Resolves when `signal` aborts. */
export const aborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve()
    else signal.addEventListener('abort', () => resolve(), { once: true })
  })
