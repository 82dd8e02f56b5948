import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type IncomingMessage, request, type Server, type ServerResponse } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { bodyOf } from './request-body.ts'

let server: Server
let port: number
let handle: (incoming: IncomingMessage, outgoing: ServerResponse) => Promise<void>
beforeEach(async () => {
  server = createServer((incoming, outgoing) => void handle(incoming, outgoing)).listen(0, '127.0.0.1')
  await once(server, 'listening')
  port = (server.address() as AddressInfo).port
})
afterEach(async () => {
  server.closeAllConnections()
  await new Promise((resolve) => server.close(resolve))
})

const post = (body: Buffer): Promise<string> =>
  new Promise((resolve, reject) => {
    const call = request({ port, method: 'POST', host: '127.0.0.1' }, (response) => {
      let text = ''
      response.setEncoding('utf8').on('data', (piece: string) => (text += piece))
      response.on('end', () => resolve(text))
    })
    call.on('error', reject).end(body)
  })

it('reads a body of any length, whole and in order, however slow its reader is', async () => {
  handle = async (incoming, outgoing) => {
    const hash = createHash('sha256')
    let pieces = 0
    for await (const piece of bodyOf(incoming)) {
      hash.update(piece)
      if (pieces++ % 16 === 0) await new Promise((resolve) => setImmediate(resolve))
    }
    outgoing.end(hash.digest('hex'))
  }
  for (const length of [0, 1, 65_536, 20_000_000]) {
    const body = Buffer.alloc(length, 'weir')
    expect(await post(body)).toBe(createHash('sha256').update(body).digest('hex'))
  }
})

it('makes a client wait whose body nobody reads', async () => {
  const begun = Promise.withResolvers<AsyncIterator<Uint8Array>>()
  handle = async (incoming) => {
    const reader = bodyOf(incoming)[Symbol.asyncIterator]()
    await reader.next()
    begun.resolve(reader)
  }
  const socket = connect(port, '127.0.0.1')
  socket.on('error', () => {})
  socket.write('POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 500000000\r\n\r\n')
  while (socket.write(Buffer.alloc(1_000_000)) || socket.writableLength < 50_000_000)
    await new Promise((resolve) => setImmediate(resolve))
  await begun.promise
  expect(socket.writableLength).toBeGreaterThan(30_000_000)
  socket.destroy()
})

it('leaves the connection for an answer to a reader who has read enough', async () => {
  handle = async (incoming, outgoing) => {
    for await (const piece of bodyOf(incoming)) if (piece.length > 0) break
    outgoing.writeHead(413, { connection: 'close' }).end('too large')
  }
  const socket = connect(port, '127.0.0.1')
  let answer = ''
  socket.setEncoding('latin1').on('data', (piece: string) => (answer += piece))
  socket.on('error', () => {})
  socket.write(`POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 9000000\r\n\r\n${'x'.repeat(1000)}`)
  await once(socket, 'close')
  expect(answer).toMatch(/^HTTP\/1\.1 413 .*too large/su)
})

it.each(['before', 'while'])('fails when the connection ends %s the body is read', async (moment) => {
  const outcome = Promise.withResolvers<unknown>()
  const reached = Promise.withResolvers<void>()
  handle = async (incoming) => {
    reached.resolve()
    if (moment === 'before') await new Promise((resolve) => incoming.on('error', () => {}).once('close', resolve))
    try {
      for await (const piece of bodyOf(incoming)) void piece
      outcome.resolve('read to the end')
    } catch (error) {
      outcome.resolve(error)
    }
  }
  const socket = connect(port, '127.0.0.1')
  socket.write('POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nhalf')
  await reached.promise
  socket.destroy()
  expect(await outcome.promise).toMatchObject({ message: 'the connection ended within the body of a request' })
})
