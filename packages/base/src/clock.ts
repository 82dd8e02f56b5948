/** Time as a port, so that tests own it. */
export interface Clock {
  /** Milliseconds since the Unix epoch. */
  now(): number
  /** Resolves after `millis`, or at once when `signal` aborts; never rejects. */
  sleep(millis: number, signal?: AbortSignal): Promise<void>
}

/** What a timer of JavaScript can wait for at most; one of more would fire at once. */
const maxTimerMillis = 2 ** 31 - 1

/** The clock of the machine. A sleep keeps the process alive. */
export const systemClock: Clock = {
  now: () => Date.now(),
  sleep: (millis, signal) =>
    new Promise((resolve) => {
      if (signal?.aborted === true) return resolve()
      let left = millis
      let timer: ReturnType<typeof setTimeout> | undefined
      const done = (): void => {
        clearTimeout(timer)
        signal?.removeEventListener('abort', done)
        resolve()
      }
      const next = (): void => {
        const nap = Math.min(left, maxTimerMillis)
        left -= nap
        timer = setTimeout(left > 0 ? next : done, nap)
      }
      signal?.addEventListener('abort', done, { once: true })
      next()
    }),
}
