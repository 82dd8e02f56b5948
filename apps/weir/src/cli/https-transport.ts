import { request as httpRequest } from 'node:http'
import type { IncomingMessage, RequestOptions } from 'node:http'
import { Agent, request as httpsRequest } from 'node:https'
import type { AgentOptions } from 'node:https'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { isWeirError, WeirError } from '@weir/base'
import type { Transport, TransportRequest, TransportResponse } from '@weir/client'
import type { Connection } from './kubeconfig.ts'

/** A `Transport` that holds connections open; `close` lets the process end at once. */
export interface HttpsTransport extends Transport {
  close(): void
}

/** The way to an API server by HTTPS (or plain HTTP, as `kubectl proxy` serves it). Bodies stream both ways. */
export function createHttpsTransport(connection: Connection): HttpsTransport {
  const agent = new Agent({ keepAlive: true, ...tlsOptions(connection) })
  return {
    request: (request) => send(connection, request, { agent }),
    close: () => {
      agent.destroy()
    },
  }
}

/** What TLS needs to know of a connection; also for WebSockets. */
export const tlsOptions = (connection: Connection): AgentOptions => ({
  rejectUnauthorized: !connection.skipTlsVerify,
  ...(connection.certificateAuthority === undefined ? {} : { ca: connection.certificateAuthority }),
  ...(connection.clientCertificate === undefined ? {} : { cert: connection.clientCertificate }),
  ...(connection.clientKey === undefined ? {} : { key: connection.clientKey }),
  ...(connection.tlsServerName === undefined ? {} : { servername: connection.tlsServerName }),
})

/** The headers that say who asks. */
export const identityHeaders = ({ token }: Connection): Readonly<Record<string, string>> =>
  token === undefined ? {} : { authorization: `Bearer ${token}` }

/** The way to a server on a Unix socket of this machine, by plain HTTP; `connection` says who asks. */
export const createSocketTransport = (socketPath: string, connection: Connection): Transport => ({
  request: (request) => send({ ...connection, server: 'http://localhost' }, request, { socketPath }),
})

type Way = { readonly agent: Agent } | { readonly socketPath: string }

async function send(connection: Connection, request: TransportRequest, way: Way): Promise<TransportResponse> {
  request.signal?.throwIfAborted()
  const url = new URL(connection.server + request.path)
  const options: RequestOptions = {
    method: request.method,
    headers: { 'user-agent': 'weir', ...identityHeaders(connection), ...request.headers },
    ...(request.signal === undefined ? {} : { signal: request.signal }),
  }
  try {
    const isOurs = url.protocol === 'https:' || 'socketPath' in way
    const answer = await exchange(url, isOurs ? { ...options, ...way } : options, request.body)
    return { code: answer.statusCode ?? 0, headers: flatHeaders(answer), body: answer }
  } catch (cause) {
    if (request.signal?.aborted === true) throw request.signal.reason
    if (isWeirError(cause)) throw cause // Of the body's source: the server has done nothing wrong.
    throw unreachable(connection, cause)
  }
}

/**
 * Resolves with the head of the answer. A server may answer before it has read the whole body (a refused upload): then the
 * answer counts and not the broken pipe.
 */
function exchange(url: URL, options: RequestOptions, body: TransportRequest['body']): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const outgoing = (url.protocol === 'https:' ? httpsRequest : httpRequest)(url, options, resolve)
    outgoing.on('error', reject)
    if (body === undefined || typeof body === 'string') {
      // Node frames the body of a DELETE by itself neither way.
      if (body !== undefined) outgoing.setHeader('content-length', Buffer.byteLength(body))
      outgoing.end(body)
    } else {
      pipeline(Readable.from(body), outgoing).catch((error: unknown) => {
        outgoing.destroy()
        reject(error instanceof Error ? error : new Error(String(error)))
      })
    }
  })
}

const flatHeaders = ({ headers }: IncomingMessage): Readonly<Record<string, string>> =>
  Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name, Array.isArray(value) ? value.join(', ') : (value ?? '')]),
  )

/** The error that says that nobody answered, and why. */
export function unreachable({ server, context }: Connection, cause: unknown): WeirError {
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : ''
  const reason = cause instanceof Error ? cause.message || code : String(cause)
  return new WeirError('CLIENT_UNREACHABLE', `No answer from the API server ${server} (context '${context}'): ${reason}`, {
    cause,
  })
}
