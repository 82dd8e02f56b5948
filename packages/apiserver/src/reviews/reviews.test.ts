import { randomUUID } from 'node:crypto'
import { builtinKinds } from '@weir/api'
import { silentLogger, systemClock } from '@weir/base'
import { createMemoryDriver, openRevisionLog } from '@weir/store'
import { beforeEach, describe, expect, it } from 'vitest'
import { type ApiServer, createApiServer, createAuthorizer, type User } from '../index.ts'

let server: ApiServer
beforeEach(async () => {
  server = createApiServer({
    log: await openRevisionLog(createMemoryDriver()),
    clock: systemClock,
    logger: silentLogger,
    random: Math.random,
    newUid: randomUUID,
    builtins: builtinKinds,
    extensions: [],
    rawRoutes: [],
    authenticate: () => undefined,
    authorize: createAuthorizer({
      reader: [{ groups: [''], resources: ['configmaps', 'nodes/status'], verbs: ['get', 'list'] }],
    }),
  })
})

const admin: User = { name: 'admin', groups: ['system:masters'] }
const reader: User = { name: 'reader', groups: ['system:authenticated'] }
async function ask(user: User, resource: string, body: unknown, method = 'POST') {
  const group = resource === 'selfsubjectreviews' ? 'authentication.k8s.io' : 'authorization.k8s.io'
  const answer = await server.handle({
    method,
    path: `/apis/${group}/v1/${resource}`,
    query: new URLSearchParams(),
    headers: {},
    user,
    body: (async function* text() {
      yield Buffer.from(JSON.stringify(body))
    })(),
    signal: new AbortController().signal,
  })
  const { status } = JSON.parse(typeof answer.body === 'string' ? answer.body : '') as { readonly status: unknown }
  return { code: answer.code, status }
}
const about = (verb: string, resource: string, more: object = {}) => ({
  spec: { resourceAttributes: { verb, resource, ...more } },
})
const aboutPath = (path: string) => ({ spec: { nonResourceAttributes: { verb: 'get', path } } })

describe('may I', () => {
  it.each<[user: User, body: object, isAllowed: boolean]>([
    [admin, about('*', '*', { group: '*' }), true],
    [admin, aboutPath('/metrics'), true],
    [reader, about('get', 'configmaps', { namespace: 'default', name: 'x' }), true],
    [reader, about('delete', 'configmaps'), false],
    [reader, about('*', 'configmaps'), false],
    [reader, about('get', 'configmaps', { group: 'apps' }), false],
    [reader, about('get', 'nodes', { subresource: 'status' }), true],
    [reader, about('get', 'nodes'), false],
    [reader, aboutPath('/healthz'), true],
    [reader, aboutPath('/healthzz'), false],
  ])('%j: %j', async (user, body, isAllowed) => {
    expect(await ask(user, 'selfsubjectaccessreviews', body)).toEqual({ code: 201, status: { allowed: isAllowed } })
  })

  it.each<[string, unknown]>([
    ['nothing', {}],
    ['both', { spec: { ...about('get', 'x').spec, ...aboutPath('/x').spec } }],
    ['no text', about('get', 'x', { namespace: 1 })],
    ['another kind', { kind: 'SubjectAccessReview', ...about('get', 'x') }],
    ['no object', []],
  ])('is refused when it asks for %s', async (_, body) => {
    expect((await ask(reader, 'selfsubjectaccessreviews', body)).code).toBe(400)
  })
})

it('tells who asks', async () => {
  expect(await ask(reader, 'selfsubjectreviews', {})).toEqual({
    code: 201,
    status: { userInfo: { username: 'reader', groups: ['system:authenticated'] } },
  })
})

it('tells what who asks may do', async () => {
  expect((await ask(reader, 'selfsubjectrulesreviews', { spec: { namespace: 'default' } })).status).toMatchObject({
    resourceRules: [{ apiGroups: [''], resources: ['configmaps', 'nodes/status'], verbs: ['get', 'list'] }],
    nonResourceRules: [{ verbs: ['get'] }],
    incomplete: false,
  })
  expect((await ask(admin, 'selfsubjectrulesreviews', {})).status).toMatchObject({
    resourceRules: [{ apiGroups: ['*'], resources: ['*'], verbs: ['*'] }],
  })
})

it('tells of others to those who may know', async () => {
  const body = { spec: { user: 'reader', groups: ['a'], ...about('list', 'configmaps').spec } }
  expect(await ask(admin, 'subjectaccessreviews', body)).toEqual({ code: 201, status: { allowed: true } })
  expect((await ask(reader, 'subjectaccessreviews', body)).code).toBe(403)
  expect((await ask(admin, 'subjectaccessreviews', about('get', 'x'))).code).toBe(400)
  expect((await ask(admin, 'subjectaccessreviews', { spec: { groups: [1], ...about('get', 'x').spec } })).code).toBe(400)
})

it('stores nothing that could be read', async () => {
  expect((await ask(admin, 'selfsubjectreviews', {}, 'GET')).code).toBe(405)
  expect((await ask(admin, 'selfsubjectrumours', {})).code).toBe(404)
})
