import { type Clock, isWeirError, type Logger } from '@weir/base'

/** How a transfer stands. */
export type TransferState =
  | { readonly kind: 'Running'; readonly percent: number }
  /** `isFinal`: another try would fail as well. `retryAtMillis` is when to try again, later with each failure in a row. */
  | { readonly kind: 'Failed'; readonly message: string; readonly isFinal: boolean; readonly retryAtMillis: number }

/** What a transfer does: it reports between 0 and 100, and ends when `signal` aborts. */
type TransferWork = (signal: AbortSignal, report: (percent: number) => void) => Promise<void>

/** The copies that are under way, by the uid of what they fill. They live in this process; after a crash they begin again. */
export interface Transfers {
  state(id: string): TransferState | undefined
  /** Starts `work` unless one runs. */
  start(id: string, work: TransferWork): void
  /** Ends and forgets one; resolves when it has ended. */
  cancel(id: string): Promise<void>
  /** Calls `listener` at most once a second of progress, and at each end; returns what ends it. */
  onChange(listener: (id: string) => void): () => void
  /** Ends all; resolves when they have ended. */
  stop(): Promise<void>
}

const reportMillis = 1000
const firstRetryMillis = 10_000
const maxRetryMillis = 300_000

interface Running {
  readonly abort: AbortController
  readonly done: Promise<void>
  percent: number
}

/** No transfers. */
export function createTransfers({ clock, logger }: { readonly clock: Clock; readonly logger: Logger }): Transfers {
  const listeners = new Set<(id: string) => void>()
  const tell = (id: string): void => listeners.forEach((listener) => listener(id))
  const running = new Map<string, Running>()
  const failed = new Map<string, Extract<TransferState, { kind: 'Failed' }>>()
  const failures = new Map<string, number>()

  const fail = (id: string, error: unknown): void => {
    const count = (failures.get(id) ?? 0) + 1
    const message = error instanceof Error ? error.message : 'the transfer failed'
    const isFinal = isWeirError(error) && (error.family === 'Input' || error.family === 'Terminal')
    const delay = Math.min(maxRetryMillis, firstRetryMillis * 2 ** Math.min(10, count - 1))
    failures.set(id, count)
    failed.set(id, { kind: 'Failed', message, isFinal, retryAtMillis: clock.now() + delay })
    logger.warn('A transfer failed', { id, error: message })
  }
  const run = async (id: string, work: TransferWork, abort: AbortController): Promise<void> => {
    let told = 0
    try {
      await work(abort.signal, (percent) => {
        const entry = running.get(id)
        if (entry !== undefined) entry.percent = percent
        if (clock.now() - told < reportMillis) return
        told = clock.now()
        tell(id)
      })
      failures.delete(id)
    } catch (error) {
      if (!abort.signal.aborted) fail(id, error)
    } finally {
      running.delete(id)
      if (!abort.signal.aborted) tell(id)
    }
  }
  const cancel = async (id: string): Promise<void> => {
    const entry = running.get(id)
    entry?.abort.abort(new Error('the transfer was called off'))
    failed.delete(id)
    failures.delete(id)
    await entry?.done
  }
  return {
    state: (id) => {
      const entry = running.get(id)
      return entry === undefined ? failed.get(id) : { kind: 'Running', percent: entry.percent }
    },
    start(id, work) {
      if (running.has(id)) return
      failed.delete(id)
      const abort = new AbortController()
      const begin = Promise.withResolvers<void>()
      const done = begin.promise.then(async () => run(id, work, abort))
      running.set(id, { abort, done, percent: 0 })
      begin.resolve()
    },
    cancel,
    onChange(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    stop: async () => {
      await Promise.all([...running.keys()].map(cancel))
    },
  }
}
