import { setMaxListeners } from 'node:events'
import type { IncomingMessage } from 'node:http'
import { createServer } from 'node:https'
import type { AddressInfo, Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import type { Logger } from '@weir/base'
import { WebSocketServer } from 'ws'
import type { ApiServer } from '../create-api-server.ts'
import type { Pki } from '../pki/ensure-pki.ts'
import { answer } from './answer.ts'
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

async function upgrade(
  serving: {
    readonly server: Pick<ApiServer, 'upgrade'>
    readonly webSockets: WebSocketServer
    readonly stop: AbortSignal
    readonly logger: Logger
  },
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
