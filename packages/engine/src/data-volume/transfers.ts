import { type Clock, isWeirError, type Logger } from '@weir/base'

/** How a transfer stands. */
export type TransferState =
  | { readonly kind: 'Running'; readonly percent: number }
  | { readonly kind: 'Failed'; readonly message: string; readonly isFinal: boolean }

/** The copies that are under way, by the uid of what they fill. They live in this process; after a crash they begin again. */
export interface Transfers {
  state(id: string): TransferState | undefined
  /** Starts `work` unless one runs; what it reports is between 0 and 100. */
  start(id: string, work: (signal: AbortSignal, report: (percent: number) => void) => Promise<void>): void
  /** Ends and forgets one; resolves when it has ended. */
  cancel(id: string): Promise<void>
  /** Calls `listener` at most once a second of progress, and at each end; returns what ends it. */
  onChange(listener: (id: string) => void): () => void
  /** Ends all; resolves when they have ended. */
  stop(): Promise<void>
}

const reportMillis = 1000

/** No transfers. */
export function createTransfers({ clock, logger }: { readonly clock: Clock; readonly logger: Logger }): Transfers {
  const listeners = new Set<(id: string) => void>()
  const tell = (id: string): void => listeners.forEach((listener) => listener(id))
  const running = new Map<string, { readonly abort: AbortController; readonly done: Promise<void>; percent: number }>()
  const failed = new Map<string, Extract<TransferState, { kind: 'Failed' }>>()
  const run = async (
    id: string,
    work: (signal: AbortSignal, report: (percent: number) => void) => Promise<void>,
    abort: AbortController,
  ): Promise<void> => {
    let told = 0
    try {
      await work(abort.signal, (percent) => {
        const entry = running.get(id)
        if (entry !== undefined) entry.percent = percent
        if (clock.now() - told < reportMillis) return
        told = clock.now()
        tell(id)
      })
    } catch (error) {
      if (abort.signal.aborted) return
      const isFinal = isWeirError(error) && (error.family === 'Input' || error.family === 'Terminal')
      failed.set(id, { kind: 'Failed', message: error instanceof Error ? error.message : 'the transfer failed', isFinal })
      logger.warn('A transfer failed', { id, error: error instanceof Error ? error.message : '' })
    } finally {
      running.delete(id)
      if (!abort.signal.aborted) tell(id)
    }
  }
  const cancel = async (id: string): Promise<void> => {
    const entry = running.get(id)
    entry?.abort.abort(new Error('the transfer was called off'))
    failed.delete(id)
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
