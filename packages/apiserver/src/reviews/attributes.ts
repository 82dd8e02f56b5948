import type { Attributes } from '../access.ts'
import { badRequest } from '../failure.ts'
import type { User } from '../request.ts'
import { isJsonObject, type JsonObject } from '../schema/json.ts'

const textAt = (object: JsonObject, key: string): string => {
  const value = object[key] ?? ''
  if (typeof value !== 'string') throw badRequest(`\`${key}\` must be a text`)
  return value
}

/** What the `spec` of an access review asks about: a resource or a path. @throws 400 if it asks about neither or both. */
export function attributesOf(spec: JsonObject): Attributes {
  const { resourceAttributes, nonResourceAttributes } = spec
  if (isJsonObject(resourceAttributes) === isJsonObject(nonResourceAttributes)) {
    throw badRequest('exactly one of `spec.resourceAttributes` and `spec.nonResourceAttributes` must be given')
  }
  if (isJsonObject(nonResourceAttributes)) {
    return { verb: textAt(nonResourceAttributes, 'verb'), group: '', resource: '', path: textAt(nonResourceAttributes, 'path') }
  }
  const asked = isJsonObject(resourceAttributes) ? resourceAttributes : {}
  const subresource = textAt(asked, 'subresource')
  return {
    verb: textAt(asked, 'verb'),
    group: textAt(asked, 'group'),
    resource: `${textAt(asked, 'resource')}${subresource === '' ? '' : `/${subresource}`}`,
    namespace: textAt(asked, 'namespace') || undefined,
    name: textAt(asked, 'name') || undefined,
    path: '',
  }
}

/** Whom the `spec` of a SubjectAccessReview asks about. @throws 400 if it names neither user nor group. */
export function userOf(spec: JsonObject): User {
  const name = textAt(spec, 'user')
  const { groups = [] } = spec
  if (!Array.isArray(groups) || !groups.every((group) => typeof group === 'string'))
    throw badRequest('`spec.groups` must be texts')
  if (name === '' && groups.length === 0) throw badRequest('at least one of `spec.user` and `spec.groups` must be given')
  return { name, groups }
}
