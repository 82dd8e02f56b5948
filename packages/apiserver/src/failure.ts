import type { KindDefinition, Status } from '@weir/api'
import { type ErrorFamily, isWeirError } from '@weir/base'
import type { Cause } from './schema/cause.ts'

/** A request that ends in a `Status`. Words and reasons are those of Kubernetes, since clients and people match on them. */
export class Failure extends Error {
  readonly status: Status

  constructor(code: number, reason: string, message: string, details: Status['details'] = {}) {
    super(message)
    this.status = {
      apiVersion: 'v1',
      kind: 'Status',
      metadata: {},
      status: 'Failure',
      message,
      reason,
      ...(Object.keys(details).length === 0 ? {} : { details }),
      code,
    }
  }

  static {
    this.prototype.name = 'Failure'
  }
}

type Names = Pick<KindDefinition, 'group' | 'plural' | 'kind'>

const resource = ({ group, plural }: Names): string => (group === '' ? plural : `${plural}.${group}`)
const detailsOf = ({ group, plural }: Names, name: string): NonNullable<Status['details']> => ({
  ...(name === '' ? {} : { name }),
  ...(group === '' ? {} : { group }),
  kind: plural,
})

export const badRequest = (message: string): Failure => new Failure(400, 'BadRequest', message)
export const unauthorized = (): Failure => new Failure(401, 'Unauthorized', 'Unauthorized')
export const methodNotAllowed = (): Failure =>
  new Failure(405, 'MethodNotAllowed', 'the server does not allow this method on the requested resource')
export const notAcceptable = (accepted: string): Failure =>
  new Failure(406, 'NotAcceptable', `only the following media types are accepted: ${accepted}`)
export const tooLarge = (maxBytes: number): Failure =>
  new Failure(413, 'RequestEntityTooLarge', `Request entity too large: limit is ${maxBytes}`)
export const unsupportedMediaType = (given: string, accepted: string): Failure =>
  new Failure(
    415,
    'UnsupportedMediaType',
    `the body of the request was in an unknown format - accepted media types include: ${accepted}; not ${given}`,
  )
export const expired = (message: string): Failure => new Failure(410, 'Expired', message)
/** The state of a `continue` token is forgotten; `next` goes on after the same key in the newest state. */
export function expiredContinuation(next: string): Failure {
  const failure = expired(
    'The provided continue parameter is too old to display a consistent list result. Start a new list without it, or go on with the token in this answer: the list may then miss or repeat objects that changed meanwhile.',
  )
  return Object.assign(failure, { status: { ...failure.status, metadata: { continue: next } } })
}
/** A revision that does not exist yet: clients ask again (client-go knows it by its cause). */
export const tooLargeRevision = (asked: number, head: number): Failure =>
  new Failure(504, 'Timeout', `Too large resource version: ${asked}, current: ${head}`, {
    retryAfterSeconds: 1,
    causes: [{ reason: 'ResourceVersionTooLarge', message: 'Too large resource version' }],
  })
export const pathNotFound = (): Failure => new Failure(404, 'NotFound', 'the server could not find the requested resource')
export const notFound = (kind: Names, name: string): Failure =>
  new Failure(404, 'NotFound', `${resource(kind)} "${name}" not found`, detailsOf(kind, name))
export const alreadyExists = (kind: Names, name: string): Failure =>
  new Failure(409, 'AlreadyExists', `${resource(kind)} "${name}" already exists`, detailsOf(kind, name))
export const conflict = (kind: Names, name: string, why: string): Failure =>
  new Failure(409, 'Conflict', `Operation cannot be fulfilled on ${resource(kind)} "${name}": ${why}`, detailsOf(kind, name))
export const changedMeanwhile = (kind: Names, name: string): Failure =>
  conflict(kind, name, 'the object has been modified; please apply your changes to the latest version and try again')
export const forbidden = (kind: Names, name: string, why: string, causes: Status['details'] = {}): Failure =>
  new Failure(403, 'Forbidden', `${resource(kind)} "${name}" is forbidden: ${why}`, { ...detailsOf(kind, name), ...causes })

/** 422 with every cause, worded as Kubernetes does. */
export function invalid(kind: Names, name: string, causes: readonly Cause[]): Failure {
  const texts = causes.map(({ field, message }) => (field === '' ? message : `${field}: ${message}`))
  const all = texts.length === 1 ? (texts[0] ?? '') : `[${texts.join(', ')}]`
  return new Failure(422, 'Invalid', `${kind.kind}${kind.group === '' ? '' : `.${kind.group}`} "${name}" is invalid: ${all}`, {
    ...detailsOf(kind, name),
    kind: kind.kind,
    causes,
  })
}

const families: Readonly<Record<ErrorFamily, readonly [code: number, reason: string]>> = {
  Input: [422, 'Invalid'],
  NotFound: [404, 'NotFound'],
  AlreadyExists: [409, 'AlreadyExists'],
  Conflict: [409, 'Conflict'],
  Expired: [410, 'Expired'],
  Auth: [403, 'Forbidden'],
  Unavailable: [503, 'ServiceUnavailable'],
  Capacity: [507, 'InsufficientStorage'],
  Terminal: [422, 'Invalid'],
  Bug: [500, 'InternalError'],
}

/** The Status for anything thrown; undefined for what nobody expected (answer 500, and log it). */
export function statusOf(error: unknown): Status | undefined {
  if (error instanceof Failure) return error.status
  if (!isWeirError(error)) return undefined
  const [code, reason] = error.code === 'API_BAD_REQUEST' ? [400, 'BadRequest'] : families[error.family]
  const causes = error.causes.map(({ field, message }) => ({ field, message, reason: 'FieldValueInvalid' }))
  return new Failure(code, reason, error.message, causes.length === 0 ? {} : { causes }).status
}
