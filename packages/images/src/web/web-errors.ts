import { isWeirError, WeirError } from '@weir/base'

/** An address for people: without what may be secret, a login and a query (which may be a signature). */
export const plainAddress = ({ origin, pathname }: URL): string => `${origin}${pathname}`

/** Why there was no answer from `url`. */
export function unreached(url: URL, cause: unknown): WeirError {
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : ''
  const reason = reasonOf(code, url) ?? (cause instanceof Error && cause.message !== '' ? cause.message : code)
  return failure(url, `cannot be reached: ${reason}`, cause)
}

function reasonOf(code: string, { hostname }: URL): string | undefined {
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN') return `the name '${hostname}' is not known`
  if (code === 'ECONNREFUSED') return 'nothing listens there'
  if (code === 'ECONNRESET' || code === 'EPIPE') return 'the connection was broken off'
  if (code === 'ETIMEDOUT' || code === 'EHOSTUNREACH' || code === 'ENETUNREACH') return 'the host does not answer'
  if (code.startsWith('HPE_')) return 'what answers there does not speak HTTP'
  if (/CERT|SIGNATURE|SELF_SIGNED|ISSUER/u.test(code))
    return `its certificate is not trusted (${code}); name its authority: NODE_EXTRA_CA_CERTS=/path/ca.pem`
  return undefined
}

/** What to do about an answer that is no file. */
export const refusedBy = (url: URL, status: number): WeirError =>
  failure(url, `answered ${status}; ${remedyFor(status)}`, { status })

/** True if a server said that it has no such file. */
export const isAbsent = (error: unknown): boolean =>
  isWeirError(error, 'IMAGE_SOURCE') && hasStatus(error.cause) && (error.cause.status === 404 || error.cause.status === 410)

const hasStatus = (cause: unknown): cause is { readonly status: number } =>
  typeof cause === 'object' && cause !== null && 'status' in cause

function remedyFor(status: number): string {
  if (status === 401 || status === 403 || status === 407)
    return 'it wants a login, or one that may read this: https://USER:PASSWORD@HOST/..., or an address that is signed'
  if (status === 404 || status === 410) return 'there is no such file; check the address'
  if (status === 408 || status === 429 || status >= 500) return 'the server is in trouble or busy; try again later'
  return 'check the address'
}

/** An IMAGE_SOURCE whose sentence begins with the address. */
export const failure = (url: URL, what: string, cause?: unknown): WeirError =>
  new WeirError('IMAGE_SOURCE', `'${plainAddress(url)}' ${what}`, { cause })
