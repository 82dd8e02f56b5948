/**
 * The API over HTTPS with fsync on: creates of 1 KB ConfigMaps by 64 clients, a list of 10,000 of them, and 1,000 watchers that
 * each must get each of 1,000 events in order. The server is in this process: its clients cost it CPU.
 */
import { randomUUID } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { Agent, request } from 'node:https'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { builtinKinds } from '../../packages/api/src/index.ts'
import { createApiServer, createAuthorizer, ensurePki, serveHttps } from '../../packages/apiserver/src/index.ts'
import { silentLogger, systemClock } from '../../packages/base/src/index.ts'
import { createSqliteDriver, openRevisionLog } from '../../packages/store/src/index.ts'

const directory = mkdtempSync(join(tmpdir(), 'weir-bench-'))
const log = await openRevisionLog(createSqliteDriver(join(directory, 'log.db')))
const server = createApiServer({
  log,
  clock: systemClock,
  logger: silentLogger,
  random: Math.random,
  newUid: randomUUID,
  builtins: builtinKinds,
  extensions: [],
  rawRoutes: [],
  authenticate: () => undefined,
  authorize: createAuthorizer({}),
})
await server.install([])
const pki = await ensurePki(join(directory, 'pki'), systemClock)
const https = await serveHttps({ server, pki, host: '127.0.0.1', port: 0, logger: silentLogger })
const agent = new Agent({ keepAlive: true, maxSockets: 64, ca: pki.caPem, cert: pki.admin.certPem, key: pki.admin.keyPem })

const call = (method: string, path: string, body?: string): Promise<string> =>
  new Promise((resolve, reject) => {
    const outgoing = request(
      { host: '127.0.0.1', port: https.port, agent, method, path, headers: { 'content-type': 'application/json' } },
      (response) => {
        let text = ''
        response.setEncoding('utf8').on('data', (part: string) => (text += part))
        response.on('end', () =>
          response.statusCode !== undefined && response.statusCode < 300 ? resolve(text) : reject(new Error(text)),
        )
      },
    )
    outgoing.on('error', reject)
    outgoing.end(body)
  })

const path = '/api/v1/namespaces/default/configmaps'
const value = 'x'.repeat(900)
const count = 10_000
let next = 0
const begun = performance.now()
await Promise.all(
  Array.from({ length: 64 }, async () => {
    while (next < count) await call('POST', path, JSON.stringify({ metadata: { name: `m-${next++}` }, data: { value } }))
  }),
)
const seconds = (performance.now() - begun) / 1000
console.log(`HTTPS creates of a 1 KB ConfigMap, 64 clients   ${(count / seconds).toFixed(0)}/s`)

const lists: number[] = []
for (let round = 0; round < 5; round++) {
  const start = performance.now()
  await call('GET', path)
  lists.push(performance.now() - start)
}
console.log(`list of ${count} ConfigMaps, median of 5          ${lists.toSorted((a, b) => a - b)[2]?.toFixed(0)} ms (goal 500)`)

const watchers = 1000
const events = 1000
const head = log.head()
let wrong = 0
const started = performance.now()
const done = Array.from({ length: watchers }, async () => {
  const stop = new AbortController()
  const response = await server.handle({
    method: 'GET',
    path: '/api/v1/namespaces/kube-public/configmaps',
    query: new URLSearchParams({ watch: 'true', resourceVersion: String(head) }),
    headers: {},
    user: { name: 'admin', groups: ['system:masters'] },
    body: (async function* nothing(): AsyncGenerator<Uint8Array> {})(),
    signal: stop.signal,
  })
  let seen = 0
  let last = head
  if (typeof response.body === 'string') throw new Error('a watch streams')
  for await (const text of response.body) {
    for (const [, version] of text.matchAll(/"type":"ADDED".{0,80}?"resourceVersion":"(\d+)"/gu)) {
      if (Number(version) !== last + 1) wrong++
      last = Number(version)
      seen++
    }
    if (seen >= events) stop.abort()
  }
  return seen
})
await new Promise((resolve) => {
  setImmediate(resolve)
})
for (let i = 0; i < events; i++)
  await call('POST', '/api/v1/namespaces/kube-public/configmaps', JSON.stringify({ metadata: { name: `w-${i}` } }))
const seen = await Promise.all(done)
console.log(
  `${watchers} watchers x ${events} events (in process)            ${seen.every((each) => each === events) ? 'all' : 'NOT all'} received, ${wrong} out of order, ${((performance.now() - started) / 1000).toFixed(1)} s`,
)
agent.destroy()
await https.close()
server.close()
await log.close()
rmSync(directory, { recursive: true })
