import type { IncomingMessage, ServerResponse } from 'node:http'
import { createServer } from 'node:https'
import type { AddressInfo, Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import type { TLSSocket } from 'node:tls'
import type { Logger } from '@weir/base'
import { WebSocketServer } from 'ws'
import type { ApiServer } from '../create-api-server.ts'
import type { Pki } from '../pki/ensure-pki.ts'
import type { ApiRequest, ApiResponse, User } from '../request.ts'
import { answerEarly, bodyOf } from './answer-early.ts'
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
  /** Ends watches and conversations, then the connections. */
  close(): Promise<void>
}

/** Serves the API over HTTPS/1.1 (Go clients cancel streams faster than Node's HTTP/2 allows). Client certificates say who asks. */
export async function serveHttps({ server, pki, host, port, logger }: HttpsDeps): Promise<HttpsServer> {
  const stop = new AbortController()
  const sockets = new Set<Socket>()
  const webSockets = new WebSocketServer({
    noServer: true,
    maxPayload: 4 * 1024 * 1024,
    handleProtocols: (offered) => [...offered][0] ?? false,
  })
  const https = createServer(
    {
      ca: pki.caPem,
      cert: pki.server.certPem,
      key: pki.server.keyPem,
      requestCert: true,
      rejectUnauthorized: false,
      minVersion: 'TLSv1.2',
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

interface Serving {
  readonly server: Pick<ApiServer, 'handle' | 'upgrade'>
  readonly stop: AbortSignal
  readonly logger: Logger
}

async function answer({ server, stop, logger }: Serving, incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
  const gone = new AbortController()
  outgoing.once('close', () => gone.abort())
  try {
    const response = await server.handle(requestOf(incoming, AbortSignal.any([stop, gone.signal])))
    // A body that nobody read would block the next request of the connection.
    if (!incoming.complete) outgoing.setHeader('connection', 'close')
    await send(response, outgoing, incoming)
  } catch (error) {
    if (!gone.signal.aborted)
      logger.error('An answer could not be sent', error, { method: incoming.method, path: pathOf(incoming) })
    outgoing.destroy()
  }
}

async function send({ code, headers, body }: ApiResponse, outgoing: ServerResponse, incoming: IncomingMessage): Promise<void> {
  if (typeof body === 'string') {
    const bytes = Buffer.from(body)
    outgoing.writeHead(code, { ...headers, ...(code === 304 ? {} : { 'content-length': bytes.length }) })
    if (!incoming.complete) return answerEarly(incoming, outgoing, bytes)
    outgoing.end(incoming.method === 'HEAD' || code === 304 ? undefined : bytes)
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

const pathOf = ({ url = '/' }: IncomingMessage): string => url.split('?')[0] ?? '/'

function requestOf(incoming: IncomingMessage, signal: AbortSignal): ApiRequest {
  const { method = 'GET', url = '/' } = incoming
  const start = url.indexOf('?')
  const user = userOf(incoming.socket as TLSSocket)
  return {
    method,
    path: pathOf(incoming),
    query: new URLSearchParams(start < 0 ? '' : url.slice(start + 1)),
    headers: Object.fromEntries(
      Object.entries(incoming.headers).map(([name, value]) => [name, Array.isArray(value) ? value.join(', ') : (value ?? '')]),
    ),
    ...(user === undefined ? {} : { user }),
    body: bodyOf(incoming),
    signal,
  }
}

/** The user of a client certificate that our authority signed: its CN, and its Os as groups (Kubernetes' X509 authentication). */
function userOf(socket: TLSSocket): User | undefined {
  if (!socket.authorized) return undefined
  const subject = socket.getPeerCertificate().subject as
    | { readonly CN?: string | string[]; readonly O?: string | string[] }
    | undefined
  if (typeof subject?.CN !== 'string') return undefined
  return { name: subject.CN, groups: ['system:authenticated', ...[subject.O ?? []].flat()] }
}

async function upgrade(
  serving: Serving & { readonly webSockets: WebSocketServer },
  incoming: IncomingMessage,
  connection: { readonly socket: Duplex; readonly head: Buffer },
): Promise<void> {
  const { server, stop, logger, webSockets } = serving
  const { socket, head } = connection
  const answered = await server.upgrade(requestOf(incoming, stop))
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
