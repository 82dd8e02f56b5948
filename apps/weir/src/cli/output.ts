import type { KindDefinition, KubernetesObject } from '@weir/api'
import { WeirError } from '@weir/base'
import { printable } from './terminal-text.ts'

/** The ways to print objects. */
const outputFormats = ['table', 'wide', 'json', 'yaml', 'name'] as const
export type OutputFormat = (typeof outputFormats)[number]

/** A meta.k8s.io/v1 Table: how a server wants its objects to be shown. */
export interface Table {
  readonly metadata: { readonly resourceVersion?: string; readonly continue?: string }
  readonly columnDefinitions: readonly { readonly name: string; readonly priority?: number }[]
  readonly rows: readonly TableRow[]
}

interface TableRow {
  readonly cells: readonly unknown[]
  readonly object?: { readonly metadata?: Partial<KubernetesObject['metadata']> }
}

/** Asks a server for a Table. */
export const tableAccept = 'application/json;as=Table;v=v1;g=meta.k8s.io,application/json'

/** @throws CLIENT_BAD_ANSWER if `value` is no Table. */
export function parseTable(value: unknown): Table {
  const table = value as Partial<Table> | null | undefined
  // Later tables of a watch may leave out the columns, and an empty Go slice comes as null.
  if (typeof table !== 'object' || table === null || !('rows' in table || 'columnDefinitions' in table)) {
    throw new WeirError('CLIENT_BAD_ANSWER', 'The API server answered no table of its objects; -o name, json and yaml still work')
  }
  return { metadata: table.metadata ?? {}, columnDefinitions: table.columnDefinitions ?? [], rows: table.rows ?? [] }
}

/** How to lay out a table. */
export interface TableStyle {
  readonly wide: boolean
  readonly headers: boolean
  readonly withNamespace: boolean
}

/** Lines of text from rows of tables. Columns never get narrower, so that the lines of a watch stay aligned. */
export function createTablePrinter(style: TableStyle): (table: Table) => string {
  let columns: readonly { readonly name: string; readonly index: number }[] | undefined
  const widths: number[] = []
  return (table) => {
    const isFirst = columns === undefined
    const shown = (columns ??= shownColumns(table, style))
    const header = isFirst && style.headers ? [shown.map(({ name }) => name.toUpperCase())] : []
    const lines = [...header, ...table.rows.map((row) => shown.map(({ index }) => cellText(row, index)))]
    for (const line of lines) line.forEach((cell, at) => (widths[at] = Math.max(widths[at] ?? 0, cell.length)))
    return lines.map((line) => `${alignedLine(line, widths)}\n`).join('')
  }
}

const gap = '   '
const namespaceIndex = -1

function shownColumns({ columnDefinitions }: Table, style: TableStyle): readonly { name: string; index: number }[] {
  const own = columnDefinitions
    .map(({ name, priority }, index) => ({ name, index, priority: priority ?? 0 }))
    .filter(({ priority }) => style.wide || priority === 0)
  return style.withNamespace ? [{ name: 'Namespace', index: namespaceIndex }, ...own] : own
}

function cellText(row: TableRow, index: number): string {
  const value = index === namespaceIndex ? row.object?.metadata?.namespace : row.cells[index]
  if (value === undefined || value === null) return ''
  const text = typeof value === 'string' ? value : JSON.stringify(value)
  const [line = '', ...more] = text.split('\n')
  return printable(line) + (more.length > 0 ? '...' : '')
}

const alignedLine = (cells: readonly string[], widths: readonly number[]): string =>
  cells.map((cell, at) => (at === cells.length - 1 ? cell : cell.padEnd(widths[at] ?? 0))).join(gap)

/** `virtualmachine.kubevirt.io/web`, which kubectl takes as an argument. */
export const qualifiedName = ({ singular, group }: KindDefinition, name: string): string =>
  `${singular}${group === '' ? '' : `.${group}`}/${name}`

/** `object` without what only servers read. */
export function presentable<T extends KubernetesObject>(object: T): T {
  const { managedFields: _ofServers, ...metadata } = object.metadata as T['metadata'] & { readonly managedFields?: unknown }
  return { ...object, metadata }
}

/** A document of `value`. */
export async function documentText(value: unknown, format: 'json' | 'yaml'): Promise<string> {
  if (format === 'json') return `${JSON.stringify(value, undefined, 2)}\n`
  const { dump } = await import('js-yaml')
  return dump(value, { noRefs: true, lineWidth: -1 })
}
