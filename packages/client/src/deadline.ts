import type { Clock } from '@weir/base'

/** A signal that aborts with another, or when nobody put it off in time. */
export interface Deadline {
  readonly signal: AbortSignal
  /** From now on it aborts after `millis`, whatever was armed before. */
  arm(millis: number): void
  /** True if it aborted by itself. */
  isPassed(): boolean
  /** It never aborts by itself any more; resolves when its sleep has ended. */
  end(): Promise<void>
}

/** A deadline that is not armed yet. `reason` is what its signal aborts with. */
export function createDeadline(clock: Clock, parent: AbortSignal, reason: (millis: number) => Error): Deadline {
  const late = new AbortController()
  let asleep = new AbortController()
  let sleep: Promise<void> = Promise.resolve()
  return {
    signal: AbortSignal.any([parent, late.signal]),
    arm(millis) {
      asleep.abort()
      const own = new AbortController()
      asleep = own
      sleep = clock.sleep(millis, own.signal).then(() => {
        if (!own.signal.aborted) late.abort(reason(millis))
      })
    },
    isPassed: () => late.signal.aborted,
    end: async () => {
      asleep.abort()
      await sleep
    },
  }
}
