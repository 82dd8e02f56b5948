/**
 * The revision log under the API server: every change gets the next revision and is acknowledged once it is durable.
 * Words: Change (one write of one key), Driver (where changes become durable), RevisionLog (state and optimistic checks
 * over a driver). It knows nothing of Kubernetes objects. Not here yet: reads at an old revision, compaction, watches.
 */
export type { Change, Driver } from './driver.ts'
export { createMemoryDriver } from './memory-driver.ts'
export { type Entry, openRevisionLog, type RevisionLog, type Write } from './revision-log.ts'
export { createSqliteDriver } from './sqlite-driver.ts'
