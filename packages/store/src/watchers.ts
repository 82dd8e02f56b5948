import type { Event } from './log.ts'

type Listener = (events: readonly Event[]) => void

/** Who watches which prefix. `deliver` costs nothing for prefixes that an event does not have. */
export interface Watchers {
  add(prefix: string, listener: Listener): () => void
  /** Tells every watcher its events of `batch`, in order. */
  deliver(batch: readonly Event[]): void
}

/** No watchers yet. */
export function createWatchers(): Watchers {
  const byPrefix = new Map<string, Set<Listener>>()
  const lengths = new Map<number, number>()
  const remove = (prefix: string, listener: Listener): void => {
    const set = byPrefix.get(prefix)
    if (set?.delete(listener) !== true || set.size > 0) return
    byPrefix.delete(prefix)
    const left = (lengths.get(prefix.length) ?? 1) - 1
    if (left === 0) lengths.delete(prefix.length)
    else lengths.set(prefix.length, left)
  }
  return {
    add(prefix, listener) {
      const set = byPrefix.get(prefix) ?? new Set()
      if (set.size === 0) {
        byPrefix.set(prefix, set)
        lengths.set(prefix.length, (lengths.get(prefix.length) ?? 0) + 1)
      }
      set.add(listener)
      return () => remove(prefix, listener)
    },
    deliver(batch) {
      const groups = new Map<string, Event[]>()
      for (const event of batch) {
        for (const length of lengths.keys()) {
          const prefix = event.key.slice(0, length)
          if (prefix.length < length || !byPrefix.has(prefix)) continue
          const group = groups.get(prefix)
          if (group === undefined) groups.set(prefix, [event])
          else group.push(event)
        }
      }
      for (const [prefix, events] of groups) for (const listener of [...(byPrefix.get(prefix) ?? [])]) listener(events)
    },
  }
}
