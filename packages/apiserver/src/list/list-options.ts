import { badRequest, invalid, tooLargeRevision } from '../failure.ts'
import { countOf } from '../query.ts'
import { type Cause, forbidden, notSupported } from '../schema/cause.ts'
import { type Continuation, parseContinuation } from './continuation.ts'
import { revisionOf } from './scope.ts'

/** What a list was asked for. */
export interface ListOptions {
  /** The revision of the state; 0 for the newest. */
  readonly revision: number
  readonly continuation: Continuation | undefined
  readonly limit: number | undefined
}

/**
 * Reads the query of a list of what lies under `prefix`; `head` is the newest revision.
 * @throws 400 for what cannot be read, 422 for combinations that Kubernetes forbids, 504 for a state of the future.
 */
export function parseListOptions(query: URLSearchParams, prefix: string, head: number): ListOptions {
  checkCombination(query)
  // A limit of 0 is none.
  const limit = countOf(query, 'limit') || undefined
  const asked = revisionOf(query)
  const token = query.get('continue') ?? ''
  if (token !== '') {
    if (asked !== 0) throw badRequest('specifying resource version is not allowed when using continue')
    return { revision: 0, continuation: parseContinuation(token, prefix), limit }
  }
  if (asked > head) throw tooLargeRevision(asked, head)
  const match = query.get('resourceVersionMatch') ?? ''
  // Without a word on how to match, a page is of exactly the revision, and a whole list of it or a newer one.
  const isExact = match === 'Exact' || (match === '' && limit !== undefined)
  return { revision: isExact ? asked : 0, continuation: undefined, limit }
}

const matches: readonly string[] = ['Exact', 'NotOlderThan']

function checkCombination(query: URLSearchParams): void {
  const textOf = (name: string): string => query.get(name) ?? ''
  const [match, version] = [textOf('resourceVersionMatch'), textOf('resourceVersion')]
  const at = 'resourceVersionMatch'
  const causes: Cause[] = []
  if (query.has('sendInitialEvents')) {
    causes.push(forbidden('sendInitialEvents', 'sendInitialEvents is forbidden for list'))
  }
  if (match !== '') {
    if (version === '') causes.push(forbidden(at, 'resourceVersionMatch is forbidden unless resourceVersion is provided'))
    if (textOf('continue') !== '') causes.push(forbidden(at, 'resourceVersionMatch is forbidden when continue is provided'))
    if (!matches.includes(match)) causes.push(notSupported(at, match, matches))
    if (match === 'Exact' && version === '0') {
      causes.push(forbidden(at, 'resourceVersionMatch "exact" is forbidden for resourceVersion "0"'))
    }
  }
  if (causes.length > 0) throw invalid({ group: 'meta.k8s.io', plural: '', kind: 'ListOptions' }, '', causes)
}
