/** The thread that owns the log's file: does what it is told, one request after the other, and answers each. */
import { parentPort, workerData } from 'node:worker_threads'
import { openSqliteFile } from './sqlite-file.ts'
import type { SqliteRequest } from './sqlite-driver.ts'

const file = openSqliteFile((workerData as { readonly path: string }).path)

const perform = (request: SqliteRequest): unknown => {
  switch (request.kind) {
    case 'Load':
      return file.load()
    case 'Append':
      return file.append(request.batch)
    case 'Forget':
      return file.forget(request.revisions, request.compacted)
    case 'Close':
      return file.close()
  }
}

parentPort?.on('message', (request: SqliteRequest) => {
  try {
    parentPort?.postMessage({ value: perform(request) })
  } catch (error) {
    parentPort?.postMessage({ error })
  }
  if (request.kind === 'Close') parentPort?.close()
})
