import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { KindDefinition, KubernetesObject } from '@weir/api'
// By path: these parts are for the API server alone, and no public names of its package.
import { createOpenApi } from '../../packages/apiserver/src/openapi/openapi.ts'
import { isJsonObject, type JsonObject, mapValues } from '../../packages/apiserver/src/schema/json.ts'
import { applyStrategicMerge } from '../../packages/apiserver/src/schema/strategic-merge.ts'
import { renderTable } from '../../packages/apiserver/src/table/render.ts'

/** The least server around the documents, tables and patches, so that kubectl can judge these alone. Nothing is validated. */
export async function startStandIn(kinds: readonly KindDefinition[]) {
  const objects = new Map<string, JsonObject>()
  const openApi = createOpenApi({ kinds: () => kinds, generation: () => 1 })
  const answer = (call: Call): Answer => discover(kinds, call) ?? describeKinds(openApi, call) ?? serve({ kinds, objects }, call)
  const server = createServer((request, response) => void reply(request, response, answer))
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    object: (path: string) => objects.get(path),
    close: () => new Promise<void>((resolve) => void server.close(() => resolve())),
  }
}

interface Call {
  readonly method: string
  readonly url: URL
  readonly type: string
  readonly accept: string
  readonly body: string
}

interface Answer {
  readonly code: number
  readonly body: unknown
}

async function reply(request: IncomingMessage, response: ServerResponse, answer: (call: Call) => Answer): Promise<void> {
  let body = ''
  for await (const chunk of request) body += String(chunk)
  const { 'content-type': type = '', accept = '' } = request.headers
  const url = new URL(request.url ?? '/', 'http://localhost')
  const result = answer({ method: request.method ?? 'GET', url, type, accept, body })
  response.writeHead(result.code, { 'content-type': 'application/json' })
  response.end(typeof result.body === 'string' ? result.body : JSON.stringify(result.body))
}

const failure = (code: number, reason: string): Answer => ({
  code,
  body: { kind: 'Status', apiVersion: 'v1', status: 'Failure', reason, code, message: reason },
})
const ok = (body: unknown): Answer => ({ code: 200, body })
const verbs = ['create', 'delete', 'get', 'list', 'patch', 'update', 'watch']

function discover(kinds: readonly KindDefinition[], { url: { pathname } }: Call): Answer | undefined {
  if (pathname === '/version') return ok({ major: '1', minor: '35', gitVersion: 'v1.35.0' })
  if (pathname === '/api') return ok({ kind: 'APIVersions', versions: ['v1'] })
  if (pathname === '/apis') {
    const groups = [...new Set(kinds.map(({ group }) => group))].filter((group) => group !== '')
    const version = (group: string) => ({ groupVersion: `${group}/v1`, version: 'v1' })
    return ok({
      kind: 'APIGroupList',
      apiVersion: 'v1',
      groups: groups.map((name) => ({ name, versions: [version(name)], preferredVersion: version(name) })),
    })
  }
  const group = pathname === '/api/v1' ? '' : /^\/apis\/([^/]+)\/v1$/u.exec(pathname)?.[1]
  if (group === undefined) return undefined
  const resources = kinds
    .filter((kind) => kind.group === group)
    .map(({ plural, singular, kind, namespaced, shortNames }) => ({
      name: plural,
      singularName: singular,
      kind,
      namespaced,
      shortNames,
      verbs,
    }))
  return ok({ kind: 'APIResourceList', groupVersion: group === '' ? 'v1' : `${group}/v1`, resources })
}

function describeKinds(openApi: ReturnType<typeof createOpenApi>, { url: { pathname } }: Call): Answer | undefined {
  if (pathname === '/openapi/v2') return failure(406, 'NotAcceptable')
  if (pathname === '/openapi/v3') return ok(openApi.index().body)
  if (!pathname.startsWith('/openapi/v3/')) return undefined
  const document = openApi.document(pathname.slice('/openapi/v3/'.length))
  return document === undefined ? failure(404, 'NotFound') : ok(document.body)
}

interface Store {
  readonly kinds: readonly KindDefinition[]
  readonly objects: Map<string, JsonObject>
}

function serve({ kinds, objects }: Store, call: Call): Answer {
  const { method, url, body } = call
  const path = url.pathname
  const put = (at: string, object: JsonObject): JsonObject => {
    if (!url.searchParams.has('dryRun')) objects.set(at, object)
    return object
  }
  const kind = kinds.find(({ plural }) => path.split('/').slice(-2).includes(plural))
  if (kind === undefined) return failure(404, 'NotFound')
  if (path.endsWith(`/${kind.plural}`)) {
    if (method === 'POST') {
      const object = parse(body) as JsonObject & KubernetesObject
      const metadata = { ...object.metadata, uid: 'u', resourceVersion: '1', creationTimestamp: new Date().toISOString() }
      return { code: 201, body: put(`${path}/${object.metadata.name}`, { ...object, metadata }) }
    }
    const items = [...objects]
      .filter(([at]) => at.startsWith(`${path}/`))
      .map(([, object]) => object as JsonObject & KubernetesObject)
    return ok(renderTable(kind, items, { now: Date.now(), metadata: { resourceVersion: '1' } }))
  }
  const object = objects.get(path)
  if (object === undefined) return failure(404, 'NotFound')
  if (method !== 'PATCH') return ok(object)
  const patch = parse(body)
  if (call.type.startsWith('application/merge-patch')) return ok(put(path, merge(object, patch)))
  // As Kubernetes: a strategic merge is for built-in kinds.
  return kind.group === '' ? ok(put(path, applyStrategicMerge(object, patch, kind.schema))) : failure(415, 'UnsupportedMediaType')
}

const parse = (body: string): JsonObject => JSON.parse(body) as JsonObject

const merge = (object: JsonObject, patch: JsonObject): JsonObject =>
  mapValues({ ...object, ...patch }, (value, key) => {
    const before = object[key]
    if (value === null) return undefined
    return isJsonObject(value) && Object.hasOwn(patch, key) ? merge(isJsonObject(before) ? before : {}, value) : value
  })
