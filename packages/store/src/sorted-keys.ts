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

/** A set of strings in UTF-16 order, kept as a list of short sorted lists: adding, removing and seeking cost O(sqrt n) moves at most. */
export interface SortedKeys {
  add(key: string): void
  delete(key: string): void
  /** The keys from `start` (inclusive) on. The set must not change while this is read. */
  from(start: string): Iterable<string>
}

/** An empty set. */
export function createSortedKeys(): SortedKeys {
  const chunks: string[][] = []
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
    add(key) {
      const at = chunkOf(key)
      const chunk = chunks[at]
      if (chunk === undefined) {
        chunks.push([key])
        return
      }
      const position = lowerBound(chunk, key)
      if (chunk[position] === key) return
      chunk.splice(position, 0, key)
      if (chunk.length > chunkKeys) chunks.splice(at + 1, 0, chunk.splice(chunkKeys / 2))
    },
    delete(key) {
      const at = chunkOf(key)
      const chunk = chunks[at]
      const position = chunk === undefined ? 0 : lowerBound(chunk, key)
      if (chunk === undefined || chunk[position] !== key) return
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
  }
}
