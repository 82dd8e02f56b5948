import { apiVersionOf, type KindDefinition } from '@weir/api'
import { isWeirError } from '@weir/base'
import type { Page, RevisionLog } from '@weir/store'
import { badRequest, expired, invalid, tooLargeRevision } from './failure.ts'
import { countOf } from './query.ts'
import { invalid as invalidCause } from './schema/cause.ts'
import { parseFieldSelector, parseLabelSelector, type Selector } from './selectors.ts'
import { inVersion, parseStored, prefixOf } from './stored.ts'
import { type Representation } from './represent.ts'
import { renderTable, toPartial } from './table/render.ts'

/** Where to look: a kind, in one namespace or all, and perhaps one name. */
export interface Scope {
  readonly kind: KindDefinition
  readonly namespace?: string | undefined
  readonly name?: string | undefined
}

/** Everything selectors say together; undefined if all are wanted. */
export function selectorOf(query: URLSearchParams, { kind, name }: Scope): Selector | undefined {
  const tests = [
    parseLabelSelector(query.get('labelSelector')),
    parseFieldSelector(query.get('fieldSelector'), kind),
    name === undefined ? undefined : parseFieldSelector(`metadata.name=${name}`, kind),
  ].filter((test) => test !== undefined)
  return tests.length === 0 ? undefined : (object) => tests.every((test) => test(object))
}

interface Continuation {
  readonly v: 'meta.k8s.io/v1'
  readonly rv: number
  readonly start: string
}

const encodeContinue = (rv: number, start: string): string =>
  Buffer.from(JSON.stringify({ v: 'meta.k8s.io/v1', rv, start } satisfies Continuation)).toString('base64url')

function decodeContinue(text: string, prefix: string): Continuation {
  try {
    const token = JSON.parse(Buffer.from(text, 'base64url').toString('utf8')) as Continuation
    if (token.v === 'meta.k8s.io/v1' && Number.isSafeInteger(token.rv) && token.start.startsWith(prefix)) return token
  } catch {
    // Falls through: nothing of the token can be trusted.
  }
  throw badRequest('continue key is not valid')
}

/** The revision that a read must have seen; 0 for the newest. @throws 400 if it is no number. */
export function revisionOf(query: URLSearchParams): number {
  const text = query.get('resourceVersion') ?? ''
  if (text === '') return 0
  if (!/^\d{1,15}$/u.test(text))
    throw badRequest(`Invalid value: "${text.slice(0, 64)}": resourceVersion must be a decimal number`)
  return Number(text)
}

/** The revision to list at: 0 for the newest. @throws 422 for combinations that Kubernetes forbids, 504 for the future. */
function listRevision(query: URLSearchParams, { kind }: Scope, head: number): number {
  const match = query.get('resourceVersionMatch') ?? ''
  const revision = revisionOf(query)
  const refuse = (detail: string): never => {
    throw invalid({ ...kind, kind: 'ListOptions', group: '' }, '', [invalidCause('resourceVersionMatch', match, detail)])
  }
  if (match !== '' && match !== 'Exact' && match !== 'NotOlderThan') refuse("supported values: 'Exact', 'NotOlderThan'")
  if (match !== '' && (query.get('resourceVersion') ?? '') === '')
    refuse('resourceVersionMatch is forbidden unless resourceVersion is provided')
  if (match !== '' && query.has('continue')) refuse('resourceVersionMatch is forbidden when continue is provided')
  if (match === 'Exact' && revision === 0) refuse('resourceVersionMatch "exact" is forbidden for resourceVersion "0"')
  if (revision > head) throw tooLargeRevision(revision, head)
  return match === 'Exact' ? revision : 0
}

/** The list that a query asks for, as pieces of text. Without selector and in its own form nothing is parsed. */
export function listObjects(
  log: RevisionLog,
  scope: Scope,
  { query, as }: { readonly query: URLSearchParams; readonly as: Representation },
): AsyncIterable<string> | string {
  const prefix = prefixOf(scope.kind, scope.kind.namespaced ? scope.namespace : '')
  const token = query.get('continue')
  const from = token === null || token === '' ? undefined : decodeContinue(token, prefix)
  // A limit of 0 is none.
  const limit = countOf(query, 'limit') || undefined
  const selector = selectorOf(query, scope)
  const revision = from?.rv ?? listRevision(query, scope, log.head())
  const read = { prefix, revision, ...(from === undefined ? {} : { after: from.start }) }
  const page = readPage(log, { ...read, ...(limit === undefined ? {} : { limit }) }, selector)
  const metadata = {
    resourceVersion: String(page.revision),
    ...(page.remaining > 0 ? { continue: encodeContinue(page.revision, page.entries.at(-1)?.key ?? '') } : {}),
    ...(page.remaining > 0 && selector === undefined ? { remainingItemCount: page.remaining } : {}),
  }
  return render(scope.kind, page, { metadata, as })
}

function readPage(log: RevisionLog, range: Parameters<RevisionLog['list']>[0], selector: Selector | undefined): Page {
  try {
    if (selector === undefined) return log.list(range)
    const { limit = Number.POSITIVE_INFINITY, ...rest } = range
    const all = log.list(rest)
    const wanted = all.entries.filter(({ value }) => selector(parseStored(value)))
    return { entries: wanted.slice(0, limit), revision: all.revision, remaining: Math.max(0, wanted.length - limit) }
  } catch (error) {
    if (isWeirError(error, 'STORE_EXPIRED'))
      throw expired(
        'The provided continue parameter is too old to display a consistent list result. You must start a new list without the continue parameter.',
      )
    throw error
  }
}

function render(
  kind: KindDefinition,
  page: Page,
  { metadata, as }: { readonly metadata: object; readonly as: Representation },
): AsyncIterable<string> | string {
  const texts = page.entries.map(({ value }) => inVersion(value, kind))
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
