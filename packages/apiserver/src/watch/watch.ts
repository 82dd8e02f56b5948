import { type Clock, isWeirError } from '@weir/base'
import type { Entry, RevisionLog } from '@weir/store'
import { expired } from '../failure.ts'
import { type Scope, selectorOf } from '../list/scope.ts'
import type { Representation } from '../represent.ts'
import { prefixOf } from '../stored.ts'
import { type Backlog, createBacklog, pieceCharacters } from './backlog.ts'
import { createBell } from './bell.ts'
import { addedLine, bookmarkLine, errorLine, eventLine, type Taste } from './event-line.ts'
import { parseWatchOptions, type WatchOptions } from './watch-options.ts'

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

/** A watcher further behind than this is let go; it lists again. */
const limits = { events: 100_000, characters: 32 * 1024 * 1024 }
const bookmarkMillis = 60_000

interface Plan {
  readonly prefix: string
  readonly taste: Taste
  readonly options: WatchOptions
  readonly signal: AbortSignal
}

/**
 * The lines of a watch: events strictly after the resourceVersion, each once and in order; with none or '0', and with
 * `sendInitialEvents`, first an ADDED for every object there is. Ends at its time-out, or with an ERROR event 410 if the
 * revision is forgotten or the reader too slow: never with an event missing before the end.
 * @throws as `parseWatchOptions` and the selectors do, before the first line.
 */
export function watchObjects(deps: WatchDeps, scope: Scope, { query, as, signal }: WatchRequest): AsyncIterable<string> {
  const { kind } = scope
  return lines(deps, {
    prefix: prefixOf(kind, kind.namespaced ? scope.namespace : ''),
    taste: { kind, selector: selectorOf(query, scope), as },
    options: parseWatchOptions(query, deps.log.head(), deps.random),
    signal,
  })
}

async function* lines({ log, clock }: WatchDeps, plan: Plan): AsyncGenerator<string> {
  const { options } = plan
  /** Ages are those of the moment at which a line is made: a watch lasts for an hour. */
  const taste = (): Taste => ({ ...plan.taste, as: { ...plan.taste.as, now: clock.now() } })
  const { kind } = plan.taste
  const bell = createBell()
  const backlog = createBacklog(limits)
  const beginning = begin(log, plan, (events) => {
    backlog.add(events)
    bell.ring()
  })
  if (beginning === undefined) {
    yield errorLine(expired(`too old resource version: ${options.from} (${log.compacted()})`).status)
    return
  }
  const over = new AbortController()
  const deadline = clock.now() + options.timeoutMillis
  let isBookmarkDue = false
  const tick = (): void => {
    isBookmarkDue = options.hasBookmarks
    bell.ring()
  }
  plan.signal.addEventListener('abort', bell.ring, { once: true })
  void tickUntil(clock, { deadline, signal: over.signal, tick })
  try {
    yield* stateLines(beginning.entries, taste())
    if (options.marksEndOfState) yield bookmarkLine(kind, beginning.revision, true)
    while (!plan.signal.aborted) {
      // One look decides, without a turn in between: a bookmark must not overtake events that arrive meanwhile.
      const events = backlog.take()
      if (events.length > 0) {
        const current = taste()
        const piece = events.map((event) => eventLine(event, current)).join('')
        if (piece !== '') yield piece
      } else if (backlog.isLost()) {
        yield errorLine(expired('The watch fell too far behind to be told every event; list again').status)
        return
      } else if (isBookmarkDue) {
        isBookmarkDue = false
        yield bookmarkLine(kind, log.told())
      } else if (clock.now() >= deadline) return
      else await bell.heard()
    }
  } finally {
    beginning.end()
    over.abort()
    plan.signal.removeEventListener('abort', bell.ring)
  }
}

interface Beginning {
  readonly entries: readonly Entry[]
  readonly revision: number
  readonly end: () => void
}

/** The state to start with ([] if the watch starts from a revision), and the subscription to what follows; undefined if too old. */
function begin(log: RevisionLog, { prefix, options }: Plan, onEvents: Backlog['add']): Beginning | undefined {
  if (options.from === 'State') {
    const { entries, revision } = log.list({ prefix })
    return { entries, revision, end: log.watch(prefix, revision, onEvents) }
  }
  try {
    return { entries: [], revision: options.from, end: log.watch(prefix, options.from, onEvents) }
  } catch (error) {
    if (isWeirError(error, 'STORE_EXPIRED')) return undefined
    throw error
  }
}

/** The state in pieces, so that a large one is neither copied whole nor holds up others. */
function* stateLines(entries: readonly Entry[], taste: Taste): Generator<string> {
  let piece = ''
  for (const { value } of entries) {
    piece += addedLine(value, taste)
    if (piece.length < pieceCharacters) continue
    yield piece
    piece = ''
  }
  if (piece !== '') yield piece
}

interface Ticks {
  readonly deadline: number
  readonly signal: AbortSignal
  readonly tick: () => void
}

/** Ticks when a bookmark is due, the last time at the deadline. */
async function tickUntil(clock: Clock, { deadline, signal, tick }: Ticks): Promise<void> {
  while (!signal.aborted && clock.now() < deadline) {
    await clock.sleep(Math.min(bookmarkMillis, deadline - clock.now()), signal)
    if (!signal.aborted) tick()
  }
}
