import type { KindDefinition, KubernetesObject } from '@weir/api'
import { expect, it } from 'vitest'
import { createClient, type Transport, type TransportRequest } from './index.ts'

interface ConfigMap extends KubernetesObject {
  readonly data?: Readonly<Record<string, string>>
}
const configMaps: KindDefinition<ConfigMap> = {
  group: '',
  version: 'v1',
  kind: 'ConfigMap',
  plural: 'configmaps',
  singular: 'configmap',
  namespaced: true,
  schema: { type: 'object' },
}
const virtualMachines: KindDefinition = { ...configMaps, group: 'kubevirt.io', kind: 'VirtualMachine', plural: 'virtualmachines' }
const encode = (text: string): Uint8Array => new TextEncoder().encode(text)

interface Answer {
  readonly code?: number
  readonly chunks: readonly (Uint8Array | string)[]
  /** Thrown after the last chunk. */
  readonly breaks?: Error
  /** True: the stream stays open until the request is aborted. */
  readonly open?: boolean
}

async function* stream({ chunks, breaks, open }: Answer, signal: AbortSignal | undefined): AsyncGenerator<Uint8Array> {
  for (const chunk of chunks) yield typeof chunk === 'string' ? encode(chunk) : chunk
  if (breaks !== undefined) throw breaks
  if (open === true) {
    await new Promise((_resolve, reject) =>
      signal?.addEventListener('abort', () => {
        reject(signal.reason as Error)
      }),
    )
  }
}

/** Answers in turn, and keeps what was asked. */
function scripted(...answers: readonly Answer[]): Transport & { readonly asked: TransportRequest[] } {
  const asked: TransportRequest[] = []
  return {
    asked,
    request: (request) => {
      const answer = answers[asked.push(request) - 1]
      if (answer === undefined) throw new Error(`no answer to ${request.path}`)
      return Promise.resolve({ code: answer.code ?? 200, headers: {}, body: stream(answer, request.signal) })
    },
  }
}

const status = (code: number, reason: string, message = 'm'): Answer => ({
  code,
  chunks: [JSON.stringify({ apiVersion: 'v1', kind: 'Status', metadata: {}, status: 'Failure', reason, message, code })],
})
const aConfigMap = (name: string, resourceVersion: string): ConfigMap => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name, namespace: 'default', resourceVersion },
})
const aLine = (type: string, name: string, resourceVersion: string): string =>
  `${JSON.stringify({ type, object: aConfigMap(name, resourceVersion) })}\n`

it('asks for an object of the core group by its path', async () => {
  const transport = scripted({ chunks: [JSON.stringify(aConfigMap('a/b', '1'))] })
  await createClient(transport).get(configMaps, { namespace: 'default', name: 'a/b' })
  expect(transport.asked[0]).toMatchObject({ method: 'GET', path: '/api/v1/namespaces/default/configmaps/a%2Fb' })
})

it('patches the status of an object of a group', async () => {
  const transport = scripted({ chunks: [JSON.stringify(aConfigMap('vm', '1'))] })
  const patch = { type: 'merge', body: { status: { ready: true } }, subresource: 'status' } as const
  await createClient(transport).patch(virtualMachines, { namespace: 'web', name: 'vm' }, patch)
  expect(transport.asked[0]).toMatchObject({
    method: 'PATCH',
    path: '/apis/kubevirt.io/v1/namespaces/web/virtualmachines/vm/status',
    headers: { 'content-type': 'application/merge-patch+json' },
    body: '{"status":{"ready":true}}',
  })
})

it('deletes with preconditions', async () => {
  const transport = scripted({ chunks: ['{}'] })
  await createClient(transport).delete(
    configMaps,
    { namespace: 'default', name: 'a' },
    { uid: 'u', propagationPolicy: 'Background' },
  )
  expect(JSON.parse(transport.asked[0]?.body as string)).toEqual({
    apiVersion: 'v1',
    kind: 'DeleteOptions',
    propagationPolicy: 'Background',
    preconditions: { uid: 'u' },
  })
})

it.each([
  [404, 'NotFound', 'API_NOT_FOUND'],
  [409, 'AlreadyExists', 'API_ALREADY_EXISTS'],
  [409, 'Conflict', 'API_CONFLICT'],
  [410, 'Expired', 'API_EXPIRED'],
  [422, 'Invalid', 'API_INVALID'],
  [405, 'MethodNotAllowed', 'API_BAD_REQUEST'],
  [401, 'Unauthorized', 'API_UNAUTHORIZED'],
  [403, 'Forbidden', 'API_FORBIDDEN'],
  [429, 'TooManyRequests', 'API_UNAVAILABLE'],
  [504, 'Timeout', 'API_UNAVAILABLE'],
  [500, 'InternalError', 'API_INTERNAL'],
  [403, 'SomethingNew', 'API_FORBIDDEN'],
  [418, '', 'API_BAD_REQUEST'],
])('turns %d %s into %s', async (code, reason, expected) => {
  const client = createClient(scripted(status(code, reason)))
  await expect(client.get(configMaps, { namespace: 'default', name: 'a' })).rejects.toMatchObject({
    code: expected,
    message: 'm',
  })
})

it('says what was asked if a failure is no Status', async () => {
  const client = createClient(scripted({ code: 502, chunks: ['<html>Bad Gateway</html>'] }))
  await expect(client.raw('GET', '/version')).rejects.toMatchObject({
    code: 'API_UNAVAILABLE',
    message: 'The API server answered 502 to GET /version',
  })
})

it('carries the causes of an invalid object', async () => {
  const body = {
    kind: 'Status',
    reason: 'Invalid',
    message: 'bad',
    code: 422,
    details: { causes: [{ field: 'spec.x', message: 'no' }] },
  }
  const client = createClient(scripted({ code: 422, chunks: [JSON.stringify(body)] }))
  await expect(client.create(configMaps, aConfigMap('a', ''))).rejects.toMatchObject({
    causes: [{ field: 'spec.x', message: 'no' }],
  })
})

it('lists all pages and gives each item its type', async () => {
  const page = (name: string, token?: string): Answer => ({
    chunks: [
      JSON.stringify({
        apiVersion: 'v1',
        kind: 'ConfigMapList',
        metadata: { resourceVersion: '7', ...(token === undefined ? {} : { continue: token }) },
        items: [{ metadata: { name } }],
      }),
    ],
  })
  const transport = scripted(page('a', 't1'), page('b', 't2'), page('c'))
  const list = await createClient(transport).list(configMaps, { namespace: 'default' })
  expect(list.metadata).toEqual({ resourceVersion: '7' })
  expect(list.items).toEqual(['a', 'b', 'c'].map((name) => ({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name } })))
  expect(transport.asked.map(({ path }) => path.split('?')[1])).toEqual([
    'limit=500',
    'limit=500&continue=t1',
    'limit=500&continue=t2',
  ])
})

it('lists anew in one piece if the pages expire half-way', async () => {
  const list = (names: readonly string[], metadata: object): Answer => ({
    chunks: [JSON.stringify({ metadata, items: names.map((name) => ({ metadata: { name } })) })],
  })
  const transport = scripted(
    list(['a'], { resourceVersion: '7', continue: 't' }),
    status(410, 'Expired'),
    list(['a', 'b'], { resourceVersion: '9' }),
  )
  const { metadata, items } = await createClient(transport).list(configMaps)
  expect(metadata.resourceVersion).toBe('9')
  expect(items).toHaveLength(2)
})

const eventsOf = async (transport: Transport, signal?: AbortSignal): Promise<string[]> => {
  const seen: string[] = []
  const options = signal === undefined ? {} : { signal }
  for await (const { type, object } of createClient(transport).watch(configMaps, options))
    seen.push(`${type} ${object.metadata.name}`)
  return seen
}

it('reads watch events whatever the chunks, and drops a half line at the end', async () => {
  const bytes = encode(`${aLine('ADDED', 'ä', '1')}${aLine('DELETED', 'b', '2')}${aLine('ADDED', 'c', '3').slice(0, 20)}`)
  const chunks = [...bytes].map((byte) => Uint8Array.of(byte))
  expect(await eventsOf(scripted({ chunks }))).toEqual(['ADDED ä', 'DELETED b'])
})

it('does not read the last line of a broken stream even if it looks whole', async () => {
  expect(await eventsOf(scripted({ chunks: [aLine('ADDED', 'a', '1').trimEnd()] }))).toEqual([])
})

it.each([
  [
    'an ERROR event',
    `{"type":"ERROR","object":{"kind":"Status","code":410,"reason":"Expired","message":"old"}}\n`,
    'API_EXPIRED',
  ],
  ['a line that is not JSON', '{"type":\n', 'CLIENT_BAD_ANSWER'],
  ['an unknown type', '{"type":"MOVED","object":{"metadata":{}}}\n', 'CLIENT_BAD_ANSWER'],
  ['null', 'null\n', 'CLIENT_BAD_ANSWER'],
  ['a line of 17 MiB', 'x'.repeat(17 * 1024 * 1024), 'CLIENT_BAD_ANSWER'],
])('fails a watch on %s', async (_name, line, code) => {
  await expect(eventsOf(scripted({ chunks: [line] }))).rejects.toMatchObject({ code })
})

it('tells a broken connection from an end', async () => {
  const breaks = new Error('socket hang up')
  await expect(eventsOf(scripted({ chunks: [], breaks }))).rejects.toMatchObject({ code: 'CLIENT_UNREACHABLE', cause: breaks })
})

it('ends a watch quietly when its signal aborts', async () => {
  const stop = new AbortController()
  const client = createClient(scripted({ chunks: [aLine('ADDED', 'a', '1')], open: true }))
  const seen: string[] = []
  for await (const { object } of client.watch(configMaps, { signal: stop.signal })) {
    seen.push(object.metadata.name)
    setImmediate(() => stop.abort())
  }
  expect(seen).toEqual(['a'])
})

it('ends the request when the reader leaves the loop', async () => {
  const transport = scripted({ chunks: [aLine('ADDED', 'a', '1')], open: true })
  for await (const _event of createClient(transport).watch(configMaps, {})) break
  expect(transport.asked[0]?.signal?.aborted).toBe(true)
})

it('rejects with the reason of an aborted signal', async () => {
  const reason = new Error('stopped')
  const client = createClient(scripted())
  await expect(client.get(configMaps, { name: 'a' }, AbortSignal.abort(reason))).rejects.toBe(reason)
})
