import { apiVersionOf, type KindDefinition, type KubernetesObject } from '@weir/api'
import { type Client, compareResourceVersions } from '@weir/client'

/** A client that remembers, for each kind, the newest resourceVersion that its writes were answered with. */
export interface WriteTracker {
  readonly client: Client
  /** By `kindId`. */
  newestWrites(): ReadonlyMap<string, string>
}

/** Tells kinds apart. */
export const kindId = (kind: KindDefinition): string => `${apiVersionOf(kind)}/${kind.plural}`

/** Wraps `client`. Deletions have no version to wait for: repeating one is harmless. */
export function trackWrites(client: Client): WriteTracker {
  const newest = new Map<string, string>()
  const noted = async <T extends KubernetesObject>(kind: KindDefinition<T>, write: Promise<T>): Promise<T> => {
    const object = await write
    const { resourceVersion } = object.metadata
    const id = kindId(kind)
    if (resourceVersion !== undefined && compareResourceVersions(resourceVersion, newest.get(id) ?? '') > 0) {
      newest.set(id, resourceVersion)
    }
    return object
  }
  return {
    newestWrites: () => new Map(newest),
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
