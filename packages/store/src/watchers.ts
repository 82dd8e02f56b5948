import type { Event } from './log.ts'

type Listener = (events: readonly Event[]) => void

interface Watcher {
  readonly listener: Listener
  /** The newest revision it has been told of, or has no need to hear of. */
  seen: number
  isEnded: boolean
}

/** Who watches which prefix. `deliver` costs nothing for watchers of prefixes that an event does not have. */
export interface Watchers {
  /** The listener hears of events after revision `seen`. Returns the function that ends it, at once. */
  add(prefix: string, seen: number, listener: Listener): () => void
  /** Tells every watcher its events of `batch`, in order. A listener may add and end watchers. */
  deliver(batch: readonly Event[]): void
}

/** No watchers yet. */
export function createWatchers(): Watchers {
  const byPrefix = new Map<string, Set<Watcher>>()
  /** How many prefixes there are of each length: an event is looked up once per length, not once per prefix. */
  const lengths = new Map<number, number>()

  const remove = (prefix: string, watcher: Watcher): void => {
    watcher.isEnded = true
    const set = byPrefix.get(prefix)
    if (set?.delete(watcher) !== true || set.size > 0) return
    byPrefix.delete(prefix)
    const left = (lengths.get(prefix.length) ?? 1) - 1
    if (left === 0) lengths.delete(prefix.length)
    else lengths.set(prefix.length, left)
  }
  const groupByPrefix = (batch: readonly Event[]): ReadonlyMap<string, Event[]> => {
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
    return groups
  }
  return {
    add(prefix, seen, listener) {
      let set = byPrefix.get(prefix)
      if (set === undefined) {
        set = new Set()
        byPrefix.set(prefix, set)
        lengths.set(prefix.length, (lengths.get(prefix.length) ?? 0) + 1)
      }
      const watcher: Watcher = { listener, seen, isEnded: false }
      set.add(watcher)
      return () => remove(prefix, watcher)
    },
    deliver(batch) {
      for (const [prefix, events] of groupByPrefix(batch)) {
        for (const watcher of Array.from(byPrefix.get(prefix) ?? [])) tell(watcher, events)
      }
    },
  }
}

function tell(watcher: Watcher, events: readonly Event[]): void {
  const last = events.at(-1)
  if (watcher.isEnded || last === undefined || last.revision <= watcher.seen) return
  const isAllNew = (events[0]?.revision ?? 0) > watcher.seen
  const unseen = isAllNew ? events : events.filter(({ revision }) => revision > watcher.seen)
  watcher.seen = last.revision
  watcher.listener(unseen)
}
