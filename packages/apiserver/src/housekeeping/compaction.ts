/** How far the log had come at a moment. */
interface Sample {
  readonly millis: number
  readonly revision: number
}

const keptMillis = 300_000
const keptRevisions = 10_000

/**
 * Says what the log may forget. `next` is told the head now and then, and returns the revision before which everything may
 * go: what is older than five minutes, but never the newest 10,000 revisions. 0 if nothing may.
 */
export function createCompactionPlan(): { next(headRevision: number, nowMillis: number): number } {
  let samples: readonly Sample[] = []
  return {
    next: (headRevision, nowMillis) => {
      samples = [...samples, { millis: nowMillis, revision: headRevision }]
      const newestOld = samples.findLastIndex(({ millis }) => nowMillis - millis >= keptMillis)
      if (newestOld > 0) samples = samples.slice(newestOld)
      const old = newestOld < 0 ? 0 : (samples[0]?.revision ?? 0)
      return Math.max(0, Math.min(old, headRevision - keptRevisions))
    },
  }
}
