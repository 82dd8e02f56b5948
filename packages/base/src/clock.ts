/** Time as a port, so that tests own it. */
export interface Clock {
  /** Milliseconds since the Unix epoch. */
  now(): number
  /** Resolves after `millis`, or at once when `signal` aborts; never rejects. */
  sleep(millis: number, signal?: AbortSignal): Promise<void>
}

/** The clock of the machine. A sleep does not keep the process alive by itself. */
export const systemClock: Clock = {
  now: () => Date.now(),
  sleep: (millis, signal) =>
    new Promise((resolve) => {
      if (signal?.aborted === true) return resolve()
      const done = (): void => {
        clearTimeout(timer)
        signal?.removeEventListener('abort', done)
        resolve()
      }
      const timer = setTimeout(done, millis)
      signal?.addEventListener('abort', done, { once: true })
    }),
}
