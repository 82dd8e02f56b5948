import type { Clock } from '@weir/base'
import { settled } from './eventually.ts'

/** A clock that stands still until the test turns it. */
export interface TestClock extends Clock {
  /** Turns the clock on by `millis`; sleepers that are due wake in the order of their times, each before the next. */
  advance(millis: number): Promise<void>
  /** How many sleep now. */
  sleepers(): number
}

interface Sleeper {
  readonly due: number
  readonly wake: () => void
}

/** A clock at `start` (milliseconds since the Unix epoch; 1 January 2026 if absent). */
export function createTestClock(start = Date.UTC(2026, 0, 1)): TestClock {
  let now = start
  const sleeping = new Set<Sleeper>()
  const nextDue = (until: number): Sleeper | undefined =>
    [...sleeping].filter(({ due }) => due <= until).toSorted((a, b) => a.due - b.due)[0]
  return {
    now: () => now,
    sleepers: () => sleeping.size,
    sleep: (millis, signal) =>
      new Promise((resolve) => {
        if (signal?.aborted === true) return resolve()
        const wake = (): void => {
          sleeping.delete(sleeper)
          signal?.removeEventListener('abort', wake)
          resolve()
        }
        const sleeper = { due: now + Math.max(0, millis), wake }
        sleeping.add(sleeper)
        signal?.addEventListener('abort', wake, { once: true })
      }),
    async advance(millis) {
      const until = now + millis
      await settled()
      for (let sleeper = nextDue(until); sleeper !== undefined; sleeper = nextDue(until)) {
        now = Math.max(now, sleeper.due)
        sleeper.wake()
        await settled()
      }
      now = until
    },
  }
}
