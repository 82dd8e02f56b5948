import { badRequest } from '../failure.ts'

/** Where the next page of a list begins: after the key `start`, in the state at `revision`, or (`Newest`) in that of then. */
export interface Continuation {
  readonly revision: number | 'Newest'
  readonly start: string
}

const version = 'meta.k8s.io/v1'

/** The `continue` token, in the form of Kubernetes. */
export const encodeContinuation = ({ revision, start }: Continuation): string =>
  Buffer.from(JSON.stringify({ v: version, rv: revision === 'Newest' ? -1 : revision, start })).toString('base64url')

/** Reads a token; its key must lie under `prefix`, or it could show other objects. @throws 400 */
export function parseContinuation(token: string, prefix: string): Continuation {
  const { v, rv, start } = parseFields(token)
  if (v === version && typeof rv === 'number' && typeof start === 'string' && start.startsWith(prefix)) {
    if (rv === -1) return { revision: 'Newest', start }
    if (Number.isSafeInteger(rv) && rv > 0) return { revision: rv, start }
  }
  throw badRequest('continue key is not valid')
}

function parseFields(token: string): { readonly v?: unknown; readonly rv?: unknown; readonly start?: unknown } {
  try {
    return (JSON.parse(Buffer.from(token, 'base64url').toString('utf8')) as object | null) ?? {}
  } catch {
    return {}
  }
}
