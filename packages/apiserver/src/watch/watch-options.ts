import { invalid, tooLargeRevision } from '../failure.ts'
import { revisionOf } from '../list/scope.ts'
import { countOf, flagOf } from '../query.ts'
import { type Cause, forbidden, notSupported } from '../schema/cause.ts'

/** What a watch was asked for. */
export interface WatchOptions {
  /** Events after this revision; `State` to begin with everything there is. */
  readonly from: number | 'State'
  readonly hasBookmarks: boolean
  /** True if a bookmark says where the state ends and the events begin. */
  readonly marksEndOfState: boolean
  readonly timeoutMillis: number
}

/**
 * Reads the query of a watch; `head` is the newest revision. Without `timeoutSeconds` a watch lasts half an hour to an hour.
 * @throws 400 for what cannot be read, 422 for combinations that Kubernetes forbids, 504 for a state of the future.
 */
export function parseWatchOptions(query: URLSearchParams, head: number, random: () => number): WatchOptions {
  checkCombination(query)
  const asked = revisionOf(query)
  const isWatchList = flagOf(query, 'sendInitialEvents')
  if (isWatchList && asked > head) throw tooLargeRevision(asked, head)
  const hasBookmarks = flagOf(query, 'allowWatchBookmarks')
  const begin = query.has('sendInitialEvents') ? head : 'State'
  return {
    from: isWatchList ? 'State' : asked === 0 ? begin : asked,
    hasBookmarks,
    marksEndOfState: isWatchList && hasBookmarks,
    timeoutMillis: timeoutMillis(query, random),
  }
}

function checkCombination(query: URLSearchParams): void {
  const match = query.get('resourceVersionMatch') ?? ''
  const isStream = query.has('sendInitialEvents')
  const causes: Cause[] = []
  const at = 'resourceVersionMatch'
  if (isStream && match !== 'NotOlderThan') {
    causes.push(forbidden(at, 'sendInitialEvents requires setting resourceVersionMatch to NotOlderThan'))
  }
  if (match !== '') {
    if (!isStream) causes.push(forbidden(at, 'resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided'))
    if (match !== 'NotOlderThan') causes.push(notSupported(at, match, ['NotOlderThan']))
    if ((query.get('continue') ?? '') !== '')
      causes.push(forbidden(at, 'resourceVersionMatch is forbidden when continue is provided'))
  }
  if (causes.length > 0) throw invalid({ group: 'meta.k8s.io', plural: '', kind: 'ListOptions' }, '', causes)
}

function timeoutMillis(query: URLSearchParams, random: () => number): number {
  const seconds = countOf(query, 'timeoutSeconds') ?? 0
  return seconds === 0 ? Math.round((1 + random()) * 1_800_000) : seconds * 1000
}
