import type { Transport, TransportRequest } from '@weir/client'

/** A way to the server whose watches can be held up, so that caches are as stale as a test needs them; all else passes. */
export interface WatchGate {
  readonly transport: Transport
  /** What watches say from now on waits. */
  close(): void
  /** What waited is told, in order, and nothing waits any more. */
  open(): void
}

/** A gate that is open. */
export function createWatchGate(transport: Transport): WatchGate {
  let gate: PromiseWithResolvers<void> | undefined
  async function* throughGate(body: AsyncIterable<Uint8Array>, signal: AbortSignal | undefined): AsyncGenerator<Uint8Array> {
    for await (const piece of body) {
      if (gate !== undefined) await Promise.race([gate.promise, aborted(signal)])
      yield piece
    }
  }
  return {
    transport: {
      async request(request) {
        const answer = await transport.request(request)
        return isWatch(request) ? { ...answer, body: throughGate(answer.body, request.signal) } : answer
      },
    },
    close: () => {
      gate ??= Promise.withResolvers()
    },
    open: () => {
      gate?.resolve()
      gate = undefined
    },
  }
}

const isWatch = ({ path }: TransportRequest): boolean => /[?&]watch=(?:true|1)/u.test(path)

const aborted = (signal: AbortSignal | undefined): Promise<void> =>
  new Promise((resolve) => {
    if (signal?.aborted === true) resolve()
    else signal?.addEventListener('abort', () => resolve(), { once: true })
  })
