import { apiVersionOf, type KindDefinition } from '@weir/api'

/** The kinds that are served now: the built-in ones and those of CustomResourceDefinitions. */
export interface KindRegistry {
  /** Every served kind and version, in the order of their addition. */
  kinds(): readonly KindDefinition[]
  /** The kind that a path names, undefined if it is not served. `group` is '' for the core group. */
  find(group: string, version: string, plural: string): KindDefinition | undefined
  /** The kinds of `group/version` (`v1` for the core group). */
  ofGroupVersion(apiVersion: string): readonly KindDefinition[]
  /** Serves the kind, in place of an earlier definition of the same group, version and plural. */
  add(kind: KindDefinition): void
  /** Serves it no more; does nothing if it is not served. */
  remove(group: string, version: string, plural: string): void
  /** Rises by one with each change; answers derived from the kinds are good while it stays. */
  generation(): number
  /** Calls `listener` after each change, at once, in the caller's turn; it must not throw. Returns the function that ends it. */
  onChange(listener: () => void): () => void
}

/** A registry that serves `builtins`. */
export function createKindRegistry(builtins: readonly KindDefinition[]): KindRegistry {
  const byPath = new Map(builtins.map((kind) => [pathOf(kind.group, kind.version, kind.plural), kind]))
  const listeners = new Set<() => void>()
  let generation = 0
  const changed = (): void => {
    generation++
    for (const listener of listeners) listener()
  }
  return {
    kinds: () => [...byPath.values()],
    find: (group, version, plural) => byPath.get(pathOf(group, version, plural)),
    ofGroupVersion: (apiVersion) => [...byPath.values()].filter((kind) => apiVersionOf(kind) === apiVersion),
    add: (kind) => {
      byPath.set(pathOf(kind.group, kind.version, kind.plural), kind)
      changed()
    },
    remove: (group, version, plural) => {
      if (byPath.delete(pathOf(group, version, plural))) changed()
    },
    generation: () => generation,
    onChange: (listener) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
  }
}

const pathOf = (group: string, version: string, plural: string): string => `${group}/${version}/${plural}`
