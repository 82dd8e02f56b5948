import type { ApiExtension, ExtensionAnswer, KindDefinition, RawRoute } from '@weir/api'
import type { Clock, Logger } from '@weir/base'
import type { RevisionLog } from '@weir/store'
import { type Attributes, type Authenticator, type Authorizer, isPublic, refusal } from './access.ts'
import { serveCustomKinds } from './custom-kinds.ts'
import { createDocuments } from './documents.ts'
import { createExtensionCalls } from './extensions.ts'
import { badRequest, methodNotAllowed, pathNotFound, unauthorized } from './failure.ts'
import { createHousekeeping, type Housekeeping } from './housekeeping/housekeeping.ts'
import { createObjectApi } from './housekeeping-objects.ts'
import { createInstall } from './install.ts'
import { createObjects } from './objects.ts'
import { createKindRegistry } from './registry.ts'
import type { ApiRequest, ApiResponse, User } from './request.ts'
import { createResourceHandler, verbOf } from './resource-handler.ts'
import { json } from './responses.ts'
import { createReviews } from './reviews/reviews.ts'
import { answerFailure, callRawRoute } from './raw-routes.ts'
import { parseResourcePath, type ResourcePath } from './route.ts'

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

const safeLetters = 'bcdfghjklmnpqrstvwxz2456789'

/** The API over `deps.log`. */
export function createApiServer(deps: ApiServerDeps): ApiServer {
  const { log, clock, logger, random, newUid } = deps
  const registry = createKindRegistry(deps.builtins)
  const newSuffix = (): string =>
    Array.from({ length: 5 }, () => safeLetters[Math.floor(random() * safeLetters.length)] ?? 'x').join('')
  const objects = createObjects({ log, clock, newUid, newSuffix, onWritten: () => {} })
  const stopServing = serveCustomKinds(log, registry)
  const housekeeping = createHousekeeping({ api: createObjectApi({ log, objects, registry }), log, clock, logger })
  const reviews = createReviews(deps.authorize)
  const callExtension = createExtensionCalls(deps.extensions)
  const answerDocument = createDocuments({ registry, groups: [...deps.extensions, ...reviews.groups], log })
  const answerResource = createResourceHandler({ log, objects, clock, random })
  const access = createAccess(deps)

  const dispatch = async (request: ApiRequest): Promise<ApiResponse> => {
    const raw = await callRawRoute(deps.rawRoutes, request)
    if (raw !== undefined) return raw
    if (isPublic(request)) return answerDocument(request)
    const user = access.userOf(request)
    const path = parseResourcePath(request.path)
    if (path === undefined) {
      access.allowPath(user, request)
      return answerDocument(request)
    }
    const review = reviews.find(path)
    if (review?.isOpen !== true) access.allow(user, path, { verb: verbOf(request, path), path: request.path })
    if (review !== undefined) return json(201, await review.answer(request, user))
    const kind = registry.find(path.group, path.version, path.resource)
    if (kind !== undefined) return answerResource(request, kind, path)
    const answer = await callExtension(request, path, user)
    if (answer === undefined) throw pathNotFound()
    if (answer.kind === 'Channel') throw badRequest('this path takes WebSocket connections only: send Upgrade: websocket')
    return json(answer.code, answer.body)
  }
  const converse = async (request: ApiRequest): Promise<UpgradeAnswer> => {
    const path = parseResourcePath(request.path)
    if (path === undefined) throw pathNotFound()
    const user = access.userOf(request)
    access.allow(user, path, { verb: 'get', path: request.path })
    const answer = await callExtension(request, path, user)
    if (answer?.kind === 'Channel') return answer
    throw answer === undefined ? pathNotFound() : methodNotAllowed()
  }
  const failed = (error: unknown, request: ApiRequest): ApiResponse => answerFailure(error, request, logger)
  return {
    housekeeping,
    handle: (request) => dispatch(request).catch((error: unknown) => failed(error, request)),
    upgrade: (request) =>
      converse(request).catch((error: unknown) => ({ kind: 'Response' as const, response: failed(error, request) })),
    install: createInstall({ objects, registry, housekeeping }),
    close: stopServing,
  }
}

/** Who asks, and whether they may. */
function createAccess({ authenticate, authorize }: Pick<ApiServerDeps, 'authenticate' | 'authorize'>) {
  const check = (user: User, attributes: Attributes): void => {
    if (!authorize.allows(user, attributes)) throw refusal(user, attributes)
  }
  return {
    /** The identity that the transport proved, or that of the bearer token. @throws 401 */
    userOf({ user, headers }: ApiRequest): User {
      if (user !== undefined) return user
      const token = /^Bearer (\S+)$/iu.exec(headers['authorization'] ?? '')?.[1]
      const known = token === undefined ? undefined : authenticate(token)
      if (known === undefined) throw unauthorized()
      return known
    },
    /** @throws 403 */
    allow(user: User, path: ResourcePath, asked: Pick<Attributes, 'verb' | 'path'>): void {
      const subresource = path.subresource === undefined ? '' : `/${path.subresource}`
      check(user, { ...path, ...asked, resource: `${path.resource}${subresource}` })
    },
    /** For paths that are no resources. @throws 403 */
    allowPath(user: User, { method, path }: ApiRequest): void {
      check(user, { verb: method === 'HEAD' ? 'get' : method.toLowerCase(), group: '', resource: '', path })
    },
  }
}
