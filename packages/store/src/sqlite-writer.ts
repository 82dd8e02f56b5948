import { openSqliteFile } from './sqlite-file.ts'
import type { SqliteRequest } from './sqlite-thread.ts'

/**
 * Opens the file at `path`; returns what does one request after the other. Once one has failed it throws at each write: the
 * changes that failed would be missing before it.
 */
export function createSqliteWriter(path: string): (request: SqliteRequest) => void {
  const file = openSqliteFile(path)
  let failure: { readonly error: unknown } | undefined
  const write = (work: () => void): void => {
    if (failure !== undefined) throw failure.error
    try {
      work()
    } catch (error) {
      failure = { error }
      throw error
    }
  }
  return (request) => {
    switch (request.kind) {
      case 'Append':
        return write(() => file.append(request.batch))
      case 'Forget':
        return write(() => file.forget(request.revisions, request.compacted))
      case 'Close':
        return file.close()
    }
  }
}
