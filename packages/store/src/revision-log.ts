import { WeirError } from '@weir/base'
import type { Change, Driver } from './driver.ts'
import type { Event, RevisionLog, Write } from './log.ts'
import { createVersions, type Versions } from './versions.ts'
import { createWatchers } from './watchers.ts'

/** Changes forgotten in one turn of the event loop. */
const compactionSlice = 500

/** Opens the log over `driver` with everything it kept. */
export async function openRevisionLog(driver: Driver): Promise<RevisionLog> {
  const versions = await loadVersions(driver)
  const watchers = createWatchers()
  /** The newest revision of keys whose write is on its way; 0 for a deletion. */
  const pending = new Map<string, { readonly revision: number; readonly exists: boolean }>()
  let next = versions.head() + 1
  let failure: unknown
  let fresh: Event[] = []

  const current = (key: string): number => {
    const waiting = pending.get(key)
    if (waiting !== undefined) return waiting.exists ? waiting.revision : 0
    return versions.get(key)?.modRevision ?? 0
  }
  const deliver = (): void => {
    const batch = fresh
    fresh = []
    if (batch.length > 0) watchers.deliver(batch)
  }
  /** Makes a durable change visible at once; watchers hear of all that became so in this turn together, before the writers do. */
  const publish = (change: Change): void => {
    fresh.push(versions.apply(change))
    if (fresh.length === 1) queueMicrotask(deliver)
  }
  const accept = ({ key, value, expected }: Write): Change => {
    if (failure !== undefined) throw new WeirError('STORE_FAILED', 'the store stopped after a failed write', { cause: failure })
    const found = current(key)
    if (expected !== undefined && found !== expected) {
      throw new WeirError('STORE_CONFLICT', `'${key}' is at revision ${found}, not ${expected}`)
    }
    const text = typeof value === 'function' ? value(next) : value
    const revision = next++
    pending.set(key, { revision, exists: text !== undefined })
    return text === undefined ? { revision, key } : { revision, key, value: text }
  }
  const commit = async (write: Write): Promise<number> => {
    const change = accept(write)
    try {
      await driver.append([change])
    } catch (cause) {
      failure ??= cause
      throw new WeirError('STORE_FAILED', `'${write.key}' could not be written`, { cause })
    }
    publish(change)
    if (pending.get(change.key)?.revision === change.revision) pending.delete(change.key)
    await Promise.resolve()
    return change.revision
  }

  return {
    head: versions.head,
    compacted: versions.compacted,
    get: versions.get,
    list: versions.list,
    commit,
    watch(prefix, after, onEvents) {
      deliver()
      const past = versions.eventsAfter(after).filter(({ key }) => key.startsWith(prefix))
      if (past.length > 0) onEvents(past)
      return watchers.add(prefix, onEvents)
    },
    compact: (before) => compact({ versions, driver }, before),
    close: () => driver.close(),
  }
}

async function loadVersions(driver: Driver): Promise<Versions> {
  const { changes, compacted } = await driver.load()
  const versions = createVersions(compacted)
  for (const change of changes) versions.apply(change)
  return versions
}

async function compact(
  { versions, driver }: { readonly versions: Versions; readonly driver: Driver },
  before: number,
): Promise<void> {
  for (;;) {
    const { revisions, done } = versions.forget(before, compactionSlice)
    await driver.forget(revisions, versions.compacted())
    if (done) return
    await new Promise((resolve) => {
      setImmediate(resolve)
    })
  }
}
