import { builtinKinds } from '@weir/api'
import { silentLogger, systemClock } from '@weir/base'
import { createMemoryDriver, type Driver, openRevisionLog } from '@weir/store'
import { randomUUID } from 'node:crypto'
import { expect, it } from 'vitest'
import { createApiServer, createAuthorizer, createTokenAuthenticator } from './index.ts'

/** A driver that takes its time as a disk does: several requests come while a write is on its way. */
function slowDriver(): Driver {
  const driver = createMemoryDriver()
  let last: Promise<void> = Promise.resolve()
  return {
    ...driver,
    append: (batch) => {
      last = last.then(async () => {
        for (let turn = 0; turn < 20; turn++) await new Promise(setImmediate)
        await driver.append(batch)
      })
      return last
    },
  }
}

async function createServer() {
  const server = createApiServer({
    log: await openRevisionLog(slowDriver()),
    clock: systemClock,
    logger: silentLogger,
    random: Math.random,
    newUid: randomUUID,
    builtins: builtinKinds,
    extensions: [],
    rawRoutes: [],
    authenticate: createTokenAuthenticator(new Map()),
    authorize: createAuthorizer({}),
  })
  await server.install([])
  return async (method: string, path: string, body?: unknown, type = 'application/json') => {
    const response = await server.handle({
      method,
      path,
      query: new URLSearchParams(),
      headers: { 'content-type': type },
      user: { name: 'admin', groups: ['system:masters'] },
      body: (async function* text() {
        if (body !== undefined) yield Buffer.from(JSON.stringify(body))
      })(),
      signal: new AbortController().signal,
    })
    return { code: response.code, object: JSON.parse(response.body as string) as { data?: Record<string, string> } }
  }
}

const maps = '/api/v1/namespaces/default/configmaps'

it('lets patches that name no version all have their effect, whatever is on its way to the disk', async () => {
  const call = await createServer()
  await call('POST', maps, { metadata: { name: 'shared' }, data: {} })
  const patch = (key: string) => call('PATCH', `${maps}/shared`, { data: { [key]: key } }, 'application/merge-patch+json')
  expect((await Promise.all(['a', 'b', 'c', 'd', 'e'].map(patch))).map(({ code }) => code)).toEqual([200, 200, 200, 200, 200])
  expect((await call('GET', `${maps}/shared`)).object.data).toEqual({ a: 'a', b: 'b', c: 'c', d: 'd', e: 'e' })
})

it('deletes while a write is on its way', async () => {
  const call = await createServer()
  await call('POST', maps, { metadata: { name: 'shared' }, data: {} })
  const [deleted, patched] = await Promise.all([
    call('DELETE', `${maps}/shared`),
    call('PATCH', `${maps}/shared`, { data: { a: 'a' } }, 'application/merge-patch+json'),
  ])
  // Either may be first.
  expect([deleted.code, [200, 404].includes(patched.code)]).toEqual([200, true])
  expect((await call('GET', `${maps}/shared`)).code).toBe(404)
})
