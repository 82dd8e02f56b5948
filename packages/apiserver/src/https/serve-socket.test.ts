import { once } from 'node:events'
import { mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { type IncomingMessage, request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { RawRoute } from '@weir/api'
import { silentLogger, WeirError } from '@weir/base'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { serveSocket, type SocketServer } from '../index.ts'

let folder: string
let server: SocketServer
let signal: AbortSignal | undefined

async function* counting(): AsyncGenerator<string> {
  for (let count = 1; ; count++) {
    yield `${count}\n`
    await new Promise(setImmediate)
  }
}

const routes: readonly RawRoute[] = [
  {
    path: '/echo',
    handle: async ({ method, headers, body }) => {
      let text = ''
      for await (const part of body) text += Buffer.from(part).toString()
      return { code: 201, body: `${method} ${headers['authorization'] ?? ''} ${text}` }
    },
  },
  { path: '/lost', handle: () => Promise.reject(new WeirError('API_NOT_FOUND', "there is no claim 'x'")) },
  {
    path: '/stream',
    handle: async (call) => {
      signal = call.signal
      return { code: 200, body: counting() }
    },
  },
]
const path = (): string => join(folder, 'run', 'upload.sock')

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'weir-socket-'))
  mkdirSync(join(folder, 'run'), { mode: 0o755 })
  // What a process that was killed has left.
  writeFileSync(path(), '')
  server = await serveSocket({ path: path(), routes, logger: silentLogger })
})
afterEach(async () => {
  await server.close()
  rmSync(folder, { recursive: true })
})

async function post(to: string, body = ''): Promise<readonly [number | undefined, string]> {
  const call = request({ socketPath: path(), path: to, method: 'POST', headers: { authorization: 'Bearer x' } })
  call.end(body)
  const [response] = (await once(call, 'response')) as [IncomingMessage]
  let text = ''
  for await (const part of response.setEncoding('utf8')) text += String(part)
  return [response.statusCode, text]
}

it('lets nobody in but its own user and root', () => {
  expect(statSync(path()).mode & 0o777).toBe(0o600)
  expect(statSync(join(folder, 'run')).mode & 0o777).toBe(0o700)
})

it('serves its routes and nothing else, and says what went wrong', async () => {
  expect(await post('/echo', 'hello')).toEqual([201, 'POST Bearer x hello'])
  expect(await post('/lost')).toEqual([404, expect.stringMatching(/there is no claim 'x'/u)])
  expect(await post('/api/v1/secrets')).toEqual([404, expect.stringMatching(/could not find the requested resource/u)])
})

it('tells a route when its caller is gone', async () => {
  const call = request({ socketPath: path(), path: '/stream', method: 'POST' })
  call.on('error', () => {}).end()
  const [response] = (await once(call, 'response')) as [IncomingMessage]
  response.on('error', () => {})
  await once(response, 'data')
  const gone = signal === undefined ? undefined : once(signal, 'abort')
  call.destroy()
  await gone
  expect(signal?.aborted).toBe(true)
})

it('is gone when it has closed, also if a caller still listens', async () => {
  const call = request({ socketPath: path(), path: '/stream', method: 'POST' })
  call.on('error', () => {}).end()
  const [response] = (await once(call, 'response')) as [IncomingMessage]
  response.on('error', () => {}).resume()
  await server.close()
  expect(() => statSync(path())).toThrow(/ENOENT/u)
  server = await serveSocket({ path: path(), routes, logger: silentLogger })
})
