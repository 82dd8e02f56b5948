import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

/** An HTTP server whose bodies stop halfway while its gate is shut. */
export interface GateServer {
  readonly url: (name: string) => string
  /** From now on answers are whole, also those that wait. */
  open(): void
  /** From now on answers stop in the middle. */
  shut(): void
  close(): void
}

/** Serves `files` by name on a port of the loopback; the gate is open. */
export async function serveFiles(files: Readonly<Record<string, Buffer>>): Promise<GateServer> {
  let gate = Promise.resolve()
  let openGate: () => void = () => {}
  const server = createServer((request, response) => {
    const body = files[request.url?.slice(1) ?? '']
    if (body === undefined) return void response.writeHead(404).end()
    response.writeHead(200, { 'content-length': body.length })
    const half = body.length >> 1
    response.write(body.subarray(0, half))
    void gate.then(() => response.end(body.subarray(half)))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const open = (): void => openGate()
  return {
    url: (name) => `http://127.0.0.1:${port}/${name}`,
    open,
    shut() {
      const shut = Promise.withResolvers<void>()
      gate = shut.promise
      openGate = shut.resolve
    },
    close() {
      open()
      server.closeAllConnections()
      server.close()
    },
  }
}
