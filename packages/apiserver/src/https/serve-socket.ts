import { chmodSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import type { Socket } from 'node:net'
import { dirname } from 'node:path'
import type { RawRoute } from '@weir/api'
import type { Logger } from '@weir/base'
import { pathNotFound } from '../failure.ts'
import { answerFailure, callRawRoute } from '../raw-routes.ts'
import type { ApiRequest, ApiResponse } from '../request.ts'
import { answer } from './answer.ts'

/** What a socket serves, and to whom. */
export interface SocketDeps {
  /** Of the socket, in a folder that nobody else may enter; at most 107 bytes (unix(7)). What is there goes. */
  readonly path: string
  readonly routes: readonly RawRoute[]
  readonly logger: Logger
}

/** A listening socket. */
export interface SocketServer {
  /** Ends the connections, then the socket. */
  close(): Promise<void>
}

/**
 * Serves `routes` by HTTP on a Unix socket. Only the user of this process and root can connect: its folder is 0700 and the socket 0600,
 * and the kernel asks for the right to write to it.
 */
export async function serveSocket({ path, routes, logger }: SocketDeps): Promise<SocketServer> {
  const stop = new AbortController()
  const sockets = new Set<Socket>()
  const handle = async (request: ApiRequest): Promise<ApiResponse> => {
    try {
      return (await callRawRoute(routes, request)) ?? answerFailure(pathNotFound(), request, logger)
    } catch (error) {
      return answerFailure(error, request, logger)
    }
  }
  const http = createServer({ requestTimeout: 0, headersTimeout: 20_000 }, (incoming, outgoing) => {
    void answer({ server: { handle }, stop: stop.signal, logger }, incoming, outgoing)
  })
  http.on('connection', (socket: Socket) => {
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
  })
  chmodSync(dirname(path), 0o700)
  rmSync(path, { force: true })
  await new Promise<void>((resolve, reject) => {
    http.once('error', reject)
    http.listen(path, resolve)
  })
  chmodSync(path, 0o600)
  return {
    close: async () => {
      stop.abort()
      const closed = new Promise((resolve) => {
        http.close(resolve)
      })
      setTimeout(() => {
        for (const socket of sockets) socket.destroy()
      }, 500).unref()
      http.closeIdleConnections()
      await closed
    },
  }
}
