import type { IncomingMessage } from 'node:http'

/** Chunks that may wait before the client is told to wait. */
const maxWaiting = 8

/**
 * The body of a request for one reader, who may stop early: the connection then stays for the answer. Node's own iterator,
 * made for streams of every kind, would destroy it, and costs more than the rest of a small request.
 */
export const bodyOf = (incoming: IncomingMessage): AsyncIterable<Uint8Array> => ({
  [Symbol.asyncIterator]: () => readerOf(incoming),
})

function readerOf(incoming: IncomingMessage): AsyncIterator<Uint8Array> {
  const chunks: Uint8Array[] = []
  let isEnded = incoming.readableEnded
  let isBroken = incoming.destroyed && !isEnded
  let wake = (): void => {}
  const take = (chunk: Uint8Array): void => {
    if (chunks.push(chunk) >= maxWaiting) incoming.pause()
    wake()
  }
  const end = (): void => {
    isEnded = true
    wake()
  }
  const breakOff = (): void => {
    isBroken = !isEnded
    wake()
  }
  incoming.on('data', take).once('end', end).once('close', breakOff).on('error', breakOff)
  const next = async (): Promise<IteratorResult<Uint8Array>> => {
    for (;;) {
      const value = chunks.shift()
      if (value !== undefined) return { done: false, value }
      if (isEnded) return { done: true, value: undefined }
      if (isBroken) throw new Error('the connection ended within the body of a request')
      incoming.resume()
      await new Promise<void>((resolve) => {
        wake = resolve
      })
    }
  }
  return {
    next,
    return: () => {
      incoming.off('data', take).pause()
      return Promise.resolve({ done: true, value: undefined })
    },
  }
}
