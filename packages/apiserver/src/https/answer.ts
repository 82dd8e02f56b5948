import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Logger } from '@weir/base'
import type { ApiServer } from '../create-api-server.ts'
import type { ApiResponse } from '../request.ts'
import { answerEarly } from './answer-early.ts'
import { pathOf, requestOf } from './incoming-request.ts'

/** What answers requests, until `stop`. */
export interface Serving {
  readonly server: Pick<ApiServer, 'handle'>
  readonly stop: AbortSignal
  readonly logger: Logger
}

/** Has the server answer a request, whatever carries it; never throws. */
export async function answer(
  { server, stop, logger }: Serving,
  incoming: IncomingMessage,
  outgoing: ServerResponse,
): Promise<void> {
  const gone = createLateSignal(stop)
  outgoing.once('close', gone.abort)
  try {
    const response = await server.handle(requestOf(incoming, gone.signal))
    // A body that nobody read would block the next request of the connection.
    if (!incoming.complete) outgoing.setHeader('connection', 'close')
    await send(response, outgoing, incoming)
  } catch (error) {
    if (!outgoing.closed) logger.error('An answer could not be sent', error, { method: incoming.method, path: pathOf(incoming) })
    outgoing.destroy()
  }
}

/**
 * A signal that is made when it is asked for: most requests are answered before anybody listens. It aborts with `stop`, too;
 * `AbortSignal.any` would do that, but watches look at it at each event, and it looks at its sources each time.
 */
function createLateSignal(stop: AbortSignal): { readonly signal: () => AbortSignal; readonly abort: () => void } {
  let controller: AbortController | undefined
  let isAborted = false
  const abort = (): void => {
    isAborted = true
    if (controller === undefined) return
    stop.removeEventListener('abort', abort)
    controller.abort()
  }
  return {
    abort,
    signal: () => {
      if (controller === undefined) {
        controller = new AbortController()
        if (isAborted || stop.aborted) controller.abort()
        else stop.addEventListener('abort', abort)
      }
      return controller.signal
    },
  }
}

async function send({ code, headers, body }: ApiResponse, outgoing: ServerResponse, incoming: IncomingMessage): Promise<void> {
  const isHead = incoming.method === 'HEAD'
  if (typeof body === 'string') {
    // As text, so that Node sends head and body in one piece.
    outgoing.writeHead(code, code === 304 ? headers : { ...headers, 'content-length': Buffer.byteLength(body) })
    if (!incoming.complete) return answerEarly(incoming, outgoing, isHead || code === 304 ? '' : body)
    outgoing.end(isHead || code === 304 ? undefined : body)
    return
  }
  outgoing.writeHead(code, headers)
  // A watch that has nothing to say yet must be seen to have begun.
  outgoing.flushHeaders()
  for await (const piece of body) {
    if (outgoing.destroyed) return
    if (!outgoing.write(piece)) await drained(outgoing)
  }
  outgoing.end()
}

const drained = (outgoing: ServerResponse): Promise<void> =>
  new Promise((resolve) => {
    const done = (): void => {
      outgoing.off('drain', done)
      outgoing.off('close', done)
      resolve()
    }
    outgoing.once('drain', done)
    outgoing.once('close', done)
  })
