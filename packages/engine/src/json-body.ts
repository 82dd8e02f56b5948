import { WeirError } from '@weir/base'

const maxBodyBytes = 65_536

/** A short body as JSON; undefined if there is nothing in it. @throws API_BAD_REQUEST */
export async function readJson(body: AsyncIterable<Uint8Array>): Promise<unknown> {
  const parts: Uint8Array[] = []
  let lengthBytes = 0
  for await (const part of body) {
    lengthBytes += part.length
    if (lengthBytes > maxBodyBytes) throw new WeirError('API_BAD_REQUEST', 'the body is too long')
    parts.push(part)
  }
  const text = Buffer.concat(parts).toString('utf8')
  if (text.trim() === '') return undefined
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw new WeirError('API_BAD_REQUEST', 'the body could not be read as JSON', { cause })
  }
}

/** A short body that must be a JSON object. @throws API_BAD_REQUEST */
export async function readJsonObject(body: AsyncIterable<Uint8Array>): Promise<object> {
  const value = await readJson(body)
  if (typeof value === 'object' && value !== null) return value
  throw new WeirError('API_BAD_REQUEST', 'the body must be a JSON object')
}
