/** The thread that owns the log's file: does what it is told, one request after the other, and answers each. */
import { parentPort, workerData } from 'node:worker_threads'
import { openSqliteFile } from './sqlite-file.ts'
import type { SqliteRequest } from './sqlite-thread.ts'

const file = openSqliteFile((workerData as { readonly path: string }).path)
let failure: { readonly error: unknown } | undefined

/** Nothing is written after a failure: the changes that failed would be missing before it. */
const write = (work: () => void): void => {
  if (failure !== undefined) throw failure.error
  try {
    work()
  } catch (error) {
    failure = { error }
    throw error
  }
}
const perform = (request: SqliteRequest): void => {
  switch (request.kind) {
    case 'Append':
      return write(() => file.append(request.batch))
    case 'Forget':
      return write(() => file.forget(request.revisions, request.compacted))
    case 'Close':
      return file.close()
  }
}

parentPort?.on('message', (request: SqliteRequest) => {
  try {
    perform(request)
    parentPort?.postMessage({})
  } catch (error) {
    parentPort?.postMessage({ error })
  }
  if (request.kind === 'Close') parentPort?.close()
})
