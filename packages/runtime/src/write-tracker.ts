import { apiVersionOf, type KindDefinition, type KubernetesObject } from '@weir/api'
import { type CacheReader, type Client, compareResourceVersions, type Mark } from '@weir/client'

/** How fresh the cache of a kind is. */
export type Freshness = Pick<CacheReader, 'mark' | 'isAt' | 'whenAt'>

/** A client that remembers its writes until the caches show them. */
export interface WriteTracker {
  readonly client: Client
  /** Resolves when the caches show every write that was answered before this call. */
  readonly whenVisible: () => Promise<void>
}

/** Tells kinds apart. */
export const kindId = (kind: KindDefinition): string => `${apiVersionOf(kind)}/${kind.plural}`

/**
 * Wraps `client`; `freshnessOf` is undefined for a kind that no cache follows: nobody can read it stale. Deletions have no
 * version to wait for: repeating one is harmless. Of each kind only what is newest is kept, however much is written.
 */
export function trackWrites(client: Client, freshnessOf: (kindId: string) => Freshness | undefined): WriteTracker {
  const unseen = new Map<string, readonly Mark[]>()
  const note = (id: string, resourceVersion: string): void => {
    const cache = freshnessOf(id)
    if (cache === undefined) return
    const fresh = cache.mark(resourceVersion)
    const marks = (unseen.get(id) ?? []).filter((mark) => !cache.isAt(mark) && !implies(fresh, mark))
    unseen.set(id, marks.some((mark) => implies(mark, fresh)) ? marks : [...marks, fresh])
  }
  const noted = async <T extends KubernetesObject>(kind: KindDefinition<T>, write: Promise<T>): Promise<T> => {
    const object = await write
    const { resourceVersion } = object.metadata
    if (resourceVersion !== undefined) note(kindId(kind), resourceVersion)
    return object
  }
  return {
    whenVisible: async () => {
      const waits = [...unseen].flatMap(([id, marks]) => marks.map(async (mark) => freshnessOf(id)?.whenAt(mark)))
      await Promise.all(waits)
    },
    client: {
      get: (...call) => client.get(...call),
      list: (...call) => client.list(...call),
      watch: (...call) => client.watch(...call),
      delete: (...call) => client.delete(...call),
      raw: (...call) => client.raw(...call),
      create: (kind, ...call) => noted(kind, client.create(kind, ...call)),
      update: (kind, ...call) => noted(kind, client.update(kind, ...call)),
      updateStatus: (kind, ...call) => noted(kind, client.updateStatus(kind, ...call)),
      patch: (kind, ...call) => noted(kind, client.patch(kind, ...call)),
    },
  }
}

/** Whoever has waited for `a` need not wait for `b`: they are of one history, and `b` is not newer. */
const implies = (a: Mark, b: Mark): boolean =>
  a.lists === b.lists && compareResourceVersions(a.resourceVersion, b.resourceVersion) >= 0
