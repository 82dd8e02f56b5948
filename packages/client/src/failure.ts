import type { Status } from '@weir/api'
import { type ErrorCode, type FieldCause, WeirError } from '@weir/base'

const codeByReason: Readonly<Record<string, ErrorCode>> = {
  NotFound: 'API_NOT_FOUND',
  AlreadyExists: 'API_ALREADY_EXISTS',
  Conflict: 'API_CONFLICT',
  Expired: 'API_EXPIRED',
  Gone: 'API_EXPIRED',
  Invalid: 'API_INVALID',
  BadRequest: 'API_BAD_REQUEST',
  MethodNotAllowed: 'API_BAD_REQUEST',
  NotAcceptable: 'API_BAD_REQUEST',
  RequestEntityTooLarge: 'API_BAD_REQUEST',
  UnsupportedMediaType: 'API_BAD_REQUEST',
  Unauthorized: 'API_UNAUTHORIZED',
  Forbidden: 'API_FORBIDDEN',
  TooManyRequests: 'API_UNAVAILABLE',
  ServerTimeout: 'API_UNAVAILABLE',
  ServiceUnavailable: 'API_UNAVAILABLE',
  Timeout: 'API_UNAVAILABLE',
  InternalError: 'API_INTERNAL',
}

const codeByHttpCode: Readonly<Record<number, ErrorCode>> = {
  401: 'API_UNAUTHORIZED',
  403: 'API_FORBIDDEN',
  404: 'API_NOT_FOUND',
  409: 'API_CONFLICT',
  410: 'API_EXPIRED',
  422: 'API_INVALID',
  429: 'API_UNAVAILABLE',
  500: 'API_INTERNAL',
  502: 'API_UNAVAILABLE',
  503: 'API_UNAVAILABLE',
  504: 'API_UNAVAILABLE',
}

/** The error of a failed answer: its code follows the `reason` of the Status, else the HTTP code. */
export function failureOf(httpCode: number, body: unknown, request: string): WeirError {
  const status = parseStatus(body)
  const code = status?.code ?? httpCode
  const known = codeByReason[status?.reason ?? ''] ?? codeByHttpCode[code] ?? (code < 500 ? 'API_BAD_REQUEST' : 'API_INTERNAL')
  const message = status?.message ?? `The API server answered ${httpCode} to ${request}`
  return new WeirError(known, message, { causes: causesOf(status) })
}

const causesOf = (status: Partial<Status> | undefined): readonly FieldCause[] =>
  (status?.details?.causes ?? []).map(({ field, message }) => ({ field: field ?? '', message: message ?? '' }))

/** Anything that calls itself a Status; other bodies (a proxy's HTML page) say nothing that we could rely on. */
const parseStatus = (body: unknown): Partial<Status> | undefined =>
  typeof body === 'object' && body !== null && 'kind' in body && body.kind === 'Status' ? (body as Partial<Status>) : undefined
