import type { IncomingMessage, ServerResponse } from 'node:http'

/** How long a sender may take to notice that it has been answered. */
const lingerMillis = 5000

/**
 * Ends an answer that is given before the request's body has come, as to a refused upload. What still comes is thrown away until
 * the sender has seen the answer: closing at once would reset the connection, and the answer would be lost with it
 * (RFC 9112 section 9.6). Resolves when the sender has stopped, or after a while.
 */
export async function answerEarly(incoming: IncomingMessage, outgoing: ServerResponse, body: string): Promise<void> {
  if (body !== '') outgoing.write(body)
  const stopped = Promise.withResolvers<void>()
  const timer = setTimeout(stopped.resolve, lingerMillis)
  incoming.once('end', stopped.resolve).once('close', stopped.resolve).resume()
  await stopped.promise
  clearTimeout(timer)
  outgoing.end()
}
