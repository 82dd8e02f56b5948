import { WeirError } from '@weir/base'
import type { Transport, TransportRequest } from '@weir/client'

/** A way to the server whose watches can be held up, so that caches are as stale as a test needs them; all else passes. */
export interface WatchGate {
  readonly transport: Transport
  /** What watches say from now on waits. */
  close(): void
  /** What waited is told, in order, and nothing waits any more. */
  open(): void
  /** The watches there are break off; what they have not told is lost. */
  cut(): void
}

/** A gate that is open. It is on the way of the watches that `isOnTheWay`; of all if that is absent. */
export function createWatchGate(
  transport: Transport,
  isOnTheWay: (request: TransportRequest) => boolean = () => true,
): WatchGate {
  let opened: PromiseWithResolvers<void> | undefined
  let broken = Promise.withResolvers<never>()
  broken.promise.catch(() => {})

  async function* throughGate(body: AsyncIterable<Uint8Array>, signal: AbortSignal | undefined): AsyncGenerator<Uint8Array> {
    const pieces = body[Symbol.asyncIterator]()
    const line = broken.promise
    try {
      for (;;) {
        const { value, done } = await Promise.race([pieces.next(), line])
        if (done === true) return
        if (opened !== undefined) await Promise.race([opened.promise, aborted(signal), line])
        yield value
      }
    } finally {
      // Not awaited: it ends with the next piece, which may never come.
      void pieces.return?.()
    }
  }
  return {
    transport: {
      async request(request) {
        const answer = await transport.request(request)
        return isWatch(request) && isOnTheWay(request) ? { ...answer, body: throughGate(answer.body, request.signal) } : answer
      },
    },
    close: () => {
      opened ??= Promise.withResolvers()
    },
    open: () => {
      opened?.resolve()
      opened = undefined
    },
    cut: () => {
      broken.reject(new WeirError('CLIENT_UNREACHABLE', 'the test cut the watch'))
      broken = Promise.withResolvers()
      broken.promise.catch(() => {})
    },
  }
}

const isWatch = ({ path }: TransportRequest): boolean => /[?&]watch=(?:true|1)/u.test(path)

const aborted = (signal: AbortSignal | undefined): Promise<void> =>
  new Promise((resolve) => {
    if (signal?.aborted === true) resolve()
    else signal?.addEventListener('abort', () => resolve(), { once: true })
  })
