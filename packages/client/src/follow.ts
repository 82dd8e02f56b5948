import type { KindDefinition, KubernetesObject } from '@weir/api'
import { backoffMillis, type BackoffPolicy, type Clock, isWeirError, type Logger } from '@weir/base'
import type { Cache } from './cache.ts'
import type { Client, ListOptions } from './client.ts'
import { createDeadline } from './deadline.ts'
import { beginStreamedList } from './initial-list.ts'
import { badAnswer } from './lines.ts'
import { compareResourceVersions } from './resource-version.ts'
import type { ChangeEvent } from './watch.ts'

/** What is followed, into which cache, and who is told. */
export interface Following<T extends KubernetesObject> {
  readonly client: Client
  readonly kind: KindDefinition<T>
  readonly clock: Clock
  readonly random: () => number
  readonly logger: Logger
  readonly scope: Pick<ListOptions, 'namespace' | 'labelSelector'>
  readonly cache: Cache<T>
  /** The server gave a sign of life. */
  readonly heard: () => void
  /** A list is in the cache. */
  readonly listed: () => void
  readonly signal: AbortSignal
}

const backoff: BackoffPolicy = { firstMillis: 200, maxMillis: 30_000, jitter: 0.5 }
const listTimeoutMillis = 120_000
/** A watch that ends sooner did not run into its time-out: the way to the server is bad. */
const shortWatchMillis = 5_000
/** How long after its own time-out a silent watch counts as dead (a half-open connection). */
const stallMillis = 30_000
/** Kubernetes answers Timeout, not Expired, to a revision that it has not reached; a restored server may be long in reaching it. */
const maxResumes = 5

/** How far it has come. */
interface Position {
  /** Everything up to it is in the cache; undefined: list first. */
  version: string | undefined
  /** Failures in a row. */
  attempt: number
  /** False once the server would not begin a watch with a list: then lists come in pages. */
  streams: boolean
}

/** Lists, watches from there, resumes after a break, lists anew when the server forgot; whatever happens, until `signal` aborts. */
export async function follow<T extends KubernetesObject>(deps: Following<T>): Promise<void> {
  const { clock, random, signal } = deps
  const at: Position = { version: undefined, attempt: 0, streams: true }
  while (!signal.aborted) {
    const began = clock.now()
    try {
      const end = await listAndWatch(deps, at)
      if (end === 'Refused') continue
      if (clock.now() - began >= shortWatchMillis) {
        at.attempt = 0
        continue
      }
    } catch (error) {
      if (signal.aborted) return
      if (!canResume(error, at)) at.version = undefined
      report(deps, error)
    }
    await clock.sleep(backoffMillis(backoff, at.attempt++, random), signal)
  }
}

/** A lost connection says nothing about our revision; anything else may mean that it is of no use any more. */
function canResume(error: unknown, { attempt }: Position): boolean {
  if (isWeirError(error, 'CLIENT_UNREACHABLE')) return true
  return isWeirError(error, 'API_UNAVAILABLE') && attempt < maxResumes
}

function report({ logger, kind }: { readonly logger: Logger; readonly kind: { readonly kind: string } }, error: unknown): void {
  if (isWeirError(error, 'API_EXPIRED')) logger.info('The watch is too far behind; listing again', { kind: kind.kind })
  else if (isWeirError(error)) logger.warn('Following a kind was interrupted', { kind: kind.kind, code: error.code })
  else logger.error('Following a kind was interrupted', error, { kind: kind.kind })
}

async function listAndWatch<T extends KubernetesObject>(deps: Following<T>, at: Position): Promise<'Ended' | 'Refused'> {
  if (at.version === undefined && !at.streams) await listInPages(deps, at)
  return await watch(deps, at)
}

const silence =
  (kind: KindDefinition) =>
  (millis: number): Error =>
    badAnswer(`The API server said nothing about ${kind.plural} for ${millis} ms`)

async function listInPages<T extends KubernetesObject>(deps: Following<T>, at: Position): Promise<void> {
  const { cache, client, clock, kind, scope } = deps
  const number = cache.beginList()
  const deadline = createDeadline(clock, deps.signal, silence(kind))
  deadline.arm(listTimeoutMillis)
  try {
    const { items, metadata } = await client.list(kind, { ...scope, signal: deadline.signal })
    const version: unknown = metadata.resourceVersion
    if (typeof version !== 'string') throw badAnswer(`The list of ${kind.plural} has no resourceVersion to watch from`)
    cache.replace(items, version, number)
    at.version = version
    deps.heard()
    deps.listed()
  } finally {
    await deadline.end()
  }
}

/** One watch, until it ends by itself or fails; it begins with a list if there is no version to watch from. */
async function watch<T extends KubernetesObject>(deps: Following<T>, at: Position): Promise<'Ended' | 'Refused'> {
  const { cache, client, clock, kind, scope, random } = deps
  let list = at.version === undefined ? beginStreamedList(cache) : undefined
  // Spread out, so that the many watches of a process do not all reconnect at once.
  const timeoutSeconds = Math.round(240 * (1 + random()))
  const start = at.version === undefined ? { sendInitialEvents: true } : { resourceVersion: at.version }
  const deadline = createDeadline(clock, deps.signal, silence(kind))
  deadline.arm(list === undefined ? timeoutSeconds * 1000 + stallMillis : listTimeoutMillis)
  try {
    for await (const event of client.watch(kind, { ...scope, ...start, timeoutSeconds, signal: deadline.signal })) {
      deps.heard()
      if (list === undefined) apply(cache, event, at)
      else if (list.take(event) === 'More') continue
      else {
        list = undefined
        deps.listed()
        deadline.arm(timeoutSeconds * 1000 + stallMillis)
      }
      at.version = versionOf(event)
      at.attempt = 0
    }
  } catch (error) {
    if (list === undefined || !isRefusal(error)) throw error
    at.streams = false
    return 'Refused'
  } finally {
    await deadline.end()
  }
  if (list === undefined || deps.signal.aborted) return 'Ended'
  // A server that does not know of such watches sends the objects, and never the mark of their end.
  if (deadline.isPassed()) at.streams = false
  throw badAnswer(`The watch of ${kind.plural} ended before its list was complete`)
}

const isRefusal = (error: unknown): boolean => isWeirError(error, 'API_INVALID') || isWeirError(error, 'API_BAD_REQUEST')

function apply<T extends KubernetesObject>(cache: Cache<T>, event: ChangeEvent<T>, { version = '' }: Position): void {
  const resourceVersion = versionOf(event)
  if (compareResourceVersions(resourceVersion, version) < 0)
    throw badAnswer(`The API server went back from resourceVersion ${version} to ${resourceVersion}`)
  if (event.type === 'BOOKMARK') cache.advance(resourceVersion)
  else if (event.type === 'DELETED') cache.remove(event.object)
  else cache.put(event.object)
}

function versionOf({ type, object: { metadata } }: ChangeEvent<KubernetesObject>): string {
  if (metadata.resourceVersion === undefined) throw badAnswer(`A watch event ${type} has no resourceVersion`)
  return metadata.resourceVersion
}
