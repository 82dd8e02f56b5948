import { Worker } from 'node:worker_threads'
import type { Change, Driver, Kept } from './driver.ts'

/** What the file's thread is asked. */
export type SqliteRequest =
  | { readonly kind: 'Load' | 'Close' }
  | { readonly kind: 'Append'; readonly batch: readonly Change[] }
  | { readonly kind: 'Forget'; readonly revisions: readonly number[]; readonly compacted: number }

interface Answer {
  readonly value?: unknown
  readonly error?: unknown
}

/**
 * A driver on one SQLite file, owned by a thread of its own, so that waiting for the disk holds up nobody. Changes given
 * while a transaction is on its way wait and go into the next one together (group commit).
 */
export function createSqliteDriver(path: string): Driver {
  const worker = new Worker(new URL('sqlite-worker.ts', import.meta.url), { workerData: { path } })
  const waiting: { resolve(value: unknown): void; reject(error: unknown): void }[] = []
  let failure: unknown
  const fail = (error: unknown): void => {
    failure ??= error
    for (const { reject } of waiting.splice(0)) reject(error)
  }
  worker.on('message', ({ value, error }: Answer) => {
    const first = waiting.shift()
    if (waiting.length === 0) worker.unref()
    if (error === undefined) first?.resolve(value)
    else first?.reject(error)
  })
  worker.on('error', fail)
  worker.on('exit', () => fail(new Error('the thread of the log has ended')))
  worker.unref()
  const ask = (request: SqliteRequest): Promise<unknown> =>
    new Promise((resolve, reject) => {
      if (failure !== undefined) {
        reject(failure instanceof Error ? failure : new Error(String(failure)))
        return
      }
      waiting.push({ resolve, reject })
      worker.ref()
      worker.postMessage(request)
    })

  let gathering: Change[] = []
  let round: Promise<void> | undefined
  let busy: Promise<unknown> = Promise.resolve()
  const flush = async (): Promise<void> => {
    await busy
    const batch = gathering
    gathering = []
    round = undefined
    const write = ask({ kind: 'Append', batch })
    busy = write.catch(() => {})
    await write
  }
  return {
    load: async () => (await ask({ kind: 'Load' })) as Kept,
    append: (batch) => {
      gathering.push(...batch)
      round ??= flush()
      return round
    },
    forget: async (revisions, compacted) => {
      await ask({ kind: 'Forget', revisions, compacted })
    },
    close: async () => {
      await round
      await busy
      await ask({ kind: 'Close' })
      await new Promise((resolve) => {
        worker.once('exit', resolve)
      })
    },
  }
}
