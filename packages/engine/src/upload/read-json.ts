import { WeirError } from '@weir/base'

const maxRequestBytes = 65_536

/** A short body as JSON: an object. @throws API_BAD_REQUEST */
export async function readJson(body: AsyncIterable<Uint8Array>): Promise<object> {
  const parts: Uint8Array[] = []
  let lengthBytes = 0
  for await (const part of body) {
    lengthBytes += part.length
    if (lengthBytes > maxRequestBytes) throw new WeirError('API_BAD_REQUEST', 'the request is too long')
    parts.push(part)
  }
  try {
    const value: unknown = JSON.parse(Buffer.concat(parts).toString('utf8'))
    if (typeof value === 'object' && value !== null) return value
  } catch (cause) {
    throw new WeirError('API_BAD_REQUEST', 'the body could not be read as JSON', { cause })
  }
  throw new WeirError('API_BAD_REQUEST', 'the body must be a JSON object')
}
