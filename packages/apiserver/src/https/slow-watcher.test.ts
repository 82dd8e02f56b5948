import { randomUUID } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import type { IncomingMessage } from 'node:http'
import { request } from 'node:https'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { builtinKinds, configMap, type KubernetesObject, type Status } from '@weir/api'
import { silentLogger, systemClock } from '@weir/base'
import { createMemoryDriver, openRevisionLog, type RevisionLog } from '@weir/store'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { createApiServer, createAuthorizer, ensurePki, type HttpsServer, type Pki, serveHttps } from '../index.ts'
import { serialize, storedKey } from '../stored.ts'

let directory: string
let pki: Pki
let https: HttpsServer
let log: RevisionLog
beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), 'weir-slow-'))
  pki = await ensurePki(directory, systemClock)
  log = await openRevisionLog(createMemoryDriver())
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
  https = await serveHttps({ server, pki, host: '127.0.0.1', port: 0, logger: silentLogger })
})
afterEach(async () => {
  await https.close()
  rmSync(directory, { recursive: true })
})

const watch = (query: string): Promise<IncomingMessage> =>
  new Promise((resolve, reject) => {
    const path = `/api/v1/configmaps?watch=true&${query}`
    const { certPem: cert, keyPem: key } = pki.admin
    request({ port: https.port, host: '127.0.0.1', path, ca: pki.caPem, cert, key, agent: false }, resolve)
      .on('error', reject)
      .end()
  })

it('ends the watch of a client that stopped reading, without a gap before the end', async () => {
  const response = await watch('resourceVersion=0')
  response.pause()
  const text = 'x'.repeat(1024 * 1024)
  for (let i = 0; i < 80; i++) {
    const metadata = { name: 'large', namespace: 'default' }
    const object = { apiVersion: 'v1', kind: 'ConfigMap', metadata, data: { text: `${i}${text}` } } as KubernetesObject
    await log.commit({ key: storedKey(configMap, 'default', 'large'), value: serialize(object) })
    await new Promise((resolve) => setImmediate(resolve))
  }
  let body = ''
  for await (const piece of response.setEncoding('utf8')) body += piece as string
  const lines = body.trimEnd().split('\n')
  const last = JSON.parse(lines.pop() ?? '') as { type: string; object: Status }
  expect([last.type, last.object.code, last.object.reason]).toEqual(['ERROR', 410, 'Expired'])
  const told = lines.map((line) => Number(/"resourceVersion":"(\d+)"/u.exec(line)?.[1]))
  expect(told.length).toBeLessThan(80)
  expect(told).toEqual(told.map((_, index) => index + 1))
})

it('refuses a bad time-out with a status code, before the stream begins', async () => {
  const response = await watch('timeoutSeconds=soon')
  response.resume()
  expect(response.statusCode).toBe(400)
})
