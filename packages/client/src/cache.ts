import type { KubernetesObject } from '@weir/api'
import type { ObjectKey } from './client.ts'
import { createIndex, type Index } from './index-of-keys.ts'
import { createProgress, type Progress } from './progress.ts'

/** What happened to an object. `previous` is what the cache held before; a Delete carries the last state known. */
export interface CacheChange<T extends KubernetesObject> {
  readonly kind: 'Put' | 'Delete'
  readonly object: T
  readonly previous?: T
}

/** The objects of a kind as they were seen last. Objects are frozen. Lists come in no promised order. */
export interface CacheReader<T extends KubernetesObject = KubernetesObject> extends Pick<Progress, 'mark' | 'isAt' | 'whenAt'> {
  get(key: ObjectKey): T | undefined
  /** Of all namespaces if `namespace` is absent. O(result). */
  list(namespace?: string): readonly T[]
  /** The objects for which the function of `index` gave `value`. O(result). An unknown index is a TypeError. */
  byIndex(index: string, value: string): readonly T[]
  /** Adds an index, of present and future objects; one name, one function: a repeated name does nothing. `valuesOf` is pure and never throws. */
  addIndex(index: string, valuesOf: (object: T) => readonly string[]): void
  /** Calls `listener` after each change, in order; it must not throw. Returns the function that ends it. */
  subscribe(listener: (change: CacheChange<T>) => void): () => void
}

/** The writing side, for who follows the kind. */
export interface Cache<T extends KubernetesObject = KubernetesObject> extends CacheReader<T> {
  put(object: T): void
  remove(object: T): void
  /** Everything up to `resourceVersion` has been seen. */
  advance(resourceVersion: string): void
  /** Announces that a list begins; hand what it returns to `replace`. */
  beginList(): number
  /** Takes `objects` for all there are. Puts come before Deletes; an unchanged resourceVersion is no change. */
  replace(objects: readonly T[], resourceVersion: string, list: number): void
}

const keyOf = ({ namespace, name }: ObjectKey): string => `${namespace ?? ''}/${name}`

/** An empty cache. */
export function createCache<T extends KubernetesObject>(): Cache<T> {
  const objects = new Map<string, T>()
  const namespaces = createIndex<T>(({ metadata }) => [metadata.namespace ?? ''])
  const indexes = new Map<string, Index<T>>()
  const listeners = new Set<(change: CacheChange<T>) => void>()
  const progress = createProgress()
  const resolveKeys = (keys: Iterable<string>): readonly T[] => [...keys].flatMap((key) => objects.get(key) ?? [])

  const set = (key: string, object: T | undefined): void => {
    const previous = objects.get(key)
    if (object === undefined) objects.delete(key)
    else objects.set(key, object)
    for (const index of [namespaces, ...indexes.values()]) index.move(key, previous, object)
  }
  const announce = (change: CacheChange<T>): void => listeners.forEach((listener) => listener(change))
  const put = (object: T): void => {
    const key = keyOf(object.metadata)
    const previous = objects.get(key)
    if (previous !== undefined && previous.metadata.resourceVersion === object.metadata.resourceVersion) return
    set(key, deepFreeze(object))
    announce({ kind: 'Put', object, ...(previous === undefined ? {} : { previous }) })
  }
  const remove = (object: T): void => {
    const key = keyOf(object.metadata)
    const previous = objects.get(key)
    if (previous === undefined) return
    set(key, undefined)
    announce({ kind: 'Delete', object: deepFreeze(object), previous })
  }
  return {
    get: (key) => objects.get(keyOf(key)),
    list: (namespace) => (namespace === undefined ? [...objects.values()] : resolveKeys(namespaces.keys(namespace))),
    byIndex: (name, value) => {
      const index = indexes.get(name)
      if (index === undefined) throw new TypeError(`The cache has no index '${name}'; call addIndex first`)
      return resolveKeys(index.keys(value))
    },
    addIndex: (name, valuesOf) => {
      if (indexes.has(name)) return
      const index = createIndex(valuesOf)
      for (const [key, object] of objects) index.move(key, undefined, object)
      indexes.set(name, index)
    },
    subscribe: (listener) => {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
    mark: progress.mark,
    isAt: progress.isAt,
    whenAt: progress.whenAt,
    put: (object) => {
      put(object)
      progress.reach(object.metadata.resourceVersion ?? '')
    },
    remove: (object) => {
      remove(object)
      progress.reach(object.metadata.resourceVersion ?? '')
    },
    advance: progress.reach,
    beginList: progress.beginList,
    replace: (fresh, resourceVersion, list) => {
      const kept = new Set(fresh.map(({ metadata }) => keyOf(metadata)))
      for (const object of fresh) put(object)
      for (const [key, object] of objects) if (!kept.has(key)) remove(object)
      progress.endList(resourceVersion, list)
    },
  }
}

/** Who writes into a cached object gets a TypeError at once, instead of a wrong decision later. */
function deepFreeze<V>(value: V): V {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value
  Object.values(value).forEach(deepFreeze)
  return Object.freeze(value)
}
