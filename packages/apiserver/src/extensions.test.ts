import { randomUUID } from 'node:crypto'
import { type ApiExtension, builtinKinds, type ExtensionCall, type RawRoute } from '@weir/api'
import { type Logger, silentLogger, systemClock, WeirError } from '@weir/base'
import { createMemoryDriver, openRevisionLog } from '@weir/store'
import { beforeEach, describe, expect, it } from 'vitest'
import { type ApiRequest, type ApiServer, createApiServer, createAuthorizer } from './index.ts'

let server: ApiServer
let calls: ExtensionCall[]
let logged: unknown[]

const resource = (name: string, verbs: readonly string[]) => ({ name, kind: 'Thing', namespaced: true, verbs })
const extension: ApiExtension = {
  group: 'things.example.dev',
  version: 'v1',
  resources: [resource('things', ['create']), resource('things/start', ['update']), resource('things/console', ['get'])],
  handle: async (call) => {
    calls.push(call)
    if (call.name === 'missing') throw new WeirError('API_NOT_FOUND', 'there is no such thing')
    if (call.name === 'broken') throw new TypeError('secret detail')
    if (call.subresource === 'console') return { kind: 'Channel', protocols: ['plain'], run: async () => {} }
    return { kind: 'Json', code: 202, body: { kind: 'Thing', by: call.user } }
  },
}
const upload: RawRoute = {
  path: '/upload',
  handle: async ({ method, query, body }) => {
    let bytes = 0
    for await (const piece of body) bytes += piece.length
    return { code: 200, body: `${method} ${query.get('x') ?? ''} ${bytes}` }
  },
}

beforeEach(async () => {
  calls = []
  logged = []
  const logger: Logger = { ...silentLogger, error: (_message, error) => void logged.push(error) }
  server = createApiServer({
    log: await openRevisionLog(createMemoryDriver()),
    clock: systemClock,
    logger,
    random: Math.random,
    newUid: randomUUID,
    builtins: builtinKinds,
    extensions: [extension],
    rawRoutes: [upload],
    authenticate: () => undefined,
    authorize: createAuthorizer({
      operator: [{ groups: ['things.example.dev'], resources: ['things/start'], verbs: ['update'] }],
    }),
  })
})

function requestOf(method: string, target: string, more: Partial<ApiRequest> = {}): ApiRequest {
  const [path = '', query = ''] = target.split('?')
  return {
    method,
    path,
    query: new URLSearchParams(query),
    headers: {},
    user: { name: 'admin', groups: ['system:masters'] },
    body: (async function* text() {
      yield Buffer.from('body')
    })(),
    signal: new AbortController().signal,
    ...more,
  }
}
async function ask(method: string, target: string, more: Partial<ApiRequest> = {}) {
  const { code, headers, body } = await server.handle(requestOf(method, target, more))
  return { code, headers, body: typeof body === 'string' ? body : '' }
}

const things = '/apis/things.example.dev/v1/namespaces/n/things'

describe('a group that code serves', () => {
  it('is told what is asked, by whom', async () => {
    const answer = await ask('PUT', `${things}/a/start?force=1`)
    expect([answer.code, JSON.parse(answer.body)]).toEqual([202, { kind: 'Thing', by: 'admin' }])
    expect(calls[0]).toMatchObject({
      method: 'PUT',
      resource: 'things',
      namespace: 'n',
      name: 'a',
      subresource: 'start',
      tail: '',
    })
    expect([...(calls[0]?.query ?? [])]).toEqual([['force', '1']])
  })

  it('answers with a Status by the family of its errors, and tells nothing of those that nobody expected', async () => {
    expect(JSON.parse((await ask('PUT', `${things}/missing/start`)).body)).toMatchObject({ code: 404, reason: 'NotFound' })
    expect(logged).toEqual([])
    const broken = await ask('PUT', `${things}/broken/start`)
    expect([broken.code, broken.body.includes('secret')]).toEqual([500, false])
    expect(logged).toEqual([new TypeError('secret detail')])
  })

  it('is reached by those who may, and only where it is', async () => {
    const operator = { user: { name: 'operator', groups: [] } }
    expect((await ask('PUT', `${things}/a/start`, operator)).code).toBe(202)
    expect((await ask('POST', things, operator)).code).toBe(403)
    expect((await ask('PUT', `${things}/a/stop`)).code).toBe(404)
    expect((await ask('PUT', '/apis/things.example.dev/v2/things/a/start')).code).toBe(404)
    expect(calls).toHaveLength(1)
  })

  it('stands in discovery, legacy and aggregated', async () => {
    const { resources } = JSON.parse((await ask('GET', '/apis/things.example.dev/v1')).body) as { resources: { name: string }[] }
    expect(resources.map(({ name }) => name)).toEqual(['things', 'things/start', 'things/console'])
    const accept = 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList'
    const { items } = JSON.parse((await ask('GET', '/apis', { headers: { accept } })).body) as {
      items: { metadata: { name: string }; versions: { resources: object[] }[] }[]
    }
    expect(items.find(({ metadata }) => metadata.name === 'things.example.dev')?.versions[0]?.resources).toMatchObject([
      { resource: 'things', verbs: ['create'], subresources: [{ subresource: 'start' }, { subresource: 'console' }] },
    ])
  })

  it('holds conversations over WebSockets alone', async () => {
    expect((await ask('GET', `${things}/a/console`)).code).toBe(400)
    expect(await server.upgrade(requestOf('GET', `${things}/a/console`))).toMatchObject({ kind: 'Channel', protocols: ['plain'] })
    const refusals = [
      [`${things}/a/start`, 405],
      [`${things}/a/none`, 404],
      ['/healthz', 404],
      [`${things}/missing/console`, 404],
    ] as const
    for (const [path, code] of refusals) {
      expect(await server.upgrade(requestOf('GET', path)), path).toMatchObject({ kind: 'Response', response: { code } })
    }
    const stranger = { user: { name: 'stranger', groups: [] } }
    expect(await server.upgrade(requestOf('GET', `${things}/a/console`, stranger))).toMatchObject({ response: { code: 403 } })
  })
})

it('lets routes beside the API check who asks by themselves', async () => {
  const answer = await ask('POST', '/upload?x=1', { user: { name: 'nobody', groups: [] } })
  expect([answer.code, answer.body, answer.headers['content-type']]).toEqual([200, 'POST 1 4', 'text/plain; charset=utf-8'])
})

describe('documents', () => {
  it.each(['/api', '/apis', '/api/v1', '/apis/coordination.k8s.io', '/openapi/v3', '/openapi/v3/api/v1'])(
    '%s is not sent twice',
    async (path) => {
      const first = await ask('GET', path)
      expect(first.code).toBe(200)
      const again = await ask('GET', path, { headers: { 'if-none-match': first.headers['etag'] ?? '' } })
      expect([again.code, again.body]).toEqual([304, ''])
    },
  )

  it('are read and not written, and by those who are known', async () => {
    expect((await ask('POST', '/version')).code).toBe(405)
    expect((await ask('GET', '/none')).code).toBe(404)
    expect((await ask('GET', '/openapi/v3/apis/none/v1')).code).toBe(404)
    expect((await ask('GET', '/version', { user: { name: 'anybody', groups: [] } })).code).toBe(200)
    expect((await ask('GET', '/metrics', { user: { name: 'anybody', groups: [] } })).code).toBe(403)
    const { user: _, ...unknown } = requestOf('GET', '/openapi/v3')
    expect((await server.handle(unknown)).code).toBe(401)
  })
})
