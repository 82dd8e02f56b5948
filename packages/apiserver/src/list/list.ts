import { apiVersionOf, type KindDefinition } from '@weir/api'
import { isWeirError } from '@weir/base'
import type { Entry, RevisionLog } from '@weir/store'
import { expired, expiredContinuation } from '../failure.ts'
import type { Representation } from '../represent.ts'
import type { Selector } from '../selectors/selector.ts'
import { asServed, parseStored, prefixOf } from '../stored.ts'
import { renderTable, toPartial } from '../table/render.ts'
import { type Continuation, encodeContinuation } from './continuation.ts'
import { type ListOptions, parseListOptions } from './list-options.ts'
import { type Scope, selectorOf } from './scope.ts'

/** The list that a query asks for, as pieces of text. Without selector and in its own form nothing is parsed. */
export function listObjects(
  log: RevisionLog,
  scope: Scope,
  { query, as }: { readonly query: URLSearchParams; readonly as: Representation },
): AsyncIterable<string> | string {
  const prefix = prefixOf(scope.kind, scope.kind.namespaced ? scope.namespace : '')
  const options = parseListOptions(query, prefix, log.head())
  const page = readPage(log, { prefix, options, selector: selectorOf(query, scope) })
  const { revision, next, remaining } = page
  const metadata = {
    resourceVersion: String(revision),
    ...(next === undefined ? {} : { continue: encodeContinuation({ revision, start: next }) }),
    ...(remaining === undefined ? {} : { remainingItemCount: remaining }),
  }
  return render(scope.kind, page.entries, { metadata, as })
}

interface Wanted {
  readonly prefix: string
  readonly options: ListOptions
  readonly selector: Selector | undefined
}

/** A page of a list. `next` is the key after which the next one begins; `remaining` is told where it costs nothing. */
interface Page {
  readonly entries: readonly Entry[]
  readonly revision: number
  readonly next: string | undefined
  readonly remaining?: number | undefined
}

/** @throws 410 if the state is forgotten, with a token to go on in the newest one. */
function readPage(log: RevisionLog, { prefix, options, selector }: Wanted): Page {
  const { continuation, limit = Number.POSITIVE_INFINITY } = options
  const revision = revisionToRead(options, log.head())
  try {
    const range = { prefix, revision, ...(continuation === undefined ? {} : { after: continuation.start }) }
    return selector === undefined ? pageOfAll(log, range, limit) : pageOfSelected(log, { ...range, selector }, limit)
  } catch (error) {
    if (!isWeirError(error, 'STORE_EXPIRED')) throw error
    throw continuation === undefined ? expired(`The resourceVersion for the provided list is too old.`) : tooOld(continuation)
  }
}

/** A token of a state that is not known here (of a backup, say) is as good as one of a state that is forgotten. */
function revisionToRead({ revision, continuation }: ListOptions, head: number): number {
  if (continuation === undefined) return revision
  if (continuation.revision === 'Newest') return 0
  if (continuation.revision > head) throw tooOld(continuation)
  return continuation.revision
}

const tooOld = ({ start }: Continuation) => expiredContinuation(encodeContinuation({ revision: 'Newest', start }))

type Range = Parameters<RevisionLog['list']>[0]

function pageOfAll(log: RevisionLog, range: Range, limit: number): Page {
  const { entries, revision, remaining } = log.list({ ...range, limit })
  return remaining === 0
    ? { entries, revision, next: undefined }
    : { entries, revision, next: entries.at(-1)?.key ?? range.after ?? '', remaining }
}

const scanned = 500

/** Looks no further than to the first object after the page. */
function pageOfSelected(log: RevisionLog, range: Range & { readonly selector: Selector }, limit: number): Page {
  const { selector, ...rest } = range
  const entries: Entry[] = []
  for (let part = rest; ;) {
    const { entries: found, revision, remaining } = log.list({ ...part, limit: scanned })
    for (const entry of found) {
      if (!selector(parseStored(entry.value))) continue
      if (entries.length >= limit) return { entries, revision, next: entries.at(-1)?.key }
      entries.push(entry)
    }
    if (remaining === 0) return { entries, revision, next: undefined }
    part = { ...rest, revision, after: found.at(-1)?.key ?? '' }
  }
}

function render(
  kind: KindDefinition,
  entries: readonly Entry[],
  { metadata, as }: { readonly metadata: object; readonly as: Representation },
): AsyncIterable<string> | string {
  const texts = entries.map(({ value }) => asServed(value, kind))
  if (as.form === 'Table') {
    return JSON.stringify(
      renderTable(kind, texts.map(parseStored), { now: as.now, includeObject: as.includeObject, metadata: { ...metadata } }),
    )
  }
  if (as.form === 'Partial') {
    const items = texts.map((text) => toPartial(parseStored(text)))
    return JSON.stringify({ kind: 'PartialObjectMetadataList', apiVersion: 'meta.k8s.io/v1', metadata, items })
  }
  return inPieces(
    `{"kind":"${kind.kind}List","apiVersion":"${apiVersionOf(kind)}","metadata":${JSON.stringify(metadata)},"items":[`,
    texts,
  )
}

const pieceItems = 200

/** A large list goes out in pieces, so that other requests get their turn. */
function inPieces(head: string, texts: readonly string[]): AsyncIterable<string> | string {
  if (texts.length <= pieceItems) return `${head}${texts.join(',')}]}\n`
  return (async function* pieces() {
    yield head
    for (let start = 0; start < texts.length; start += pieceItems) {
      yield `${start === 0 ? '' : ','}${texts.slice(start, start + pieceItems).join(',')}`
      await new Promise((resolve) => {
        setImmediate(resolve)
      })
    }
    yield ']}\n'
  })()
}
