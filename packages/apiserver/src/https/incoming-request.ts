import type { IncomingMessage } from 'node:http'
import { TLSSocket } from 'node:tls'
import type { ApiRequest, User } from '../request.ts'
import { bodyOf } from './request-body.ts'

/** The path of a request, without its query. */
export const pathOf = ({ url = '/' }: IncomingMessage): string => {
  const end = url.indexOf('?')
  return end < 0 ? url : url.slice(0, end)
}

/** A request as the API takes it. `signalOf` is asked for the signal when somebody wants to listen to it. */
export function requestOf(incoming: IncomingMessage, signalOf: () => AbortSignal): ApiRequest {
  const { method = 'GET', url = '/' } = incoming
  const path = pathOf(incoming)
  const user = incoming.socket instanceof TLSSocket ? userOf(incoming.socket) : undefined
  return {
    method,
    path,
    query: new URLSearchParams(url.slice(path.length)),
    headers: parseHeaders(incoming),
    ...(user === undefined ? {} : { user }),
    body: bodyOf(incoming),
    get signal() {
      return signalOf()
    },
  }
}

/** Node joins what stands twice, except for `set-cookie`, which no request has a use for. */
function parseHeaders({ headers }: IncomingMessage): Readonly<Record<string, string>> {
  if (headers['set-cookie'] !== undefined) delete headers['set-cookie']
  return headers as Readonly<Record<string, string>>
}

const users = new WeakMap<TLSSocket, { readonly user: User | undefined }>()

/** Who a connection belongs to. Proved once, in its handshake: reading the certificate costs more than answering a request. */
function userOf(socket: TLSSocket): User | undefined {
  const known = users.get(socket)
  if (known !== undefined) return known.user
  const user = certifiedUser(socket)
  users.set(socket, { user })
  return user
}

/** The user of a client certificate that our authority signed: its CN, and its Os as groups (Kubernetes' X509 authentication). */
function certifiedUser(socket: TLSSocket): User | undefined {
  if (!socket.authorized) return undefined
  const subject = socket.getPeerCertificate().subject as
    | { readonly CN?: string | string[]; readonly O?: string | string[] }
    | undefined
  if (typeof subject?.CN !== 'string') return undefined
  return { name: subject.CN, groups: ['system:authenticated', ...[subject.O ?? []].flat()] }
}
