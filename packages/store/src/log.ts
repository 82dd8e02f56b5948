import type { Change } from './driver.ts'

/** A key's value as of `modRevision`. */
export interface Entry {
  readonly key: string
  readonly value: string
  readonly modRevision: number
}

/** A write: without `value` a deletion. `expected` is the `modRevision` it builds on, 0 for "must not exist". */
export interface Write {
  readonly key: string
  /** Given the revision it will get, so that it can be spliced in; called once, at most once per commit. */
  readonly value?: string | ((revision: number) => string)
  readonly expected?: number
}

/** A change as a watcher sees it. `previous` is the value before, absent for a first put. */
export interface Event extends Change {
  readonly previous?: string
}

/** Which entries to read. Keys start with `prefix`; `after` (exclusive) starts a page; `revision` 0 or absent is the newest. */
export interface Range {
  readonly prefix: string
  readonly after?: string
  readonly limit?: number
  readonly revision?: number
}

export interface LogOptions {
  /** How many characters the values of the changes that can be watched may have together. 256 Mi if absent. */
  readonly historyCharacters?: number
}

/** Entries by key (UTF-16 order) as they were at `revision`. `remaining` counts those after the page. */
export interface Page {
  readonly entries: readonly Entry[]
  readonly revision: number
  readonly remaining: number
}

/**
 * The one log of all changes. Reads see only durable writes; checks see pending ones too, so that two writers cannot
 * both win. One caller thread; calls may overlap. It forgets by itself the oldest changes beyond `LogOptions.historyCharacters`.
 */
export interface RevisionLog {
  /** The revision of the newest durable change, 0 if there is none. */
  head(): number
  /** The newest revision of which every watcher of it has been told: a little behind `head` while events are being delivered. */
  told(): number
  /** Revisions below this cannot be read or watched any more; 0 if all can. */
  compacted(): number
  /** @throws STORE_EXPIRED if `revision` was compacted. */
  get(key: string, revision?: number): Entry | undefined
  /** @throws STORE_EXPIRED if `range.revision` was compacted. O(log n + page), not O(all keys). */
  list(range: Range): Page
  /**
   * Resolves with the new revision when the write is durable. Without `expected` it overwrites.
   * @throws STORE_CONFLICT if the key's pending state is not `expected`; STORE_FAILED if the driver failed: the log then refuses all writes.
   */
  commit(write: Write): Promise<number>
  /**
   * Calls `onEvents` with every durable event of `prefix` after revision `after`, each exactly once and in order, the past
   * ones first (synchronously, before `watch` returns); then as they become durable. `onEvents` must not throw or block.
   * Returns the function that ends it. Cost per event is O(watchers of its prefix), nothing for others.
   * @throws STORE_EXPIRED if events after `after` were compacted.
   */
  watch(prefix: string, after: number, onEvents: (events: readonly Event[]) => void): () => void
  /** Why nothing can be written any more; undefined as long as all is well. */
  failure(): Error | undefined
  /** Forgets what can no longer be read at `before` or later, in slices that leave the thread free; resolves when done. */
  compact(before: number): Promise<void>
  close(): Promise<void>
}
