import { WeirError } from '@weir/base'
import type { Change } from './driver.ts'
import type { Entry, Event, Page, Range } from './log.ts'
import { createSortedKeys } from './sorted-keys.ts'

/** Every version of every key that can still be read, and the changes that can still be watched. */
export interface Versions {
  head(): number
  compacted(): number
  /** Adds the next change; returns it as an event. */
  apply(change: Change): Event
  get(key: string, revision?: number): Entry | undefined
  list(range: Range): Page
  /** Events after revision `after`, oldest first. */
  eventsAfter(after: number): readonly Event[]
  /** Forgets the history of the next `limit` changes before `before`; returns the revisions of versions that nobody can read any more. */
  forget(before: number, limit: number): { readonly revisions: readonly number[]; readonly done: boolean }
}

/**
 * No versions yet; the changes that a driver kept are applied one by one. Those up to `compactedAtStart` are state without
 * history: they can be read, not watched.
 */
export function createVersions(compactedAtStart: number): Versions {
  const keys = createSortedKeys()
  const byKey = new Map<string, Change[]>()
  let events: Event[] = []
  let compacted = compactedAtStart
  let head = compactedAtStart

  const expired = (revision: number): WeirError =>
    new WeirError('STORE_EXPIRED', `revision ${revision} was compacted; the oldest that can be read is ${compacted}`)
  const entryAt = (key: string, revision: number): Entry | undefined => {
    const version = byKey.get(key)?.findLast((change) => change.revision <= revision)
    return version?.value === undefined ? undefined : { key, value: version.value, modRevision: version.revision }
  }
  const position = (after: number): number => {
    let low = 0
    let high = events.length
    while (low < high) {
      const middle = (low + high) >> 1
      if ((events[middle]?.revision ?? 0) <= after) low = middle + 1
      else high = middle
    }
    return low
  }
  /** Drops the versions of `key` that a newer one up to `before` hides, and a deletion that hides nothing any more. */
  const dropHidden = (key: string, before: number): readonly number[] => {
    const versions = byKey.get(key)
    if (versions === undefined) return []
    const visible = versions.findLastIndex(({ revision }) => revision <= before)
    const isDeletion = visible >= 0 && versions[visible]?.value === undefined
    const dropped = versions.splice(0, Math.max(0, isDeletion ? visible + 1 : visible))
    if (versions.length === 0) {
      byKey.delete(key)
      keys.delete(key)
    }
    return dropped.map(({ revision }) => revision)
  }

  return {
    head: () => head,
    compacted: () => compacted,
    apply(change) {
      const versions = byKey.get(change.key)
      const previous = versions?.at(-1)?.value
      if (versions === undefined) {
        byKey.set(change.key, [change])
        keys.add(change.key)
      } else versions.push(change)
      head = Math.max(head, change.revision)
      const event: Event = previous === undefined ? change : { ...change, previous }
      if (change.revision > compacted) events.push(event)
      return event
    },
    get(key, revision = 0) {
      if (revision !== 0 && revision < compacted) throw expired(revision)
      return entryAt(key, revision === 0 ? head : revision)
    },
    list({ prefix, after, limit = Number.POSITIVE_INFINITY, revision: asked = 0 }) {
      if (asked !== 0 && asked < compacted) throw expired(asked)
      const revision = asked === 0 ? head : asked
      const entries: Entry[] = []
      let remaining = 0
      for (const key of keys.from(after ?? prefix)) {
        if (!key.startsWith(prefix)) break
        const entry = key === after ? undefined : entryAt(key, revision)
        if (entry === undefined) continue
        if (entries.length < limit) entries.push(entry)
        else remaining++
      }
      return { entries, revision, remaining }
    },
    eventsAfter(after) {
      if (after < compacted) throw expired(after)
      return events.slice(position(after))
    },
    forget(before, limit) {
      const end = Math.min(position(Math.min(before, head)), limit)
      const history = events.slice(0, end)
      events = events.slice(end)
      compacted = Math.max(compacted, history.at(-1)?.revision ?? compacted)
      const revisions = history.flatMap(({ key }) => dropHidden(key, compacted))
      return { revisions, done: end < limit }
    },
  }
}
