import { DatabaseSync } from 'node:sqlite'
import type { Change, Driver } from './driver.ts'

/**
 * A driver on one SQLite file (WAL, `synchronous=FULL`: one fsync per batch). The revision is the row id, so appends go
 * to the end of the tree. Batches given while another is written wait and go into one transaction (group commit).
 */
export function createSqliteDriver(file: string): Driver {
  const database = new DatabaseSync(file)
  database.exec('PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL')
  database.exec('CREATE TABLE IF NOT EXISTS change (revision INTEGER PRIMARY KEY, key TEXT NOT NULL, value TEXT)')
  const insert = database.prepare('INSERT INTO change (revision, key, value) VALUES (?, ?, ?)')
  let waiting: Change[] = []
  let flush: Promise<void> | undefined

  const commit = (): void => {
    const batch = waiting
    waiting = []
    flush = undefined
    database.exec('BEGIN IMMEDIATE')
    try {
      for (const { revision, key, value } of batch) insert.run(revision, key, value ?? null)
      database.exec('COMMIT')
    } catch (error) {
      if (database.isTransaction) database.exec('ROLLBACK')
      throw error
    }
  }

  return {
    load: () =>
      Promise.resolve(
        database
          .prepare('SELECT revision, key, value FROM change ORDER BY revision')
          .all()
          .map(({ revision, key, value }) => ({
            revision: Number(revision),
            key: String(key),
            ...(typeof value === 'string' ? { value } : {}),
          })),
      ),
    append: (batch) => {
      waiting.push(...batch)
      flush ??= new Promise<void>((resolve) => {
        setImmediate(resolve)
      }).then(commit)
      return flush
    },
    close: async () => {
      await flush
      database.close()
    },
  }
}
