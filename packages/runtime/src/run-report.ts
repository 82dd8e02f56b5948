import { isWeirError } from '@weir/base'

/** How a run ended: nothing left to do, to be looked at again, failed and tried again, failed until the object changes. */
export const runOutcomes = ['success', 'poll', 'error', 'terminal'] as const

/** One of `runOutcomes`: the closed set of labels for metrics. */
export type RunOutcome = (typeof runOutcomes)[number]

/** What one run of a controller came to. */
export interface RunReport {
  readonly controller: string
  readonly kind: string
  readonly namespace: string
  readonly name: string
  /** Different for each run, to find what belongs together. */
  readonly reconcileID: string
  readonly outcome: RunOutcome
  readonly durationMillis: number
  /** Why it polls. */
  readonly reason?: string
  /** What it threw. */
  readonly error?: unknown
}

/** True if no further try can succeed. Of several errors all must be terminal: any other is worth another try. */
export const isTerminal = (error: unknown): boolean =>
  error instanceof AggregateError
    ? error.errors.length > 0 && error.errors.every(isTerminal)
    : isWeirError(error) && error.family === 'Terminal'

/** True if nothing went wrong but that others wrote meanwhile: every busy object meets it now and then. */
export const isConflict = (error: unknown): boolean =>
  error instanceof AggregateError ? error.errors.length > 0 && error.errors.every(isConflict) : isWeirError(error, 'API_CONFLICT')
