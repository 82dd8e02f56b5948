import { Worker } from 'node:worker_threads'
import type { Change } from './driver.ts'

/** What the file's thread is asked. */
export type SqliteRequest =
  | { readonly kind: 'Append'; readonly batch: readonly Change[] }
  | { readonly kind: 'Forget'; readonly revisions: readonly number[]; readonly compacted: number }
  | { readonly kind: 'Close' }

/** The thread of one file, from this side. */
export interface SqliteThread {
  /** Resolves when it is done; requests are done in order. */
  ask(request: SqliteRequest): Promise<void>
  /** Resolves when the thread has ended; it keeps the process alive until then. */
  ended(): Promise<void>
}

/** Starts the thread. It keeps the process alive only while a request is on its way. */
export function startSqliteThread(path: string): SqliteThread {
  const worker = new Worker(new URL('sqlite-worker.ts', import.meta.url), { workerData: { path } })
  const waiting: { readonly resolve: () => void; readonly reject: (error: Error) => void }[] = []
  let failure: Error | undefined
  let isEnding = false
  const fail = (error: Error): void => {
    failure ??= error
    for (const { reject } of waiting.splice(0)) reject(failure)
  }
  worker.on('message', ({ error }: { readonly error?: Error }) => {
    const first = waiting.shift()
    if (waiting.length === 0 && !isEnding) worker.unref()
    if (error === undefined) first?.resolve()
    else first?.reject(error)
  })
  worker.on('error', fail)
  // Listened to from the start: the thread may be gone by the time its last answer is read.
  const exit = new Promise<void>((resolve) => {
    worker.once('exit', () => {
      fail(new Error(`the thread of ${path} has ended`))
      resolve()
    })
  })
  worker.unref()
  return {
    ask: (request) =>
      new Promise((resolve, reject) => {
        if (failure !== undefined) {
          reject(failure)
          return
        }
        waiting.push({ resolve, reject })
        worker.ref()
        worker.postMessage(request)
      }),
    ended() {
      isEnding = true
      worker.ref()
      return exit
    },
  }
}
