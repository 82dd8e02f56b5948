import { apiVersionOf, type KindDefinition, type KubernetesObject } from '@weir/api'
import { type Clock, isWeirError } from '@weir/base'
import type { Event, RevisionLog } from '@weir/store'
import { badRequest, expired } from './failure.ts'
import { revisionOf, type Scope, selectorOf } from './list.ts'
import { represent, type Representation } from './represent.ts'
import type { Selector } from './selectors.ts'
import { inVersion, parseStored, prefixOf, withRevision } from './stored.ts'

export interface WatchDeps {
  readonly log: RevisionLog
  readonly clock: Clock
  readonly random: () => number
}

export interface WatchRequest {
  readonly query: URLSearchParams
  readonly as: Representation
  readonly signal: AbortSignal
}

/** A watcher this far behind is let go; it lists again. */
const maxWaiting = 100_000
const bookmarkMillis = 60_000

/**
 * The lines of a watch: events strictly after the resourceVersion, each once and in order; with none or '0', and with
 * `sendInitialEvents`, first an ADDED for every object there is. Ends at its time-out, or with an ERROR event.
 */
export function watchObjects(deps: WatchDeps, scope: Scope, request: WatchRequest): AsyncIterable<string> {
  const { query } = request
  const selector = selectorOf(query, scope)
  const isWatchList = query.get('sendInitialEvents') === 'true'
  if (query.has('sendInitialEvents') && query.get('resourceVersionMatch') !== 'NotOlderThan') {
    throw badRequest('sendInitialEvents requires setting resourceVersionMatch to NotOlderThan')
  }
  const asked = revisionOf(query)
  const startsWithState = isWatchList || (asked === 0 && query.get('sendInitialEvents') !== 'false')
  return lines(deps, scope, { ...request, selector, from: startsWithState ? undefined : asked, isWatchList })
}

interface Plan extends WatchRequest {
  readonly selector: Selector | undefined
  /** Events after this revision; undefined to begin with the state. */
  readonly from: number | undefined
  readonly isWatchList: boolean
}

async function* lines({ log, clock, random }: WatchDeps, scope: Scope, plan: Plan): AsyncGenerator<string> {
  const { kind } = scope
  const { query, signal } = plan
  const prefix = prefixOf(kind, kind.namespaced ? scope.namespace : '')
  const isBookmarked = query.get('allowWatchBookmarks') === 'true'
  const queue: string[] = []
  let wake: () => void = () => {}
  const add = (events: readonly Event[]): void => {
    if (queue.length > maxWaiting) return
    for (const event of events) {
      const line = lineOf(event, { kind, plan })
      if (line !== undefined) queue.push(line)
    }
    wake()
  }
  const begin = (): { readonly end: () => void; readonly revision: number } => {
    if (plan.from !== undefined) return { end: log.watch(prefix, plan.from, add), revision: plan.from }
    const page = log.list({ prefix })
    for (const { value } of page.entries) {
      const text = inVersion(value, kind)
      if (plan.selector === undefined || plan.selector(parseStored(text)))
        queue.push(eventLine('ADDED', represent(kind, text, plan.as)))
    }
    if (plan.isWatchList) queue.push(bookmark(kind, page.revision, true))
    return { end: log.watch(prefix, page.revision, add), revision: page.revision }
  }

  let subscription: ReturnType<typeof begin>
  try {
    subscription = begin()
  } catch (error) {
    if (!isWeirError(error, 'STORE_EXPIRED')) throw error
    yield eventLine('ERROR', JSON.stringify(expired(`too old resource version: ${plan.from ?? 0} (${log.compacted()})`).status))
    return
  }
  const deadline = clock.now() + timeoutMillis(query, random)
  try {
    while (!signal.aborted) {
      while (queue.length > 0) yield queue.splice(0, 256).join('')
      if (queue.length === 0 && clock.now() >= deadline) break
      const controller = new AbortController()
      const pause = Math.min(bookmarkMillis, deadline - clock.now())
      const nothing = await waitFor({
        clock,
        millis: pause,
        signal,
        controller,
        onWake: (call) => (wake = call),
        isReady: () => queue.length > 0,
      })
      if (nothing && isBookmarked && !signal.aborted) yield bookmark(kind, log.head(), false)
      if (queue.length > maxWaiting) return
    }
  } finally {
    subscription.end()
  }
}

/** Waits for something to send; true if the time passed without. */
async function waitFor(wait: {
  readonly clock: Clock
  readonly millis: number
  readonly signal: AbortSignal
  readonly controller: AbortController
  readonly onWake: (call: () => void) => void
  readonly isReady: () => boolean
}): Promise<boolean> {
  const { clock, millis, signal, controller, onWake, isReady } = wait
  const stop = (): void => controller.abort()
  onWake(stop)
  signal.addEventListener('abort', stop, { once: true })
  if (isReady() || signal.aborted) stop()
  await clock.sleep(Math.max(0, millis), controller.signal)
  signal.removeEventListener('abort', stop)
  onWake(() => {})
  return !controller.signal.aborted
}

function timeoutMillis(query: URLSearchParams, random: () => number): number {
  const text = query.get('timeoutSeconds') ?? ''
  if (text !== '' && !/^\d{1,9}$/u.test(text)) throw badRequest('timeoutSeconds must be a number')
  return text === '' || text === '0' ? Math.round((1 + random()) * 1_800_000) : Number(text) * 1000
}

const eventLine = (type: string, object: string): string => `{"type":"${type}","object":${object.trimEnd()}}\n`

const bookmark = (kind: KindDefinition, revision: number, isEndOfState: boolean): string =>
  eventLine(
    'BOOKMARK',
    JSON.stringify({
      kind: kind.kind,
      apiVersion: apiVersionOf(kind),
      metadata: {
        resourceVersion: String(revision),
        creationTimestamp: null,
        ...(isEndOfState ? { annotations: { 'k8s.io/initial-events-end': 'true' } } : {}),
      },
    }),
  )

/** The line for an event; undefined if the selector keeps it from this watcher. What leaves a selector is DELETED to it. */
function lineOf(
  { value, previous, revision }: Event,
  { kind, plan }: { readonly kind: KindDefinition; readonly plan: Plan },
): string | undefined {
  const { selector, as } = plan
  const isWanted = (text: string | undefined): boolean =>
    text !== undefined && (selector === undefined || selector(parseStored(text) satisfies KubernetesObject))
  const [before, after] = [isWanted(previous), isWanted(value)]
  if (!before && !after) return undefined
  const text = after ? (value ?? '') : withRevision(value ?? previous ?? '', revision)
  const type = after ? (before ? 'MODIFIED' : 'ADDED') : 'DELETED'
  return eventLine(type, represent(kind, inVersion(text, kind), as))
}
