import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, expect, it } from 'vitest'
import { createHttpsTransport } from './https-transport.ts'

const closers: (() => void)[] = []
afterEach(() => {
  for (const close of closers.splice(0)) close()
})

async function serve(listener: RequestListener): Promise<string> {
  const server = createServer(listener)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  closers.push(() => {
    server.closeAllConnections()
    server.close()
  })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

function connect(server: string, token?: string) {
  const transport = createHttpsTransport({
    context: 'test',
    server,
    namespace: 'default',
    path: '/kubeconfig',
    skipTlsVerify: false,
    ...(token === undefined ? {} : { token }),
  })
  closers.push(() => {
    transport.close()
  })
  return transport
}

const textOf = async (body: AsyncIterable<Uint8Array>): Promise<string> => Buffer.concat(await Array.fromAsync(body)).toString()

async function* chunks(...texts: readonly string[]): AsyncGenerator<Uint8Array> {
  for (const text of texts) yield Buffer.from(text)
}

it('sends method, path, token and a streamed body, and streams the answer', async () => {
  const server = await serve((request, response) => {
    response.writeHead(201, { 'x-seen': `${request.method} ${request.url} ${request.headers.authorization}` })
    request.pipe(response)
  })
  const answer = await connect(`${server}/base`, 't').request({
    method: 'POST',
    path: '/a?b=c',
    headers: {},
    body: chunks('one ', 'two'),
  })
  expect(answer.code).toBe(201)
  expect(answer.headers['x-seen']).toBe('POST /base/a?b=c Bearer t')
  expect(await textOf(answer.body)).toBe('one two')
})

it('says who does not answer', async () => {
  const request = connect('http://127.0.0.1:1').request({ method: 'GET', path: '/', headers: {} })
  await expect(request).rejects.toMatchObject({ code: 'CLIENT_UNREACHABLE', message: /http:\/\/127.0.0.1:1 \(context 'test'\)/ })
})

it('rejects with the reason of the signal', async () => {
  const server = await serve(() => {})
  const abort = new AbortController()
  const request = connect(server).request({ method: 'GET', path: '/', headers: {}, signal: abort.signal })
  abort.abort(new Error('enough'))
  await expect(request).rejects.toThrow('enough')
})

it('rejects when the body cannot be read', async () => {
  const server = await serve((request) => request.resume())
  async function* broken(): AsyncGenerator<Uint8Array> {
    yield Buffer.from('x')
    throw new Error('disk on fire')
  }
  const request = connect(server).request({ method: 'POST', path: '/', headers: {}, body: broken() })
  await expect(request).rejects.toThrow('disk on fire')
})

it('takes an answer that comes before the body is read', async () => {
  const server = await serve((_request, response) => response.writeHead(413).end('too large'))
  async function* long(): AsyncGenerator<Uint8Array> {
    for (let sent = 0; sent < 3; sent += 1) yield Buffer.alloc(1000)
  }
  const answer = await connect(server).request({ method: 'POST', path: '/', headers: {}, body: long() })
  expect(answer.code).toBe(413)
})
