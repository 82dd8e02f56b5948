import { WeirError } from '@weir/base'

const newline = 10

/**
 * The complete lines of a byte stream, decoded as UTF-8, without their newline; empty ones are left out. What follows the
 * last newline when the stream ends is dropped: it may be half a line.
 * @throws CLIENT_BAD_ANSWER if a line is longer than `maxBytes` or is not UTF-8.
 */
export async function* decodeLines(chunks: AsyncIterable<Uint8Array>, maxBytes: number): AsyncGenerator<string, void> {
  const line = createLineBuffer(maxBytes)
  for await (const chunk of chunks) {
    let start = 0
    for (let end = chunk.indexOf(newline); end !== -1; end = chunk.indexOf(newline, start)) {
      line.append(chunk.subarray(start, end))
      start = end + 1
      const text = line.take()
      if (text !== '') yield text
    }
    line.append(chunk.subarray(start))
  }
}

function createLineBuffer(maxBytes: number) {
  let parts: Uint8Array[] = []
  let sizeBytes = 0
  return {
    append(part: Uint8Array): void {
      sizeBytes += part.length
      if (sizeBytes > maxBytes) throw badAnswer(`A line of the watch stream is longer than ${maxBytes} bytes`)
      if (part.length > 0) parts.push(part)
    },
    take(): string {
      const bytes = parts.length === 1 && parts[0] !== undefined ? parts[0] : join(parts, sizeBytes)
      parts = []
      sizeBytes = 0
      return decode(bytes)
    },
  }
}

function join(parts: readonly Uint8Array[], sizeBytes: number): Uint8Array {
  const whole = new Uint8Array(sizeBytes)
  let at = 0
  for (const part of parts) {
    whole.set(part, at)
    at += part.length
  }
  return whole
}

function decode(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch (cause) {
    throw badAnswer('A line of the answer is not UTF-8', cause)
  }
}

/** An answer that is not what the Kubernetes API promises. */
export const badAnswer = (message: string, cause?: unknown): WeirError => new WeirError('CLIENT_BAD_ANSWER', message, { cause })

/** All bytes of an answer as text. @throws CLIENT_BAD_ANSWER if they are not UTF-8. */
export async function readText(body: AsyncIterable<Uint8Array>): Promise<string> {
  const parts: Uint8Array[] = []
  let sizeBytes = 0
  for await (const part of body) {
    parts.push(part)
    sizeBytes += part.length
  }
  return decode(join(parts, sizeBytes))
}

/** @throws CLIENT_BAD_ANSWER if `text` is not JSON. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw badAnswer(`The API server answered something that is not JSON: '${text.slice(0, 80)}'`, cause)
  }
}
