import { backoffMillis, type Clock, isWeirError, type Logger } from '@weir/base'

export interface KeyLoopDeps {
  readonly name: string
  readonly clock: Clock
  readonly logger: Logger
  /** Brings what `key` names nearer to its goal; may run any number of times, and for keys that are gone. */
  readonly work: (key: string) => Promise<void>
}

/** Keys waiting for work: each at most once, one at a time, failed ones again after a while. */
export interface KeyLoop {
  add(key: string): void
  /** Works until no key waits; failed keys wait for their next try. */
  drain(): Promise<void>
  /** Works until `signal` aborts. */
  run(signal: AbortSignal): Promise<void>
}

const backoff = { firstMillis: 100, maxMillis: 30_000, jitter: 0 }

export function createKeyLoop({ name, clock, logger, work }: KeyLoopDeps): KeyLoop {
  const waiting = new Set<string>()
  const failures = new Map<string, number>()
  let stopped: AbortSignal | undefined
  let wake = Promise.withResolvers<void>()
  const add = (key: string): void => {
    waiting.add(key)
    wake.resolve()
  }
  const fail = (key: string, error: unknown): void => {
    const attempt = failures.get(key) ?? 0
    failures.set(key, attempt + 1)
    if (!isRace(error)) logger.error('Housekeeping failed and will try again', error, { loop: name, key })
    void clock
      .sleep(
        backoffMillis(backoff, attempt, () => 0),
        stopped,
      )
      .then(() => add(key))
  }
  const drain = async (): Promise<void> => {
    for (const key of waiting) {
      if (stopped?.aborted === true) return
      waiting.delete(key)
      try {
        await work(key)
        failures.delete(key)
      } catch (error) {
        fail(key, error)
      }
    }
  }
  const run = async (signal: AbortSignal): Promise<void> => {
    stopped = signal
    signal.addEventListener('abort', () => wake.resolve(), { once: true })
    while (!signal.aborted) {
      await wake.promise
      if (signal.aborted) return
      wake = Promise.withResolvers<void>()
      await drain()
    }
  }
  return { add, drain, run }
}

/** Somebody else was first: ordinary, and settled by looking again. */
const isRace = (error: unknown): boolean =>
  isWeirError(error, 'API_CONFLICT') || isWeirError(error, 'API_NOT_FOUND') || isWeirError(error, 'API_ALREADY_EXISTS')
