import { apiVersionOf, type KindDefinition, type KubernetesObject, virtualMachine } from '@weir/api'
import { isWeirError, WeirError } from '@weir/base'
import { type Client, createClient, listPath, type Transport } from '@weir/client'
import {
  createTablePrinter,
  documentText,
  type OutputFormat,
  parseTable,
  presentable,
  qualifiedName,
  type Table,
  tableAccept,
} from './output.ts'
import { withMachineColumns } from './machine-columns.ts'
import type { Session } from './session.ts'

/** What to show of a kind, and how. */
export interface Selection {
  readonly kind: KindDefinition
  /** Empty: all that the selectors let through. */
  readonly names?: readonly string[]
  readonly output: OutputFormat
  readonly headers?: boolean
  readonly selector?: string
  readonly fieldSelector?: string
  readonly allNamespaces?: boolean
  readonly watch?: boolean
}

/** Prints objects as `kubectl get` does, until Ctrl-C if they are watched. @throws as `Client`. */
export async function show(session: Session, selection: Selection): Promise<void> {
  if (selection.watch === true && (selection.names ?? []).length > 1)
    throw new WeirError(
      'CLI_USAGE',
      'only one can be watched by its name; leave the names out to watch all, or choose by labels: -l',
    )
  const query = queryOf(session, selection)
  if (selection.watch === true) await watchAll(query)
  else if (selection.output === 'table' || selection.output === 'wide') await printTable(query)
  else await printObjects(query)
}

interface Query {
  readonly session: Session
  readonly selection: Selection
  readonly client: Client
  /** Answers Tables. */
  readonly tables: Client
  readonly scope: { readonly namespace?: string; readonly labelSelector?: string; readonly fieldSelector?: string }
}

function queryOf(session: Session, selection: Selection): Query {
  const { kind, selector, names = [] } = selection
  const everywhere = !kind.namespaced || selection.allNamespaces === true
  const [only] = selection.watch === true ? names : []
  const fieldSelector = only === undefined ? selection.fieldSelector : `metadata.name=${only}`
  return {
    session,
    selection,
    client: session.client,
    tables: createClient(askingForTables(session.transport)),
    scope: {
      ...(everywhere ? {} : { namespace: session.namespace }),
      ...(selector === undefined ? {} : { labelSelector: selector }),
      ...(fieldSelector === undefined ? {} : { fieldSelector }),
    },
  }
}

/** Such a transport makes the objects of a client's answers be Tables. */
const askingForTables = (transport: Transport): Transport => ({
  request: (request) => transport.request({ ...request, headers: { ...request.headers, accept: tableAccept } }),
})

const printerOf = ({ selection }: Query) =>
  createTablePrinter({
    wide: selection.output === 'wide',
    headers: selection.headers ?? true,
    withNamespace: selection.allNamespaces === true && selection.kind.namespaced,
  })

async function printTable(query: Query): Promise<void> {
  const { selection, session, scope } = query
  const served = await readTable(query)
  const table =
    selection.output === 'wide' && selection.kind === virtualMachine
      ? await withMachineColumns(served, { client: query.client, signal: session.signal, ...placeOf(scope) })
      : served
  if (table.rows.length === 0) reportNothing(query)
  else query.session.io.out(printerOf(query)(table))
}

const placeOf = ({ namespace }: Query['scope']) => (namespace === undefined ? {} : { namespace })

/** All rows that were asked for, of all pages. */
async function readTable({ tables, selection, session, scope }: Query): Promise<Table> {
  const { signal } = session
  const names = selection.names ?? []
  const pages: Table[] = []
  for (const name of names) pages.push(parseTable(await tables.get(selection.kind, { ...scope, name }, signal)))
  for (let token: string | undefined = ''; names.length === 0 && token !== undefined;) {
    const path = listPath(selection.kind, { ...scope, limit: 500, ...(token === '' ? {} : { continue: token }) })
    const page = parseTable(await tables.raw('GET', path, undefined, signal))
    pages.push(page)
    token = page.metadata.continue === '' ? undefined : page.metadata.continue
  }
  const rows = inOrder(
    selection.kind,
    pages.flatMap((page) => page.rows),
  )
  return { metadata: pages[0]?.metadata ?? {}, columnDefinitions: pages[0]?.columnDefinitions ?? [], rows }
}

/** What happened is read from the first to the last; everything else by name, as the server has it. */
function inOrder(kind: KindDefinition, rows: Table['rows']): Table['rows'] {
  if (kind.kind !== 'Event') return rows
  const begun = ({ object }: Table['rows'][number]): string => object?.metadata?.creationTimestamp ?? ''
  // Moments are whole seconds. A later write has a greater version where versions are numbers, as they are in every Kubernetes so far.
  const version = ({ object }: Table['rows'][number]): number => Number(object?.metadata?.resourceVersion ?? 0)
  return rows.toSorted((one, other) => begun(one).localeCompare(begun(other)) || version(one) - version(other))
}

async function printObjects(query: Query): Promise<void> {
  const { selection, session } = query
  const objects = (await readObjects(query)).map(presentable)
  if (selection.output === 'name') {
    session.io.out(objects.map(({ metadata }) => `${qualifiedName(selection.kind, metadata.name)}\n`).join(''))
    return
  }
  const [first] = objects
  const isOne = selection.names?.length === 1 && first !== undefined
  const document = isOne ? first : { apiVersion: 'v1', kind: 'List', metadata: {}, items: objects }
  session.io.out(await documentText(document, selection.output === 'yaml' ? 'yaml' : 'json'))
}

async function readObjects({ client, selection, session, scope }: Query): Promise<readonly KubernetesObject[]> {
  const { names = [], kind } = selection
  if (names.length === 0) return (await client.list(kind, { ...scope, signal: session.signal })).items
  return await Promise.all(names.map((name) => client.get(kind, { ...scope, name }, session.signal)))
}

function reportNothing({ session, scope }: Query): void {
  session.io.err(scope.namespace === undefined ? 'No resources found\n' : `No resources found in ${scope.namespace} namespace.\n`)
}

type Printer = (type: string, object: KubernetesObject) => Promise<string>

/** The state now, then every change. Streams end now and then: the next one goes on where the last one stopped. */
async function watchAll(query: Query): Promise<void> {
  const { session, selection, scope } = query
  const { signal, io } = session
  const asTable = selection.output === 'table' || selection.output === 'wide'
  const client = asTable ? query.tables : query.client
  const print = asTable ? tableRowPrinter(query) : documentPrinter(query)
  let resourceVersion = await printInitial(query, print)
  while (!signal.aborted) {
    try {
      for await (const event of client.watch(selection.kind, { ...scope, resourceVersion, signal })) {
        resourceVersion = versionOf(event.object) ?? resourceVersion
        if (event.type !== 'BOOKMARK') io.out(await print(event.type, event.object))
      }
    } catch (error) {
      if (!isWeirError(error, 'API_EXPIRED')) throw error
      resourceVersion = await printInitial(query, print)
    }
  }
}

async function printInitial(query: Query, print: Printer): Promise<string> {
  const { session, selection, scope, client } = query
  if (selection.output === 'table' || selection.output === 'wide') {
    const table = await readTable({ ...query, selection: { ...selection, names: [] } })
    session.io.out(await print('ADDED', table as unknown as KubernetesObject))
    return table.metadata.resourceVersion ?? ''
  }
  const list = await client.list(selection.kind, { ...scope, signal: session.signal })
  for (const object of list.items) session.io.out(await print('ADDED', object))
  return list.metadata.resourceVersion ?? ''
}

function tableRowPrinter(query: Query): Printer {
  const print = printerOf(query)
  return (_type, object) => Promise.resolve(print(parseTable(object)))
}

/** JSON as one event a line; YAML as documents. */
function documentPrinter({ selection }: Query): Printer {
  return async (type, object) => {
    const shown = presentable({ ...object, apiVersion: apiVersionOf(selection.kind), kind: selection.kind.kind })
    if (selection.output === 'name') return `${qualifiedName(selection.kind, object.metadata.name)}\n`
    if (selection.output === 'json') return `${JSON.stringify({ type, object: shown })}\n`
    return `---\n${await documentText(shown, 'yaml')}`
  }
}

/** Of an object, or of the row of a Table; those of a bookmark as well. */
function versionOf(object: KubernetesObject): string | undefined {
  const rows = 'rows' in object || 'columnDefinitions' in object ? parseTable(object).rows : []
  return rows.at(-1)?.object?.metadata?.resourceVersion ?? object.metadata.resourceVersion
}
