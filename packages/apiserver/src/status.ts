import type { Status } from '@weir/api'
import { type ErrorFamily, isWeirError } from '@weir/base'

const answers: Readonly<Record<ErrorFamily, readonly [code: number, reason: string]>> = {
  Input: [400, 'BadRequest'],
  NotFound: [404, 'NotFound'],
  AlreadyExists: [409, 'AlreadyExists'],
  Conflict: [409, 'Conflict'],
  Expired: [410, 'Expired'],
  Auth: [403, 'Forbidden'],
  Unavailable: [503, 'ServiceUnavailable'],
  Capacity: [503, 'ServiceUnavailable'],
  Terminal: [422, 'Invalid'],
  Bug: [500, 'InternalError'],
}

/** The failure body of an error: a WeirError by its family, anything else as 500 without its text, which may hold secrets. */
export function statusOf(error: unknown): Status {
  if (!isWeirError(error)) return failure([500, 'InternalError'], 'Internal error occurred')
  if (error.code === 'API_UNAUTHORIZED') return failure([401, 'Unauthorized'], error.message)
  const isInvalid = error.code === 'API_INVALID' || (error.family === 'Input' && error.causes.length > 0)
  const status = failure(isInvalid ? [422, 'Invalid'] : answers[error.family], error.message)
  if (error.causes.length === 0) return status
  return { ...status, details: { causes: error.causes.map((cause) => ({ reason: 'FieldValueInvalid', ...cause })) } }
}

const failure = ([code, reason]: readonly [number, string], message: string): Status => ({
  kind: 'Status',
  apiVersion: 'v1',
  metadata: {},
  status: 'Failure',
  message,
  reason,
  code,
})
