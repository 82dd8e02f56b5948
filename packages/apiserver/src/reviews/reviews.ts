import type { ApiExtension } from '@weir/api'
import { type Authorizer, openPaths } from '../access.ts'
import { decodeBody } from '../body.ts'
import { badRequest, methodNotAllowed } from '../failure.ts'
import type { ApiRequest, User } from '../request.ts'
import type { ResourcePath } from '../route.ts'
import { isJsonObject, type JsonObject } from '../schema/json.ts'
import { attributesOf, userOf } from './attributes.ts'

/** A question about access: asked by creating an object that is answered in its status, and never stored. */
interface Review {
  /** True if everybody known may ask it: it is about who asks. */
  readonly isOpen: boolean
  /** @throws 400, 405, 415 */
  readonly answer: (request: ApiRequest, user: User) => Promise<object>
}

/** The questions that there are, and what discovery tells of them. */
export interface Reviews {
  readonly groups: readonly Pick<ApiExtension, 'group' | 'version' | 'resources'>[]
  /** The question at a path, undefined if there is none. */
  readonly find: (path: ResourcePath) => Review | undefined
}

interface Definition {
  readonly group: string
  readonly kind: string
  readonly isOpen: boolean
  readonly statusOf: (user: User, spec: JsonObject) => object
}

/** `kubectl auth can-i`, `can-i --list` and `whoami` (`authorization.k8s.io/v1`, `authentication.k8s.io/v1`). */
export function createReviews(authorizer: Authorizer): Reviews {
  const allowed = (user: User, spec: JsonObject): object => ({ allowed: authorizer.allows(user, attributesOf(spec)) })
  const definitions: readonly Definition[] = [
    {
      group: 'authentication.k8s.io',
      kind: 'SelfSubjectReview',
      isOpen: true,
      statusOf: ({ name, groups }) => ({ userInfo: { username: name, groups } }),
    },
    { group: 'authorization.k8s.io', kind: 'SelfSubjectAccessReview', isOpen: true, statusOf: allowed },
    {
      group: 'authorization.k8s.io',
      kind: 'SelfSubjectRulesReview',
      isOpen: true,
      statusOf: (user) => rulesStatus(authorizer, user),
    },
    {
      group: 'authorization.k8s.io',
      kind: 'SubjectAccessReview',
      isOpen: false,
      statusOf: (_, spec) => allowed(userOf(spec), spec),
    },
  ]
  const byGroup = Map.groupBy(definitions, ({ group }) => group)
  return {
    groups: [...byGroup].map(([group, members]) => ({
      group,
      version: 'v1',
      resources: members.map(({ kind }) => ({ name: pluralOf(kind), kind, namespaced: false, verbs: ['create'] })),
    })),
    find: ({ group, version, resource, namespace }) => {
      const definition = byGroup.get(group)?.find(({ kind }) => pluralOf(kind) === resource)
      if (definition === undefined || version !== 'v1' || namespace !== undefined) return undefined
      return { isOpen: definition.isOpen, answer: (request, user) => answer(definition, request, user) }
    },
  }
}

const pluralOf = (kind: string): string => `${kind.toLowerCase()}s`

async function answer({ group, kind, statusOf }: Definition, request: ApiRequest, user: User): Promise<object> {
  if (request.method !== 'POST') throw methodNotAllowed()
  const { value } = await decodeBody(request)
  const apiVersion = `${group}/v1`
  if (!isJsonObject(value) || (value['kind'] ?? kind) !== kind || (value['apiVersion'] ?? apiVersion) !== apiVersion) {
    throw badRequest(`the body must be a ${kind} of ${apiVersion}`)
  }
  const spec = isJsonObject(value['spec']) ? value['spec'] : {}
  return { apiVersion, kind, metadata: { creationTimestamp: null }, spec, status: statusOf(user, spec) }
}

function rulesStatus(authorizer: Authorizer, user: User): object {
  const rules = authorizer.rulesOf(user)
  const isMaster = user.groups.includes('system:masters')
  return {
    resourceRules: rules.map(({ groups, resources, verbs }) => ({ apiGroups: groups, resources, verbs })),
    nonResourceRules: isMaster
      ? [{ nonResourceURLs: ['*'], verbs: ['*'] }]
      : [{ nonResourceURLs: openPaths.flatMap((path) => [path, `${path}/*`]), verbs: ['get'] }],
    incomplete: false,
  }
}
