/** Bytes from one writer to one reader. A reader that falls more than `limitBytes` behind is cut off: the queue ends. */
export interface ByteQueue {
  readonly incoming: AsyncIterable<Uint8Array>
  push(bytes: Uint8Array): void
  /** What was pushed before is still read. */
  end(): void
}

/** An empty queue; `onReturn` is called when the reader leaves its loop early. */
export function createByteQueue(limitBytes: number, onReturn: () => void): ByteQueue {
  const chunks: Uint8Array[] = []
  let size = 0
  let ended = false
  let wake: (() => void) | undefined
  const change = (): void => wake?.()
  async function* read(): AsyncGenerator<Uint8Array> {
    try {
      while (true) {
        const chunk = chunks.shift()
        if (chunk !== undefined) {
          size -= chunk.length
          yield chunk
        } else if (ended) return
        else await new Promise<void>((resolve) => (wake = resolve))
      }
    } finally {
      onReturn()
    }
  }
  return {
    incoming: read(),
    push(bytes) {
      if (ended) return
      chunks.push(bytes)
      size += bytes.length
      if (size > limitBytes) ended = true
      change()
    },
    end() {
      ended = true
      change()
    },
  }
}
