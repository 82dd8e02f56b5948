import { createHash, timingSafeEqual } from 'node:crypto'
import { Failure } from './failure.ts'
import type { User } from './request.ts'

/** What somebody wants to do. `verb` is Kubernetes' (`get`, `list`, …); for other paths than resources it is the method. */
export interface Attributes {
  readonly verb: string
  readonly group: string
  /** `plural` or `plural/subresource`; '' for other paths. */
  readonly resource: string
  readonly namespace?: string | undefined
  readonly name?: string | undefined
  readonly path: string
}

/** Who may do what. */
export interface Authorizer {
  readonly allows: (user: User, attributes: Attributes) => boolean
  /** What `user` may do with resources: `allows` says yes exactly where one of these does. */
  readonly rulesOf: (user: User) => readonly AccessRule[]
}

/** What a group of users may do: verbs on resources of groups; `*` means all. */
export interface AccessRule {
  readonly groups: readonly string[]
  readonly resources: readonly string[]
  readonly verbs: readonly string[]
}

/** What is not a resource and open to everybody known: discovery, documents, health. */
export const openPaths: readonly string[] = ['/api', '/apis', '/openapi', '/version', '/healthz', '/livez', '/readyz']
/** What anybody may read who reaches the server, as supervisors do (Kubernetes' `system:public-info-viewer`). */
export const isPublic = ({ method, path }: { readonly method: string; readonly path: string }): boolean =>
  (method === 'GET' || method === 'HEAD') && /^\/(?:healthz|livez|readyz)(?:\/|$)|^\/version\/?$/u.test(path)
const everything: AccessRule = { groups: ['*'], resources: ['*'], verbs: ['*'] }
const has = (list: readonly string[], word: string): boolean => list.includes('*') || list.includes(word)

/**
 * An authorizer of fixed rules by user name: `system:masters` may do everything, anybody known may read discovery and
 * health, the rest stands in `rules`.
 */
export function createAuthorizer(rules: Readonly<Record<string, readonly AccessRule[]>>): Authorizer {
  const isMaster = ({ groups }: User): boolean => groups.includes('system:masters')
  const rulesOf = (user: User): readonly AccessRule[] => {
    if (isMaster(user)) return [everything]
    return Object.hasOwn(rules, user.name) ? (rules[user.name] ?? []) : []
  }
  return {
    rulesOf,
    allows: (user, { verb, group, resource, path }) => {
      if (isMaster(user)) return true
      if (resource === '') return verb === 'get' && openPaths.some((open) => path === open || path.startsWith(`${open}/`))
      return rulesOf(user).some((rule) => has(rule.groups, group) && has(rule.resources, resource) && has(rule.verbs, verb))
    },
  }
}

/** 403 in the words of Kubernetes, which people search for. */
export function refusal({ name: user }: User, { verb, group, resource, namespace, name = '', path }: Attributes): Failure {
  if (resource === '') return new Failure(403, 'Forbidden', `forbidden: User "${user}" cannot ${verb} path "${path}"`)
  const place = namespace === undefined ? 'at the cluster scope' : `in the namespace "${namespace}"`
  const subject = `${resource}${group === '' ? '' : `.${group}`}${name === '' ? '' : ` "${name}"`}`
  return new Failure(
    403,
    'Forbidden',
    `${subject} is forbidden: User "${user}" cannot ${verb} resource "${resource}" in API group "${group}" ${place}`,
    { ...(name === '' ? {} : { name }), ...(group === '' ? {} : { group }), kind: resource },
  )
}

/** Who a bearer token belongs to. */
export type Authenticator = (token: string) => User | undefined

const digest = (token: string): Buffer => createHash('sha256').update(token).digest()

/** An authenticator of fixed tokens, compared in constant time by their digests. */
export function createTokenAuthenticator(tokens: ReadonlyMap<string, User>): Authenticator {
  const known = [...tokens].map(([token, user]) => ({ hash: digest(token), user }))
  return (token) => {
    const hash = digest(token)
    return known.filter((entry) => timingSafeEqual(entry.hash, hash))[0]?.user
  }
}
