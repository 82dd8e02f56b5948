/**
 * The revision log under the API server: every change gets the next revision and is acknowledged once it is durable.
 * Words: Change (one write of one key), Driver (where changes become durable), RevisionLog (state at any revision, optimistic
 * checks, watches, compaction, over a driver). It knows nothing of Kubernetes objects.
 */
export type { Change, Driver } from './driver.ts'
export type { Entry, Event, LogOptions, Page, Range, RevisionLog, Write } from './log.ts'
export { createMemoryDriver, type Memory } from './memory-driver.ts'
export { openRevisionLog } from './revision-log.ts'
export { createSqliteDriver } from './sqlite-driver.ts'
