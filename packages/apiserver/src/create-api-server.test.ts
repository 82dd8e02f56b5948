import { builtinKinds, crdOf, customKinds, virtualMachine, type KubernetesObject, type Status } from '@weir/api'
import { silentLogger, systemClock } from '@weir/base'
import { createMemoryDriver, openRevisionLog } from '@weir/store'
import { randomUUID } from 'node:crypto'
import { beforeEach, describe, expect, it } from 'vitest'
import { type ApiResponse, type ApiServer, createApiServer, createAuthorizer, createTokenAuthenticator } from './index.ts'

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
    authenticate: createTokenAuthenticator(new Map([['secret', { name: 'reader', groups: [] }]])),
    authorize: createAuthorizer({ reader: [{ groups: [''], resources: ['configmaps'], verbs: ['get', 'list'] }] }),
  })
  await server.install(customKinds.map(crdOf))
})

interface Options {
  readonly type?: string
  readonly accept?: string
  readonly token?: string
  readonly signal?: AbortSignal
}

async function send(method: string, target: string, body?: unknown, options: Options = {}): Promise<ApiResponse> {
  const [path = '', query = ''] = target.split('?')
  return server.handle({
    method,
    path,
    query: new URLSearchParams(query),
    headers: {
      'content-type': options.type ?? 'application/json',
      ...(options.accept === undefined ? {} : { accept: options.accept }),
      ...(options.token === undefined ? {} : { authorization: `Bearer ${options.token}` }),
    },
    ...(options.token === undefined ? { user: { name: 'admin', groups: ['system:masters'] } } : {}),
    body: (async function* text() {
      if (body !== undefined) yield Buffer.from(typeof body === 'string' ? body : JSON.stringify(body))
    })(),
    signal: options.signal ?? new AbortController().signal,
  })
}

async function textOf({ body }: ApiResponse): Promise<string> {
  if (typeof body === 'string') return body
  let text = ''
  for await (const piece of body) text += piece
  return text
}

async function call<T = KubernetesObject & { status: never }>(
  method: string,
  target: string,
  body?: unknown,
  options: Options = {},
): Promise<T & { readonly code: number }> {
  const response = await send(method, target, body, options)
  return { ...(JSON.parse(await textOf(response)) as T), code: response.code }
}

const maps = '/api/v1/namespaces/default/configmaps'
const machines = '/apis/kubevirt.io/v1/namespaces/default/virtualmachines'
const map = (name: string, data: Record<string, string> = {}) => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name },
  data,
})
const machine = (name: string) => ({
  apiVersion: 'kubevirt.io/v1',
  kind: 'VirtualMachine',
  metadata: { name },
  spec: { runStrategy: 'Halted', template: { spec: { domain: { devices: {} } } } },
})

describe('writing', () => {
  it('creates with what the server alone decides, and refuses a second one', async () => {
    const created = await call('POST', maps, map('a', { x: '1' }))
    expect(created).toMatchObject({ code: 201, metadata: { name: 'a', namespace: 'default', generation: 1 } })
    expect(created.metadata.uid).toMatch(/^[0-9a-f-]{36}$/u)
    expect(await call('GET', `${maps}/a`)).toMatchObject({ code: 200, metadata: created.metadata, data: { x: '1' } })
    expect(await call<Status>('POST', maps, map('a'))).toMatchObject({
      code: 409,
      reason: 'AlreadyExists',
      message: 'configmaps "a" already exists',
    })
  })

  it('makes names from generateName', async () => {
    const { metadata } = await call('POST', maps, { ...map(''), metadata: { generateName: 'job-' } })
    expect(metadata.name).toMatch(/^job-[b-z2-9]{5}$/u)
  })

  it('refuses an update built on an old version, and writes nothing when nothing changed', async () => {
    const first = await call('POST', maps, map('a', { x: '1' }))
    const second = await call('PUT', `${maps}/a`, { ...map('a', { x: '2' }), metadata: first.metadata })
    expect(second.code).toBe(200)
    expect(await call<Status>('PUT', `${maps}/a`, { ...map('a', { x: '3' }), metadata: first.metadata })).toMatchObject({
      code: 409,
      reason: 'Conflict',
    })
    const same = await call('PUT', `${maps}/a`, map('a', { x: '2' }))
    expect(same.metadata.resourceVersion).toBe(second.metadata.resourceVersion)
  })

  it('keeps spec and status apart and counts generations of the spec', async () => {
    await call('POST', machines, { ...machine('m'), status: { printableStatus: 'Running' } })
    const status = await call(
      'PATCH',
      `${machines}/m/status`,
      { status: { ready: true }, spec: { runStrategy: 'Always' } },
      { type: 'application/merge-patch+json' },
    )
    expect(status).toMatchObject({
      code: 200,
      metadata: { generation: 1 },
      spec: { runStrategy: 'Halted' },
      status: { ready: true },
    })
    const spec = await call('PATCH', `${machines}/m`, [{ op: 'replace', path: '/spec/runStrategy', value: 'Always' }], {
      type: 'application/json-patch+json',
    })
    expect(spec).toMatchObject({ metadata: { generation: 2 }, spec: { runStrategy: 'Always' }, status: { ready: true } })
  })

  it('names every wrong field, and unknown ones when asked to be strict', async () => {
    const bad = { ...machine('m'), spec: { ...machine('m').spec, runStrategy: 'Sometimes', colour: 'red' } }
    expect(await call<Status>('POST', machines, bad)).toMatchObject({
      code: 422,
      reason: 'Invalid',
      details: { causes: [{ field: 'spec.runStrategy', reason: 'FieldValueNotSupported' }] },
    })
    expect((await call<Status>('POST', `${machines}?fieldValidation=Strict`, bad)).message).toContain(
      'unknown field "spec.colour"',
    )
    const warned = await send('POST', machines, { ...machine('m'), colour: 'red' })
    expect(warned.headers['warning']).toBe('299 - "unknown field \\"colour\\""')
  })

  it('reads YAML, but no text that stands for a huge tree', async () => {
    expect((await call('POST', maps, 'metadata: {name: y1}\ndata: {a: b}\n', { type: 'application/yaml' })).code).toBe(201)
    const levels = Array.from(
      { length: 9 },
      (_, i) => `l${i + 1}: &l${i + 1} [${Array.from({ length: 9 }, () => `*l${i}`).join(', ')}]`,
    )
    const bomb = `metadata: {name: y2}\nl0: &l0 [x, x, x, x, x, x, x, x, x]\n${levels.join('\n')}\n`
    expect((await call('POST', maps, bomb, { type: 'application/yaml' })).code).toBe(400)
  })

  it('writes nothing on a dry run', async () => {
    expect((await call('POST', `${maps}?dryRun=All`, map('a'))).code).toBe(201)
    expect((await call('GET', `${maps}/a`)).code).toBe(404)
  })

  it('answers what it does not take with a Status, not with silence', async () => {
    expect((await call('POST', maps, 'k8s\0', { type: 'application/vnd.kubernetes.protobuf' })).code).toBe(415)
    expect((await call('PATCH', `${maps}/a`, '{}', { type: 'application/apply-patch+yaml' })).code).toBe(415)
    expect((await call('GET', maps, undefined, { accept: 'application/vnd.kubernetes.protobuf' })).code).toBe(406)
    expect((await call('POST', maps, '{')).code).toBe(400)
    expect((await call('GET', '/apis/none.example/v1/things')).code).toBe(404)
    expect((await call('POST', `${maps}/a`, map('a'))).code).toBe(405)
    expect((await call('POST', '/api/v1/namespaces/nowhere/configmaps', map('a'))).code).toBe(404)
    expect((await call('POST', maps, `"${'x'.repeat(3 * 1024 * 1024)}"`)).code).toBe(413)
  })
})

describe('deleting', () => {
  it('waits for finalizers', async () => {
    await call('POST', maps, { ...map('a'), metadata: { name: 'a', finalizers: ['example.com/hold'] } })
    const marked = await call('DELETE', `${maps}/a`)
    expect(marked.metadata.deletionTimestamp).toBeDefined()
    await call('PATCH', `${maps}/a`, { metadata: { finalizers: null } }, { type: 'application/merge-patch+json' })
    expect((await call('GET', `${maps}/a`)).code).toBe(404)
  })

  it('deletes only the object that was meant', async () => {
    await call('POST', maps, map('a'))
    expect((await call('DELETE', `${maps}/a`, { preconditions: { uid: 'another' } })).code).toBe(409)
    expect((await call('DELETE', `${maps}/a`)).code).toBe(200)
  })

  it('ends a namespace with all that is in it', async () => {
    await call('POST', '/api/v1/namespaces', { metadata: { name: 'team' } })
    await call('POST', '/api/v1/namespaces/team/configmaps', map('a'))
    await call('DELETE', '/api/v1/namespaces/team')
    expect((await call('POST', '/api/v1/namespaces/team/configmaps', map('b'))).code).toBe(403)
    await server.housekeeping.settle()
    expect((await call('GET', '/api/v1/namespaces/team')).code).toBe(404)
    expect((await call<{ items: [] }>('GET', '/api/v1/configmaps')).items).toEqual([])
  })
})

describe('reading', () => {
  it('pages through one state', async () => {
    for (const name of ['a', 'b', 'c']) await call('POST', maps, map(name))
    const first = await call<{ items: KubernetesObject[]; metadata: { continue: string; remainingItemCount: number } }>(
      'GET',
      `${maps}?limit=2`,
    )
    expect(first.metadata.remainingItemCount).toBe(1)
    await call('DELETE', `${maps}/c`)
    const rest = await call<{ items: KubernetesObject[] }>('GET', `${maps}?limit=2&continue=${first.metadata.continue}`)
    expect([...first.items, ...rest.items].map(({ metadata }) => metadata.name)).toEqual(['a', 'b', 'c'])
  })

  it('selects by labels and fields', async () => {
    for (const [name, tier] of [
      ['a', 'web'],
      ['b', 'db'],
      ['c', 'web'],
    ] as const)
      await call('POST', maps, { ...map(name), metadata: { name, labels: { tier } } })
    const names = async (query: string) =>
      (await call<{ items: KubernetesObject[] }>('GET', `${maps}?${query}`)).items.map(({ metadata }) => metadata.name)
    expect(await names('labelSelector=tier%20in%20(web),tier')).toEqual(['a', 'c'])
    expect(await names('labelSelector=tier!=web')).toEqual(['b'])
    expect(await names('fieldSelector=metadata.name=b')).toEqual(['b'])
    expect((await call('GET', `${maps}?fieldSelector=data.x=1`)).code).toBe(400)
  })

  it('shows tables', async () => {
    await call('POST', machines, machine('m'))
    const table = await call<{ kind: string; columnDefinitions: { name: string }[]; rows: { cells: string[] }[] }>(
      'GET',
      machines,
      undefined,
      { accept: 'application/json;as=Table;v=v1;g=meta.k8s.io,application/json' },
    )
    expect(table.columnDefinitions.map(({ name }) => name)).toEqual(['Name', 'Age', 'Status', 'Ready'])
    expect(table.rows[0]?.cells[0]).toBe('m')
  })

  it('watches: the state, then every change in order, then a bookmark', async () => {
    await call('POST', maps, map('a'))
    const abort = new AbortController()
    const { body } = await send(
      'GET',
      `${maps}?watch=true&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true`,
      undefined,
      { signal: abort.signal },
    )
    if (typeof body === 'string') throw new Error('a watch streams')
    const seen: string[] = []
    const reading = (async () => {
      for await (const piece of body) {
        for (const line of piece.trim().split('\n')) {
          const { type, object } = JSON.parse(line) as { type: string; object: KubernetesObject }
          seen.push(`${type} ${object.metadata.name ?? ''}`.trim())
        }
        if (seen.length >= 5) abort.abort()
      }
    })()
    await call('POST', maps, map('b'))
    await call('PUT', `${maps}/b`, map('b', { x: '1' }))
    await call('DELETE', `${maps}/b`)
    await reading
    expect(seen).toEqual(['ADDED a', 'BOOKMARK', 'ADDED b', 'MODIFIED b', 'DELETED b'])
  })

  it('refuses a watch that makes no sense before it begins', async () => {
    expect((await send('GET', `${maps}?watch=true&resourceVersion=x`)).code).toBe(400)
  })

  it('serves discovery and OpenAPI of custom kinds', async () => {
    const group = await call<{ resources: { name: string }[] }>('GET', '/apis/kubevirt.io/v1')
    expect(group.resources.map(({ name }) => name)).toContain('virtualmachines/status')
    const index = await call<{ paths: Record<string, unknown> }>('GET', '/openapi/v3')
    expect(Object.keys(index.paths)).toContain('apis/kubevirt.io/v1')
    expect(virtualMachine.plural).toBe('virtualmachines')
  })
})

describe('access', () => {
  it('knows nobody without a certificate or token, and lets each do what it may', async () => {
    expect((await call('GET', maps, undefined, { token: 'wrong' })).code).toBe(401)
    for (const open of ['/healthz', '/livez/ping', '/readyz', '/version'])
      expect((await send('GET', open, undefined, { token: 'wrong' })).code).toBe(200)
    for (const [method, path] of [
      ['POST', '/healthz'],
      ['GET', '/healthzz'],
      ['GET', '/versions'],
      ['GET', '/apis'],
    ] as const)
      expect((await send(method, path, undefined, { token: 'wrong' })).code).toBe(401)
    expect((await call('GET', maps, undefined, { token: 'secret' })).code).toBe(200)
    expect(await call<Status>('POST', maps, map('a'), { token: 'secret' })).toMatchObject({ code: 403, reason: 'Forbidden' })
    expect((await call('GET', '/api/v1/namespaces/default/secrets', undefined, { token: 'secret' })).code).toBe(403)
    expect((await call('GET', '/apis', undefined, { token: 'secret' })).code).toBe(200)
  })
})
