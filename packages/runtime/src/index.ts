/**
 * What every controller stands on. Words: Request (a key), Controller (kind, watches, reconcile), Step and Outcome (one
 * concern and what it saw), Next (when to look again), Manager (runs controllers over shared caches). It knows no kind.
 */
export { cleanedUp, concludeDeletion, concludeRun, type Conclusion } from './conclude.ts'
export { formatTime, getCondition, isConditionTrue, setConditions } from './conditions.ts'
export { type Controller, defineConcern, defineWatch, toOwner, type Watched } from './controller.ts'
export { createEventRecorder, type EventNote, type EventRecorder, type EventRecorderDeps } from './events.ts'
export type { LeaderLease } from './lease.ts'
export { createManager, type Manager, type ManagerContext, type ManagerDeps } from './manager.ts'
export { createObjectWriter, type ObjectWriter, type ObjectWriterDeps } from './object-writer.ts'
export { type RunOutcome, runOutcomes, type RunReport } from './run-report.ts'
export { type Next, type Outcome, type Request, type Run, runSteps, soonest, type Step } from './outcome.ts'
