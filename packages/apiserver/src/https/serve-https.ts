import { setMaxListeners } from 'node:events'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { createServer } from 'node:https'
import type { AddressInfo, Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import type { Logger } from '@weir/base'
import { WebSocketServer } from 'ws'
import type { ApiServer } from '../create-api-server.ts'
import type { Pki } from '../pki/ensure-pki.ts'
import type { ApiResponse } from '../request.ts'
import { answerEarly } from './answer-early.ts'
import { pathOf, requestOf } from './incoming-request.ts'
import { webSocketChannel } from './web-socket-channel.ts'

export interface HttpsDeps {
  readonly server: Pick<ApiServer, 'handle' | 'upgrade'>
  readonly pki: Pick<Pki, 'caPem' | 'server'>
  readonly host: string
  readonly port: number
  readonly logger: Logger
}

/** A listening server. */
export interface HttpsServer {
  readonly port: number
  /** Shows these certificates to connections that begin from now on. */
  present(pki: HttpsDeps['pki']): void
  /** Ends watches and conversations, then the connections. */
  close(): Promise<void>
}

/** Serves the API over HTTPS/1.1 (Go clients cancel streams faster than Node's HTTP/2 allows). Client certificates say who asks. */
export async function serveHttps({ server, pki, host, port, logger }: HttpsDeps): Promise<HttpsServer> {
  const stop = new AbortController()
  // One listener a watch.
  setMaxListeners(0, stop.signal)
  const sockets = new Set<Socket>()
  const webSockets = new WebSocketServer({
    noServer: true,
    maxPayload: 4 * 1024 * 1024,
    handleProtocols: (offered) => [...offered][0] ?? false,
  })
  const https = createServer(
    {
      ...identityOf(pki),
      requestCert: true,
      rejectUnauthorized: false,
      requestTimeout: 0,
      headersTimeout: 20_000,
      keepAliveTimeout: 120_000,
    },
    (incoming, outgoing) => {
      void answer({ server, stop: stop.signal, logger }, incoming, outgoing)
    },
  )
  https.on('connection', (socket: Socket) => {
    socket.setNoDelay(true)
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
  })
  https.on('tlsClientError', (_, socket) => socket.destroy())
  https.on('upgrade', (incoming: IncomingMessage, socket: Duplex, head: Buffer) => {
    socket.on('error', () => socket.destroy())
    void upgrade({ server, webSockets, stop: stop.signal, logger }, incoming, { socket, head })
  })
  await new Promise<void>((resolve, reject) => {
    https.once('error', reject)
    https.listen(port, host, resolve)
  })
  return {
    port: (https.address() as AddressInfo).port,
    present: (renewed) => https.setSecureContext(identityOf(renewed)),
    close: async () => {
      stop.abort()
      for (const client of webSockets.clients) client.close(1001, 'the server stops')
      const closed = new Promise((resolve) => {
        https.close(resolve)
      })
      https.closeIdleConnections()
      setTimeout(() => {
        for (const socket of sockets) socket.destroy()
      }, 500).unref()
      await closed
    },
  }
}

const identityOf = ({ caPem, server }: HttpsDeps['pki']) =>
  ({ ca: caPem, cert: server.certPem, key: server.keyPem, minVersion: 'TLSv1.2' }) as const

interface Serving {
  readonly server: Pick<ApiServer, 'handle' | 'upgrade'>
  readonly stop: AbortSignal
  readonly logger: Logger
}

async function answer({ server, stop, logger }: Serving, incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
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

async function upgrade(
  serving: Serving & { readonly webSockets: WebSocketServer },
  incoming: IncomingMessage,
  connection: { readonly socket: Duplex; readonly head: Buffer },
): Promise<void> {
  const { server, stop, logger, webSockets } = serving
  const { socket, head } = connection
  const answered = await server.upgrade(requestOf(incoming, () => stop))
  if (answered.kind === 'Response') {
    const { code, body } = answered.response
    const text = typeof body === 'string' ? body : ''
    socket.end(
      `HTTP/1.1 ${code} Refused\r\nContent-Type: application/json\r\nConnection: close\r\nContent-Length: ${Buffer.byteLength(text)}\r\n\r\n${text}`,
    )
    return
  }
  webSockets.handleUpgrade(incoming, socket, head, (client) => {
    const channel = webSocketChannel(client)
    answered.run(channel).then(
      () => channel.close(),
      (error: unknown) => {
        logger.warn('A conversation ended with an error', {
          path: pathOf(incoming),
          error: error instanceof Error ? error.message : '',
        })
        channel.close(1011, error instanceof Error ? error.message : 'failed')
      },
    )
  })
}
