import { WeirError } from '@weir/base'

/** How long one chunk may take to come, and what ends the waiting at once. */
export interface Patience {
  readonly idleMillis: number
  readonly signal: AbortSignal
}

/**
 * Passes `chunks` on, but waits for none longer than `idleMillis` and for none once `signal` aborts: a sender that stalls
 * must not hold what it fills. The time its reader takes does not count. Memory is that of one chunk.
 * @throws IMAGE_SOURCE after `idleMillis` of silence, or the reason of `signal`.
 */
export async function* patiently(
  chunks: AsyncIterable<Uint8Array>,
  { idleMillis, signal }: Patience,
): AsyncGenerator<Uint8Array> {
  const iterator = chunks[Symbol.asyncIterator]()
  // One listener and one rejection at a time: a race with a promise that lives as long as the stream would grow with it.
  let giveUp: (reason: unknown) => void = () => {}
  const onAbort = (): void => giveUp(signal.reason)
  const onSilence = (): void => giveUp(new WeirError('IMAGE_SOURCE', `nothing came for ${idleMillis / 1000} s; send it again`))
  signal.addEventListener('abort', onAbort)
  const timer = setTimeout(onSilence, idleMillis)
  try {
    for (;;) {
      signal.throwIfAborted()
      timer.refresh().ref()
      const next = await new Promise<IteratorResult<Uint8Array>>((resolve, reject) => {
        giveUp = reject
        iterator.next().then(resolve, reject)
      })
      giveUp = () => {}
      // Who has read enough and forgets the rest is not held by it.
      timer.unref()
      if (next.done === true) return
      yield next.value
    }
  } finally {
    clearTimeout(timer)
    signal.removeEventListener('abort', onAbort)
    // Not awaited: an iterator that waits for its sender ends only after it.
    void iterator.return?.().catch(() => {})
  }
}
