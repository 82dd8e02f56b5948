import { WeirError } from '@weir/base'
import type { Change, Driver } from './driver.ts'
import type { Event, LogOptions, RevisionLog, Write } from './log.ts'
import { createVersions, type Versions } from './versions.ts'
import { createWatchers, type Watchers } from './watchers.ts'

/** Changes forgotten in one turn of the event loop. */
const compactionSlice = 500

/** Characters of 1 or 2 bytes: what a busy log writes in minutes, and a machine has to spare. */
const defaultHistoryCharacters = 256 * 1024 * 1024

/** Opens the log over `driver` with everything it kept. */
export async function openRevisionLog(driver: Driver, options: LogOptions = {}): Promise<RevisionLog> {
  const versions = await loadVersions(driver)
  const watchers = createWatchers()
  const guard = createGuard()
  const publisher = createPublisher(versions, watchers)
  const trim = createTrim({ versions, driver, guard }, options.historyCharacters ?? defaultHistoryCharacters)
  const commit = createCommit({
    versions,
    driver,
    guard,
    publish: (change) => {
      publisher.publish(change)
      trim()
    },
  })
  return {
    head: () => versions.head(),
    told: publisher.told,
    compacted: () => versions.compacted(),
    get: (key, revision) => versions.get(key, revision),
    list: (range) => versions.list(range),
    commit,
    failure: guard.failure,
    watch(prefix, after, onEvents) {
      const past = versions.eventsAfter(after).filter(({ key }) => key.startsWith(prefix))
      const end = watchers.add(prefix, Math.max(after, versions.head()), onEvents)
      if (past.length > 0) onEvents(past)
      return end
    },
    compact: (before) => compact({ versions, driver, guard }, before),
    close: () => driver.close(),
  }
}

async function loadVersions(driver: Driver): Promise<Versions> {
  const { changes, compacted } = await driver.load()
  const versions = createVersions(compacted)
  for (const change of changes) versions.apply(change)
  return versions
}

/** Remembers the first failure of the driver: what was promised on top of it cannot be kept, so nothing is written after it. */
interface Guard {
  readonly failure: () => Error | undefined
  /** @throws STORE_FAILED if the driver failed. */
  refuseAfterFailure(): void
  /** @throws STORE_FAILED if `work` fails, or another did meanwhile. */
  run(what: string, work: () => Promise<void>): Promise<void>
}

function createGuard(): Guard {
  let failure: WeirError | undefined
  const refuseAfterFailure = (): void => {
    if (failure !== undefined) throw failure
  }
  return {
    failure: () => failure,
    refuseAfterFailure,
    async run(what, work) {
      try {
        await work()
      } catch (cause) {
        failure ??= new WeirError('STORE_FAILED', 'the store stopped after a failed write; open it again to go on', { cause })
        throw new WeirError('STORE_FAILED', `${what} could not be written`, { cause })
      }
      refuseAfterFailure()
    },
  }
}

interface Publisher {
  /** Makes a durable change visible at once; watchers hear of all that became so in this turn together, before the writers do. */
  readonly publish: (change: Change) => void
  readonly told: () => number
}

function createPublisher(versions: Versions, watchers: Watchers): Publisher {
  let fresh: Event[] = []
  let told = versions.head()
  const deliver = (): void => {
    const batch = fresh
    fresh = []
    watchers.deliver(batch)
    told = batch.at(-1)?.revision ?? told
  }
  return {
    told: () => told,
    publish: (change) => {
      fresh.push(versions.apply(change))
      if (fresh.length === 1) queueMicrotask(deliver)
    },
  }
}

interface CommitDeps {
  readonly versions: Versions
  readonly driver: Driver
  readonly guard: Guard
  readonly publish: (change: Change) => void
}

function createCommit({ versions, driver, guard, publish }: CommitDeps): (write: Write) => Promise<number> {
  /** The newest write on its way of each key; `exists` is false for a deletion. */
  const pending = new Map<string, { readonly revision: number; readonly exists: boolean }>()
  let next = versions.head() + 1

  const current = (key: string): number => {
    const waiting = pending.get(key)
    if (waiting !== undefined) return waiting.exists ? waiting.revision : 0
    return versions.get(key)?.modRevision ?? 0
  }
  const accept = ({ key, value, expected }: Write): Change => {
    guard.refuseAfterFailure()
    const found = current(key)
    if (expected !== undefined && found !== expected) {
      throw new WeirError('STORE_CONFLICT', `'${key}' is at revision ${found}, not ${expected}`)
    }
    const text = typeof value === 'function' ? value(next) : value
    const revision = next++
    pending.set(key, { revision, exists: text !== undefined })
    return text === undefined ? { revision, key } : { revision, key, value: text }
  }
  return async (write) => {
    const change = accept(write)
    await guard.run(`'${write.key}'`, () => driver.append([change]))
    publish(change)
    if (pending.get(change.key)?.revision === change.revision) pending.delete(change.key)
    // The writer goes on in a later microtask than the delivery to watchers, which `publish` has queued already.
    return change.revision
  }
}

/** Forgets the oldest history when it has grown too large: half of it, so that this is rare. */
function createTrim(deps: Omit<CommitDeps, 'publish'>, maxCharacters: number): () => void {
  let isTrimming = false
  return () => {
    if (isTrimming) return
    const before = deps.versions.excess(maxCharacters)
    if (before === 0) return
    isTrimming = true
    // The guard remembers a failure, and tells whoever writes next.
    void compact(deps, before)
      .catch(() => {})
      .finally(() => (isTrimming = false))
  }
}

async function compact({ versions, driver, guard }: Omit<CommitDeps, 'publish'>, before: number): Promise<void> {
  guard.refuseAfterFailure()
  for (;;) {
    const start = versions.compacted()
    const { revisions, done } = versions.forget(before, compactionSlice)
    if (versions.compacted() !== start) {
      await guard.run('the compaction', () => driver.forget(revisions, versions.compacted()))
    }
    if (done) return
    await new Promise((resolve) => {
      setImmediate(resolve)
    })
  }
}
