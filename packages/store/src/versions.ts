import { WeirError } from '@weir/base'
import type { Change } from './driver.ts'
import { createHistory, type History } from './history.ts'
import type { Entry, Event, Page, Range } from './log.ts'
import { createSortedKeys, type SortedKeys } from './sorted-keys.ts'

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
  /** The revision up to which history must be forgotten so that at most half of `characters` are left; 0 as long as there are fewer. */
  excess(characters: number): number
  /** Forgets the history of the next `limit` changes up to `before`; returns the revisions of versions that nobody can read any more. */
  forget(before: number, limit: number): { readonly revisions: readonly number[]; readonly done: boolean }
}

/** Keys with a version, each with its versions, oldest first; of these, the keys that exist at the head; the newest events. */
interface Tables {
  readonly byKey: Map<string, Change[]>
  readonly keys: SortedKeys
  readonly live: SortedKeys
  readonly history: History
}

/**
 * No versions yet; the changes that a driver kept are applied one by one. Those up to `compactedAtStart` are state without
 * history: they can be read, not watched.
 */
export function createVersions(compactedAtStart: number): Versions {
  const tables: Tables = { byKey: new Map(), keys: createSortedKeys(), live: createSortedKeys(), history: createHistory() }
  let compacted = compactedAtStart
  let head = compactedAtStart

  const refuseCompacted = (revision: number): void => {
    if (revision >= compacted) return
    throw new WeirError('STORE_EXPIRED', `revision ${revision} was compacted; the oldest that can be read is ${compacted}`)
  }
  /** `asked` or, for 0, the newest. */
  const readable = (asked: number): number => {
    if (asked === 0) return head
    refuseCompacted(asked)
    return asked
  }
  return {
    head: () => head,
    compacted: () => compacted,
    apply(change) {
      const previous = addVersion(tables, change)
      head = Math.max(head, change.revision)
      const event: Event = previous === undefined ? change : { ...change, previous }
      if (change.revision > compacted) tables.history.add(event)
      return event
    },
    get: (key, revision = 0) => entryAt(tables, key, readable(revision)),
    list: (range) => {
      const revision = readable(range.revision ?? 0)
      return listAt(tables, { range, revision, isNewest: revision >= head })
    },
    eventsAfter(after) {
      refuseCompacted(after)
      return tables.history.after(after)
    },
    excess: (characters) => (tables.history.characters() > characters ? tables.history.beyond(characters / 2) : 0),
    forget(before, limit) {
      const history = tables.history.drop(Math.min(before, head), limit)
      compacted = Math.max(compacted, history.at(-1)?.revision ?? 0)
      const revisions = history.flatMap(({ key }) => dropHidden(tables, key, compacted))
      return { revisions, done: history.length < limit }
    },
  }
}

/** Returns the value before. */
function addVersion({ byKey, keys, live }: Tables, change: Change): string | undefined {
  const versions = byKey.get(change.key)
  const previous = versions?.at(-1)?.value
  if (versions === undefined) {
    byKey.set(change.key, [change])
    keys.add(change.key)
  } else versions.push(change)
  if (change.value === undefined) live.delete(change.key)
  else if (previous === undefined) live.add(change.key)
  return previous
}

/** The position of the last of `versions` up to `revision`, -1 if there is none. */
function visibleAt(versions: readonly Change[], revision: number): number {
  let low = 0
  let high = versions.length
  while (low < high) {
    const middle = (low + high) >> 1
    if ((versions[middle]?.revision ?? 0) <= revision) low = middle + 1
    else high = middle
  }
  return low - 1
}

function entryAt({ byKey }: Tables, key: string, revision: number): Entry | undefined {
  const versions = byKey.get(key) ?? []
  const version = versions[visibleAt(versions, revision)]
  return version?.value === undefined ? undefined : { key, value: version.value, modRevision: version.revision }
}

/** The page that `range` asks for, as of `revision`. */
function listAt(
  tables: Tables,
  { range, revision, isNewest }: { readonly range: Range; readonly revision: number; readonly isNewest: boolean },
): Page {
  const { prefix, after, limit = Number.POSITIVE_INFINITY } = range
  const entries: Entry[] = []
  const start = after === undefined || after < prefix ? prefix : after
  for (const key of (isNewest ? tables.live : tables.keys).from(start)) {
    if (!key.startsWith(prefix)) break
    const entry = key === after ? undefined : entryAt(tables, key, revision)
    if (entry === undefined) continue
    if (entries.length >= limit) return { entries, revision, remaining: countFrom(tables, key, prefix, revision) }
    entries.push(entry)
  }
  return { entries, revision, remaining: 0 }
}

/** How many keys from `first` on existed at `revision`: those of now, corrected by the changes since. */
function countFrom(tables: Tables, first: string, prefix: string, revision: number): number {
  const { live, history } = tables
  const end = prefixEnd(prefix)
  let count = (end === undefined ? live.size : live.rank(end)) - live.rank(first)
  if (history.countAfter(revision) === 0) return count
  const changed = new Set(history.after(revision).map(({ key }) => key))
  for (const key of changed) {
    if (key < first || !key.startsWith(prefix)) continue
    const exists = entryAt(tables, key, Number.POSITIVE_INFINITY) !== undefined
    const existed = entryAt(tables, key, revision) !== undefined
    count += Number(existed) - Number(exists)
  }
  return count
}

/** The least string after all that start with `prefix`; undefined if there is none. */
function prefixEnd(prefix: string): string | undefined {
  for (let last = prefix.length - 1; last >= 0; last--) {
    const unit = prefix.charCodeAt(last)
    if (unit < 0xff_ff) return prefix.slice(0, last) + String.fromCharCode(unit + 1)
  }
  return undefined
}

/** Drops the versions of `key` that a newer one up to `before` hides, and a deletion that hides nothing any more. */
function dropHidden({ byKey, keys }: Tables, key: string, before: number): readonly number[] {
  const versions = byKey.get(key)
  if (versions === undefined) return []
  const visible = visibleAt(versions, before)
  const isDeletion = visible >= 0 && versions[visible]?.value === undefined
  const dropped = versions.splice(0, Math.max(0, isDeletion ? visible + 1 : visible))
  if (versions.length === 0) {
    byKey.delete(key)
    keys.delete(key)
  }
  return dropped.map(({ revision }) => revision)
}
