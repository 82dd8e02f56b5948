import type { KindDefinition } from '@weir/api'

/** Which kinds are served. Lookups are by the words of a path; every change gives a new generation. */
export interface KindRegistry {
  generation(): number
  /** Every served version of every kind, built-in ones first. */
  kinds(): readonly KindDefinition[]
  find(group: string, version: string, plural: string): KindDefinition | undefined
  /** Replaces what `source` (a CustomResourceDefinition's name) serves. */
  set(source: string, kinds: readonly KindDefinition[]): void
  remove(source: string): void
  /** Tells of kinds that are served from now on. */
  onAdded(listener: (kind: KindDefinition) => void): () => void
}

const keyOf = (group: string, version: string, plural: string): string => `${group}/${version}/${plural}`

/** A registry of `builtins`, which nothing can replace. */
export function createKindRegistry(builtins: readonly KindDefinition[]): KindRegistry {
  const bySource = new Map<string, readonly KindDefinition[]>([['', builtins]])
  const listeners = new Set<(kind: KindDefinition) => void>()
  let byPath = new Map<string, KindDefinition>()
  let generation = 0
  const rebuild = (): void => {
    generation++
    byPath = new Map()
    for (const kind of [...bySource.values()].flat()) {
      const key = keyOf(kind.group, kind.version, kind.plural)
      if (!byPath.has(key)) byPath.set(key, kind)
    }
  }
  rebuild()
  return {
    generation: () => generation,
    kinds: () => [...byPath.values()],
    find: (group, version, plural) => byPath.get(keyOf(group, version, plural)),
    set(source, kinds) {
      const before = new Set(bySource.get(source))
      if (kinds.length === before.size && kinds.every((kind) => before.has(kind))) return
      bySource.set(source, kinds)
      rebuild()
      for (const kind of kinds) if (!before.has(kind)) for (const listener of listeners) listener(kind)
    },
    remove(source) {
      if (bySource.delete(source)) rebuild()
    },
    onAdded(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
  }
}
