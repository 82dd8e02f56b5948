/** The first bytes of a stream, and the whole stream. */
export interface Peeked {
  readonly head: Buffer
  readonly chunks: AsyncIterable<Uint8Array>
}

/** Looks at the first `lengthBytes` of a stream, fewer if it is shorter, and gives it back whole. */
export async function peek(chunks: AsyncIterable<Uint8Array>, lengthBytes: number): Promise<Peeked> {
  const iterator = chunks[Symbol.asyncIterator]()
  const first: Uint8Array[] = []
  let firstBytes = 0
  while (firstBytes < lengthBytes) {
    const next = await iterator.next()
    if (next.done === true) break
    first.push(Buffer.from(next.value))
    firstBytes += next.value.length
  }
  const head = Buffer.concat(first)
  return { head: head.subarray(0, lengthBytes), chunks: resume(head, iterator) }
}

async function* resume(head: Uint8Array, iterator: AsyncIterator<Uint8Array>): AsyncGenerator<Uint8Array> {
  try {
    if (head.length > 0) yield head
    for (let next = await iterator.next(); next.done !== true; next = await iterator.next()) yield next.value
  } finally {
    await iterator.return?.()
  }
}
