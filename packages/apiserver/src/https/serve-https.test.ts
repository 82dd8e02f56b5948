import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs'
import { once } from 'node:events'
import { request } from 'node:https'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connect } from 'node:tls'
import { promisify } from 'node:util'
import type { ByteChannel } from '@weir/api'
import { silentLogger, systemClock } from '@weir/base'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { WebSocket } from 'ws'
import { type ApiRequest, ensurePki, type HttpsServer, type Pki, serveHttps, writeKubeconfig } from '../index.ts'

let directory: string
let pki: Pki
let https: HttpsServer
let lastSignal: AbortSignal | undefined
beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), 'weir-https-'))
  pki = await ensurePki(join(directory, 'pki'), systemClock)
  https = await serveHttps({
    server: {
      handle: async (call: ApiRequest) => {
        lastSignal = call.signal
        if (call.path === '/refuse-unread') return { code: 507, headers: {}, body: 'no room' }
        if (call.path === '/refuse-midway') {
          for await (const _ of call.body) break
          return { code: 507, headers: {}, body: 'no room' }
        }
        const body = call.path === '/stream' ? endless() : JSON.stringify(call.user ?? { name: 'nobody' })
        return { code: 200, headers: { 'content-type': 'application/json' }, body }
      },
      upgrade: ({ path }: ApiRequest) => {
        if (path === '/refused') {
          const headers = { 'content-type': 'application/json' }
          return Promise.resolve({ kind: 'Response' as const, response: { code: 403, headers, body: '{"code":403}' } })
        }
        return Promise.resolve({
          kind: 'Channel' as const,
          protocols: ['plain.kubevirt.io'],
          run: async (channel: ByteChannel) => {
            if (path === '/broken') throw new Error('it broke')
            for await (const bytes of channel.incoming)
              await channel.send(Buffer.from(Buffer.from(bytes).toString().toUpperCase()))
          },
        })
      },
    },
    pki,
    host: '127.0.0.1',
    port: 0,
    logger: silentLogger,
  })
})
afterEach(async () => {
  await https.close()
  rmSync(directory, { recursive: true })
})

async function* endless() {
  for (;;) {
    yield 'x'.repeat(65_536)
    await new Promise((resolve) => {
      setImmediate(resolve)
    })
  }
}

const options = (pair?: { readonly certPem: string; readonly keyPem: string }) => ({
  port: https.port,
  host: '127.0.0.1',
  ca: pki.caPem,
  agent: false as const,
  ...(pair === undefined ? {} : { cert: pair.certPem, key: pair.keyPem }),
})

const get = (path: string, pair?: { readonly certPem: string; readonly keyPem: string }): Promise<unknown> =>
  new Promise((resolve, reject) => {
    const call = request({ ...options(pair), path }, (response) => {
      let text = ''
      response.setEncoding('utf8').on('data', (part: string) => (text += part))
      response.on('end', () => resolve(JSON.parse(text)))
    })
    call.on('error', reject).end()
  })

it('knows clients by certificates of its own authority alone', async () => {
  expect(await get('/', pki.admin)).toEqual({ name: 'admin', groups: ['system:authenticated', 'system:masters'] })
  expect(await get('/')).toEqual({ name: 'nobody' })
  const other = await ensurePki(join(directory, 'other'), systemClock)
  expect(await get('/', other.admin)).toEqual({ name: 'nobody' })
})

it('presents renewed certificates to connections that begin later, and the others go on', async () => {
  const shown = async (): Promise<string> => {
    const socket = connect({ port: https.port, host: '127.0.0.1', ca: pki.caPem })
    await once(socket, 'secureConnect')
    const { fingerprint256 } = socket.getPeerCertificate()
    socket.destroy()
    return fingerprint256
  }
  const old = connect({ port: https.port, host: '127.0.0.1', ca: pki.caPem })
  await once(old, 'secureConnect')
  const before = await shown()
  expect(before).toBe(old.getPeerCertificate().fingerprint256)
  rmSync(join(directory, 'pki', 'server.pem'))
  https.present(await ensurePki(join(directory, 'pki'), systemClock))
  expect(await shown()).not.toBe(before)
  expect(await get('/', pki.admin)).toMatchObject({ name: 'admin' })
  const answer = once(old, 'data')
  old.write('GET / HTTP/1.1\r\nhost: localhost\r\n\r\n')
  expect(String(await answer)).toContain('200 OK')
  old.destroy()
})

it('tells the server when a client is gone, and does not outrun it', async () => {
  await new Promise<void>((resolve) => {
    const call = request({ ...options(pki.admin), path: '/stream' }, (response) => {
      response.once('data', () => call.destroy())
      response.on('error', () => {})
    })
    call.on('error', () => {}).on('close', resolve)
    call.end()
  })
  const signal = lastSignal
  if (signal === undefined) throw new Error('the server was asked')
  if (!signal.aborted) await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }))
  expect(signal.aborted).toBe(true)
})

it('answers HEAD with the head of the answer alone', async () => {
  const answer = await new Promise<readonly unknown[]>((resolve, reject) => {
    request({ ...options(pki.admin), path: '/', method: 'HEAD' }, (response) => {
      let length = 0
      response.on('data', (piece: Buffer) => (length += piece.length))
      response.on('end', () => resolve([response.statusCode, Number(response.headers['content-length']) > 10, length]))
    })
      .on('error', reject)
      .end()
  })
  expect(answer).toEqual([200, true, 0])
})

const webSocket = (path: string): WebSocket =>
  new WebSocket(`wss://127.0.0.1:${https.port}${path}`, ['plain.kubevirt.io'], {
    ca: pki.caPem,
    cert: pki.admin.certPem,
    key: pki.admin.keyPem,
  })

it('refuses a conversation with the answer of the server', async () => {
  const refused = await new Promise<readonly unknown[]>((resolve, reject) => {
    webSocket('/refused')
      .on('error', reject)
      .on('unexpected-response', (_, response) => {
        let text = ''
        response.setEncoding('utf8').on('data', (piece: string) => (text += piece))
        response.on('end', () => resolve([response.statusCode, text]))
      })
  })
  expect(refused).toEqual([403, '{"code":403}'])
})

it('says why a conversation ended that failed', async () => {
  const [code, reason] = await new Promise<readonly [number, Buffer]>((resolve, reject) => {
    webSocket('/broken')
      .on('error', reject)
      .on('close', (...closed) => resolve(closed))
  })
  expect([code, reason.toString()]).toEqual([1011, 'it broke'])
})

it('talks over WebSockets', async () => {
  const socket = webSocket('/x')
  const answer = await new Promise((resolve, reject) => {
    socket.on('error', reject)
    socket.on('open', () => socket.send('hello'))
    socket.on('message', (data: Buffer) => resolve(data.toString()))
  })
  expect([answer, socket.protocol]).toEqual(['HELLO', 'plain.kubevirt.io'])
  socket.terminate()
})

it('keeps certificates for their owner, makes them once, and renews them in time', async () => {
  expect(statSync(join(directory, 'pki', 'ca.pem')).mode & 0o777).toBe(0o600)
  expect((await ensurePki(join(directory, 'pki'), systemClock)).server).toEqual(pki.server)
  const later = { ...systemClock, now: () => Date.now() + 340 * 86_400_000 }
  const renewed = await ensurePki(join(directory, 'pki'), later)
  expect([renewed.caPem === pki.caPem, renewed.server.certPem === pki.server.certPem]).toEqual([true, false])
})

it('writes a kubeconfig for its owner alone', () => {
  const file = join(directory, 'kubeconfig')
  writeKubeconfig(file, { server: `https://127.0.0.1:${https.port}`, caPem: pki.caPem, client: pki.admin })
  expect(statSync(file).mode & 0o777).toBe(0o600)
  const { clusters } = JSON.parse(readFileSync(file, 'utf8')) as { clusters: { cluster: { server: string } }[] }
  expect(clusters[0]?.cluster.server).toBe(`https://127.0.0.1:${https.port}`)
})

it.each(['/refuse-unread', '/refuse-midway'])(
  'answers %s before the body has come, and lets its sender get to reading',
  async (path) => {
    const socket = connect(options())
    const heard: Buffer[] = []
    socket.write(`POST ${path} HTTP/1.1\r\nHost: weir\r\nContent-Length: ${2 ** 40}\r\n\r\n`)
    // More than lies in the buffers of any socket: a connection that was closed would break here.
    await promisify<Buffer, undefined>((bytes, done) => socket.write(bytes, (error) => done(error ?? null, undefined)))(
      Buffer.alloc(2 ** 25),
    )
    socket.on('data', (bytes: Buffer) => heard.push(bytes)).end()
    await once(socket, 'close')
    expect(Buffer.concat(heard).toString()).toMatch(/^HTTP\/1\.1 507 .*no room$/su)
  },
)
