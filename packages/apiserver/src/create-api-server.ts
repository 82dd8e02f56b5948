import type { ApiExtension, ExtensionAnswer, ExtensionCall, KindDefinition, RawRoute } from '@weir/api'
import type { Clock, Logger } from '@weir/base'
import type { RevisionLog } from '@weir/store'
import type { Attributes, Authenticator, Authorizer } from './access.ts'
import { serveCustomKinds } from './custom-kinds.ts'
import { createDiscovery } from './discovery.ts'
import { Failure, methodNotAllowed, pathNotFound, statusOf, unauthorized } from './failure.ts'
import { healthOf } from './health.ts'
import { createHousekeeping, type Housekeeping } from './housekeeping/housekeeping.ts'
import { createObjectApi } from './housekeeping-objects.ts'
import { createObjects } from './objects.ts'
import { createOpenApi } from './openapi/openapi.ts'
import { createKindRegistry } from './registry.ts'
import type { ApiRequest, ApiResponse, User } from './request.ts'
import { createReviews } from './reviews/reviews.ts'
import { createResourceHandler, verbOf } from './resource-handler.ts'
import { parseResourcePath, type ResourcePath } from './route.ts'
import { parseStored } from './stored.ts'

export interface ApiServerDeps {
  readonly log: RevisionLog
  readonly clock: Clock
  readonly logger: Logger
  readonly random: () => number
  readonly newUid: () => string
  readonly builtins: readonly KindDefinition[]
  readonly extensions: readonly ApiExtension[]
  readonly rawRoutes: readonly RawRoute[]
  readonly authenticate: Authenticator
  readonly authorize: Authorizer
}

/** What a WebSocket handshake gets: a conversation, or an answer that refuses it. */
type UpgradeAnswer = Extract<ExtensionAnswer, { kind: 'Channel' }> | { readonly kind: 'Response'; readonly response: ApiResponse }

/** The embedded Kubernetes API, whatever carries its requests. */
export interface ApiServer {
  /** Always answers: failures are Status objects. */
  handle(request: ApiRequest): Promise<ApiResponse>
  upgrade(request: ApiRequest): Promise<UpgradeAnswer>
  /** Makes the namespaces that every cluster has and `kinds` as CustomResourceDefinitions, where they are missing or differ. */
  install(crds: readonly object[]): Promise<void>
  readonly housekeeping: Housekeeping
  close(): void
}

const version = {
  major: '1',
  minor: '35',
  gitVersion: 'v1.35.0+weir-embedded',
  gitCommit: '',
  gitTreeState: 'clean',
  buildDate: '1970-01-01T00:00:00Z',
  goVersion: 'go0.0.0',
  compiler: 'node',
  platform: 'linux/amd64',
}
const initialNamespaces = ['default', 'kube-system', 'kube-public', 'kube-node-lease']
const safeLetters = 'bcdfghjklmnpqrstvwxz2456789'

/** The API over `deps.log`. */
export function createApiServer(deps: ApiServerDeps): ApiServer {
  const { log, clock, logger, random, newUid } = deps
  const registry = createKindRegistry(deps.builtins)
  const newSuffix = (): string =>
    Array.from({ length: 5 }, () => safeLetters[Math.floor(random() * safeLetters.length)] ?? 'x').join('')
  const objects = createObjects({ log, clock, newUid, newSuffix, onWritten: () => {} })
  const stopServing = serveCustomKinds(log, registry)
  const api = createObjectApi({ log, objects, registry })
  const housekeeping = createHousekeeping({ api, log, clock, logger })
  const reviews = createReviews(deps.authorize)
  const discovery = createDiscovery(registry, [...deps.extensions, ...reviews.groups])
  const openApi = createOpenApi(registry)
  const handleResource = createResourceHandler({ log, objects, clock, random })

  const userOf = ({ user, headers }: ApiRequest): User => {
    if (user !== undefined) return user
    const token = /^Bearer (\S+)$/iu.exec(headers['authorization'] ?? '')?.[1]
    const known = token === undefined ? undefined : deps.authenticate(token)
    if (known === undefined) throw unauthorized()
    return known
  }
  const allow = (user: User, attributes: Attributes): void => {
    if (!deps.authorize.allows(user, attributes)) throw refusal(user, attributes)
  }
  const extensionFor = (path: ResourcePath): ApiExtension | undefined =>
    deps.extensions.find(({ group, version: v, resources }) => {
      const wanted = path.subresource === undefined ? path.resource : `${path.resource}/${path.subresource}`
      return group === path.group && v === path.version && resources.some(({ name }) => name === wanted)
    })
  const callExtension = async (request: ApiRequest, path: ResourcePath): Promise<ExtensionAnswer | undefined> => {
    const extension = extensionFor(path)
    return extension?.handle(extensionCall(request, { path, user: userOf(request).name }))
  }

  const dispatch = async (request: ApiRequest): Promise<ApiResponse> => {
    const raw = deps.rawRoutes.find(({ path }) => path === request.path)
    if (raw !== undefined) return rawResponse(await raw.handle({ ...request, query: new Map(request.query) }))
    const user = userOf(request)
    const path = parseResourcePath(request.path)
    if (path === undefined) {
      allow(user, {
        verb: request.method === 'HEAD' ? 'get' : request.method.toLowerCase(),
        group: '',
        resource: '',
        path: request.path,
      })
      return document(request)
    }
    const review = reviews.find(path)
    if (review?.isOpen === true) return json(201, await review.answer(request, user))
    const subresource = path.subresource === undefined ? '' : `/${path.subresource}`
    allow(user, { ...path, resource: `${path.resource}${subresource}`, verb: verbOf(request, path), path: request.path })
    if (review !== undefined) return json(201, await review.answer(request, user))
    const kind = registry.find(path.group, path.version, path.resource)
    if (kind !== undefined) return handleResource(request, kind, path)
    const answer = await callExtension(request, path)
    if (answer === undefined) throw pathNotFound()
    if (answer.kind === 'Channel')
      throw new Failure(400, 'BadRequest', 'this path takes WebSocket connections only: send Upgrade: websocket')
    return json(answer.code, answer.body)
  }

  const document = (request: ApiRequest): ApiResponse => {
    if (request.method !== 'GET' && request.method !== 'HEAD') throw methodNotAllowed()
    const found = discovery.answer(request.path, request.headers['accept'] ?? '')
    if (found !== undefined) return cached(request, found)
    if (request.path === '/version') return json(200, version)
    const health = healthOf(request.path, { isVerbose: request.query.has('verbose'), failure: log.failure() })
    if (health !== undefined) return health
    if (request.path === '/openapi/v3') return cached(request, { ...openApi.index(), contentType: 'application/json' })
    const openApiDocument = request.path.startsWith('/openapi/v3/')
      ? openApi.document(request.path.slice('/openapi/v3/'.length))
      : undefined
    if (openApiDocument !== undefined) return cached(request, { ...openApiDocument, contentType: 'application/json' })
    throw pathNotFound()
  }

  /** The Status of whatever went wrong. What nobody expected is logged, and not told. */
  const failed = (error: unknown, { method, path }: ApiRequest): ApiResponse => {
    const status = statusOf(error)
    if (status !== undefined) return json(status.code, status)
    logger.error('A request failed inside', error, { method, path })
    return json(500, new Failure(500, 'InternalError', 'the server ran into an error of its own; its log says more').status)
  }

  return {
    housekeeping,
    handle: async (request) => {
      try {
        return await dispatch(request)
      } catch (error) {
        return failed(error, request)
      }
    },
    upgrade: async (request) => {
      try {
        const path = parseResourcePath(request.path)
        if (path === undefined) throw pathNotFound()
        allow(userOf(request), {
          ...path,
          resource: `${path.resource}/${path.subresource ?? ''}`,
          verb: 'get',
          path: request.path,
        })
        const answer = await callExtension(request, path)
        if (answer?.kind === 'Channel') return answer
        throw answer === undefined ? pathNotFound() : methodNotAllowed()
      } catch (error) {
        return { kind: 'Response', response: failed(error, request) }
      }
    },
    install: async (crds) => {
      const ensure = async (kind: KindDefinition | undefined, wanted: object): Promise<void> => {
        if (kind === undefined) return
        const object = wanted as ReturnType<typeof parseStored>
        const options = { dryRun: false, fieldValidation: 'Ignore', warn: () => {} } as const
        if (objects.find(kind, { namespace: '', name: object.metadata.name }) === undefined)
          await objects.create(kind, object, { ...options, namespace: '' })
        else
          await objects.update(
            kind,
            { namespace: '', name: object.metadata.name },
            { part: 'main', options, change: (old) => ({ ...old, ...withoutMetadata(object) }) },
          )
      }
      const namespaces = registry.find('', 'v1', 'namespaces')
      const missing = initialNamespaces.filter(
        (name) => namespaces !== undefined && objects.find(namespaces, { namespace: '', name }) === undefined,
      )
      await Promise.all([
        ...missing.map((name) => ensure(namespaces, { apiVersion: 'v1', kind: 'Namespace', metadata: { name } })),
        ...crds.map((crd) => ensure(registry.find('apiextensions.k8s.io', 'v1', 'customresourcedefinitions'), crd)),
      ])
      await housekeeping.settle()
    },
    close: stopServing,
  }
}

const json = (code: number, body: unknown): ApiResponse => ({
  code,
  headers: { 'content-type': 'application/json' },
  body: `${JSON.stringify(body)}\n`,
})

const withoutMetadata = ({ metadata: _metadata, ...rest }: { readonly metadata: unknown }): object => rest

const rawResponse = ({ code, body }: { readonly code: number; readonly body: string }): ApiResponse => ({
  code,
  headers: { 'content-type': 'text/plain; charset=utf-8' },
  body,
})

/** A document with its ETag; 304 if the client has it. */
function cached(
  { headers }: ApiRequest,
  document: { readonly contentType: string; readonly etag: string; readonly text?: string; readonly body?: string },
): ApiResponse {
  const own = { 'content-type': document.contentType, etag: document.etag, vary: 'Accept' }
  if (headers['if-none-match'] === document.etag) return { code: 304, headers: own, body: '' }
  return { code: 200, headers: own, body: document.text ?? document.body ?? '' }
}

function extensionCall(
  request: ApiRequest,
  { path, user }: { readonly path: ResourcePath; readonly user: string },
): ExtensionCall {
  const { method, query, headers, body, signal } = request
  const { resource, namespace, name, subresource, tail } = path
  return {
    method,
    resource,
    ...(namespace === undefined ? {} : { namespace }),
    ...(name === undefined ? {} : { name }),
    ...(subresource === undefined ? {} : { subresource }),
    tail,
    query: new Map(query),
    headers,
    user,
    body,
    signal,
  }
}

function refusal({ name: user }: User, { verb, group, resource, namespace, name = '', path }: Attributes): Failure {
  if (resource === '') return new Failure(403, 'Forbidden', `forbidden: User "${user}" cannot ${verb} path "${path}"`)
  const place = namespace === undefined ? 'at the cluster scope' : `in the namespace "${namespace}"`
  const subject = `${resource}${group === '' ? '' : `.${group}`}${name === '' ? '' : ` "${name}"`}`
  return new Failure(
    403,
    'Forbidden',
    `${subject} is forbidden: User "${user}" cannot ${verb} resource "${resource}" in API group "${group}" ${place}`,
    {
      ...(name === '' ? {} : { name }),
      ...(group === '' ? {} : { group }),
      kind: resource,
    },
  )
}
