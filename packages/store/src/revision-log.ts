import { WeirError } from '@weir/base'
import type { Change, Driver } from './driver.ts'

/** A key's value as of `modRevision`; `createRevision` is the revision that first put it since its last deletion. */
export interface Entry {
  readonly key: string
  readonly value: string
  readonly createRevision: number
  readonly modRevision: number
}

/** A write: without `value` a deletion. `expected` is the `modRevision` it builds on, 0 for "must not exist". */
export interface Write {
  readonly key: string
  readonly value?: string
  readonly expected?: number
}

/**
 * The one log of all changes: optimistic writes, reads of the newest state, changes since a revision.
 * Reads see only durable writes; checks see pending ones too, so that two writers cannot both win.
 */
export interface RevisionLog {
  /** The revision of the newest durable change, 0 if there is none. */
  head(): number
  get(key: string): Entry | undefined
  /** Entries whose key starts with `prefix`, by key (UTF-16 order). O(n log n) in the number of keys. */
  list(prefix: string): readonly Entry[]
  /** The durable changes after `revision`, oldest first. */
  changesAfter(revision: number): readonly Change[]
  /**
   * Resolves with the new revision when the write is durable. Without `expected` it overwrites.
   * @throws STORE_CONFLICT if the key's pending state is not `expected`; STORE_FAILED if the driver failed: the log then refuses all writes.
   */
  commit(write: Write): Promise<number>
  close(): Promise<void>
}

/** Opens the log over `driver` with everything it kept. */
export async function openRevisionLog(driver: Driver): Promise<RevisionLog> {
  const changes: Change[] = []
  const durable = new Map<string, Entry>()
  const pending = new Map<string, number>()
  const apply = (change: Change): void => {
    changes.push(change)
    const { key, value, revision } = change
    if (value === undefined) durable.delete(key)
    else durable.set(key, { key, value, createRevision: durable.get(key)?.createRevision ?? revision, modRevision: revision })
  }
  for (const change of await driver.load()) apply(change)
  let next = (changes.at(-1)?.revision ?? 0) + 1
  let failure: unknown

  const current = (key: string): number => pending.get(key) ?? durable.get(key)?.modRevision ?? 0

  const commit = async ({ key, value, expected }: Write): Promise<number> => {
    if (failure !== undefined) throw new WeirError('STORE_FAILED', 'the store stopped after a failed write', { cause: failure })
    if (expected !== undefined && current(key) !== expected) {
      throw new WeirError('STORE_CONFLICT', `'${key}' is at revision ${current(key)}, not ${expected}`)
    }
    const revision = next++
    const change: Change = { revision, key, ...(value === undefined ? {} : { value }) }
    pending.set(key, value === undefined ? 0 : revision)
    try {
      await driver.append([change])
    } catch (error) {
      failure = error
      throw new WeirError('STORE_FAILED', `'${key}' could not be written`, { cause: error })
    }
    apply(change)
    if (pending.get(key) === (value === undefined ? 0 : revision)) pending.delete(key)
    return revision
  }

  return {
    head: () => changes.at(-1)?.revision ?? 0,
    get: (key) => durable.get(key),
    list: (prefix) =>
      [...durable.values()].filter(({ key }) => key.startsWith(prefix)).toSorted((a, b) => (a.key < b.key ? -1 : 1)),
    changesAfter: (revision) => changes.slice(changes.findLastIndex((change) => change.revision <= revision) + 1),
    commit,
    close: () => driver.close(),
  }
}
