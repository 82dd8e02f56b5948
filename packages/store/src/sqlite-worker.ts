/** The thread that owns the log's file: does what it is told, and answers each request. */
import { parentPort, workerData } from 'node:worker_threads'
import type { SqliteRequest } from './sqlite-thread.ts'
import { createSqliteWriter } from './sqlite-writer.ts'

const perform = createSqliteWriter((workerData as { readonly path: string }).path)

parentPort?.on('message', (request: SqliteRequest) => {
  try {
    perform(request)
    parentPort?.postMessage({})
  } catch (error) {
    parentPort?.postMessage({ error })
  }
  if (request.kind === 'Close') parentPort?.close()
})
