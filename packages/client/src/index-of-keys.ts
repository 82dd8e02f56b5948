/** Keys by the values that a function gives for their objects. */
export interface Index<T> {
  keys(value: string): Iterable<string>
  /** `key` had `before` and has `after`; undefined for none. */
  move(key: string, before: T | undefined, after: T | undefined): void
}

/** An empty index. `valuesOf` must give the same values for the same object each time. */
export function createIndex<T>(valuesOf: (object: T) => readonly string[]): Index<T> {
  const buckets = new Map<string, Set<string>>()
  const take = (value: string, key: string): void => {
    const bucket = buckets.get(value)
    bucket?.delete(key)
    if (bucket?.size === 0) buckets.delete(value)
  }
  const give = (value: string, key: string): void => {
    const bucket = buckets.get(value)
    if (bucket === undefined) buckets.set(value, new Set([key]))
    else bucket.add(key)
  }
  return {
    keys: (value) => buckets.get(value) ?? [],
    move(key, before, after) {
      if (before !== undefined) for (const value of valuesOf(before)) take(value, key)
      if (after !== undefined) for (const value of valuesOf(after)) give(value, key)
    },
  }
}
