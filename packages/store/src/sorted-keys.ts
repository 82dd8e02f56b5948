const chunkKeys = 512

/** The position of the first of `keys` that is not less than `key`. */
function lowerBound(keys: readonly string[], key: string): number {
  let low = 0
  let high = keys.length
  while (low < high) {
    const middle = (low + high) >> 1
    if ((keys[middle] ?? '') < key) low = middle + 1
    else high = middle
  }
  return low
}

/**
 * A set of strings in UTF-16 order, kept as a list of sorted chunks of at most 512: adding, removing and seeking look at
 * O(log n) strings and move O(n / 512) chunks at most.
 */
export interface SortedKeys {
  readonly size: number
  add(key: string): void
  delete(key: string): void
  /** The keys from `start` (inclusive) on. The set must not change while this is read. */
  from(start: string): Iterable<string>
  /** How many keys are less than `key`. O(n / 512). */
  rank(key: string): number
}

/** An empty set. */
export function createSortedKeys(): SortedKeys {
  const chunks: string[][] = []
  let size = 0
  /** The chunk that holds `key` or would take it: the last one that does not start after it. */
  const chunkOf = (key: string): number => {
    let low = 0
    let high = chunks.length
    while (low < high) {
      const middle = (low + high) >> 1
      if ((chunks[middle]?.[0] ?? '') <= key) low = middle + 1
      else high = middle
    }
    return Math.max(0, low - 1)
  }
  return {
    get size() {
      return size
    },
    add(key) {
      const at = chunkOf(key)
      const chunk = chunks[at]
      const position = chunk === undefined ? 0 : lowerBound(chunk, key)
      if (chunk?.[position] === key) return
      size++
      if (chunk === undefined) {
        chunks.push([key])
        return
      }
      chunk.splice(position, 0, key)
      if (chunk.length > chunkKeys) chunks.splice(at + 1, 0, chunk.splice(chunkKeys / 2))
    },
    delete(key) {
      const at = chunkOf(key)
      const chunk = chunks[at]
      const position = chunk === undefined ? 0 : lowerBound(chunk, key)
      if (chunk?.[position] !== key) return
      size--
      chunk.splice(position, 1)
      if (chunk.length === 0) chunks.splice(at, 1)
    },
    *from(start) {
      const first = chunkOf(start)
      for (let at = first; at < chunks.length; at++) {
        const chunk = chunks[at] ?? []
        for (let i = at === first ? lowerBound(chunk, start) : 0; i < chunk.length; i++) yield chunk[i] ?? ''
      }
    },
    rank(key) {
      const last = chunkOf(key)
      let count = 0
      for (let at = 0; at < last; at++) count += chunks[at]?.length ?? 0
      return count + lowerBound(chunks[last] ?? [], key)
    },
  }
}
