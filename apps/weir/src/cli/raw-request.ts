import { openAnswer } from '@weir/client'
import type { Session } from './session.ts'

/** A request as a user means it; without a body if that is undefined. */
export interface RawRequest {
  readonly method: string
  readonly path: string
  readonly body: unknown
}

/**
 * Sends a request and prints the answer: JSON is laid out; what is no JSON, and the events of a watch, go out as they come.
 * @throws as `Client`.
 */
export async function sendRaw({ transport, io, signal }: Session, { method, path, body }: RawRequest): Promise<void> {
  const answer = await openAnswer(transport, { method, path, body, signal, ...(method === 'PATCH' ? patchOf(body) : {}) })
  const decoder = new TextDecoder()
  if (isStream(path) || !/^application\/json\b/u.test(answer.headers['content-type'] ?? '')) {
    for await (const part of answer.body) io.out(decoder.decode(part, { stream: true }))
    return
  }
  let text = ''
  for await (const part of answer.body) text += decoder.decode(part, { stream: true })
  if (text.trim() !== '') io.out(`${JSON.stringify(JSON.parse(text), undefined, 2)}\n`)
}

/** A list is a JSON patch (RFC 6902), anything else a merge patch (RFC 7386). */
const patchOf = (body: unknown): { readonly contentType: string } => ({
  contentType: Array.isArray(body) ? 'application/json-patch+json' : 'application/merge-patch+json',
})

const isStream = (path: string): boolean => {
  const watch = new URLSearchParams(path.split('?')[1] ?? '').get('watch')
  return watch !== null && watch !== 'false' && watch !== '0'
}
