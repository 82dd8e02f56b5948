/**
 * What every controller stands on. Words: Request (a key), Controller (kind, watches, reconcile), Step and Outcome (one
 * concern and what it saw), Next (when to look again), Manager (runs controllers over shared caches). It knows no kind.
 */
export { type Controller, defineWatch, toOwner, type Watched } from './controller.ts'
export { type Next, type Outcome, type Request, type Run, runSteps, soonest, type Step } from './outcome.ts'
