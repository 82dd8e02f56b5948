import { finding } from '../findings/finding.ts'
import type { FindingLog } from '../findings/finding-log.ts'
import type { Cell, Table } from '../table/table.ts'
import { toBoolean, toDatastore, toNumber, toText } from './cell-values.ts'
import { parseHeader } from './headers.ts'
import { isBackupMark, signsOf } from './notes.ts'
import { type Field, type ReadSheetName, sheets } from './sheets.ts'
import { fromSerial, orderOf, type DateOrder } from './times.ts'

/** What the reading of one sheet needs beside its table. */
export interface SheetContext {
  readonly log: FindingLog
  readonly signal?: AbortSignal
  /** Called with the order of each written date that tells. */
  readonly onDateOrder: (order: DateOrder) => void
}

/** Takes the rows of one sheet, `SheetRow` of its name; `never` because no type covers handlers of different sheets. */
export type RowHandler = (row: never, hasBackupMark: boolean) => void

/** What was found out about the columns of a sheet. */
export interface SheetShape {
  readonly hasHeader: boolean
  /** Fields that have a column. */
  readonly fields: ReadonlySet<string>
}

interface Column {
  readonly name: string
  readonly field: Field
  readonly unitBytes: number
  invalidCount: number
  /** Counted from 1 below the header. The value itself is not told: in a shifted column it may be a note. */
  firstInvalidRow: number
}

const mebibyte = 2 ** 20
/** A size beyond this, or a count, is a mistake and no machine: 64 PiB, 100 million. */
const bytesMax = 2 ** 56
const countMax = 1e8

/**
 * Reads the rows of a sheet, as far as the allow-list of its columns goes, one after the other. `hasBackupMark` is true where a
 * custom attribute of a backup product has a value. Cells that cannot be what they should be are left out and told in the log.
 * @throws ESTATE_CORRUPT, ESTATE_LIMIT
 */
export async function readSheet(
  table: Table,
  name: ReadSheetName,
  context: SheetContext,
  onRow: RowHandler,
): Promise<SheetShape> {
  let columns: readonly Column[] | undefined
  let backupCount = 0
  const choose = (header: readonly Cell[]): readonly number[] | undefined => {
    const chosen = chooseColumns(header, name)
    if (chosen === undefined) return undefined
    columns = chosen.columns.map(({ column }) => column)
    backupCount = chosen.backupColumns.length
    return [...chosen.columns.map(({ index }) => index), ...chosen.backupColumns]
  }
  let rowCount = 0
  for await (const batch of table.batches(choose, context.signal)) {
    const found = columns
    if (found === undefined) continue
    for (const cells of batch) {
      const row = { ...blankRows[name] }
      fill(row, cells, found, { table, context, row: ++rowCount })
      onRow(row as never, backupCount > 0 && cells.slice(found.length).some((cell) => cell !== undefined))
    }
  }
  for (const column of columns ?? []) reportInvalid(column, name, table, context)
  return { hasHeader: columns !== undefined, fields: new Set(columns?.map((column) => column.name)) }
}

interface Chosen {
  readonly columns: readonly { readonly column: Column; readonly index: number }[]
  readonly backupColumns: readonly number[]
}

/** The wanted columns of a header row; undefined if it is none, which a title above the table is not. */
function chooseColumns(cells: readonly Cell[], name: ReadSheetName): Chosen | undefined {
  const headers = cells.map((cell) => (typeof cell === 'string' ? parseHeader(cell, name) : undefined))
  const keys = headers.map((header) => header?.key)
  const [customStart, customEnd] = customRange(keys)
  const isCustom = (index: number): boolean => index > customStart && index < customEnd
  const columns = Object.entries<Field>(sheets[name]).flatMap(([fieldName, field]) => {
    for (const key of field.keys) {
      const index = keys.findIndex((each, at) => each === key && !isCustom(at))
      if (index !== -1) {
        const unitBytes = headers[index]?.unitBytes ?? mebibyte
        return { index, column: { name: fieldName, field, unitBytes, invalidCount: 0, firstInvalidRow: 0 } }
      }
    }
    return []
  })
  const hasIdentity = columns.some(({ column }) => column.name === Object.keys(sheets[name])[0]) || columns.length >= 3
  if (columns.length === 0 || !hasIdentity) return undefined
  const backupColumns = cells.flatMap((cell, index) => (isCustom(index) && isBackupMark(toText(cell) ?? '') ? index : []))
  return { columns, backupColumns }
}

/**
 * Where custom attributes stand, exclusive: between Annotation and the last Datacenter, or the object's id and the last VI SDK
 * Server. They may bear any name, that of a real column too.
 */
function customRange(keys: readonly (string | undefined)[]): readonly [number, number] {
  const annotation = keys.indexOf('annotation')
  const end = keys.lastIndexOf(annotation === -1 ? 'visdkserver' : 'datacenter')
  const start = annotation === -1 ? Math.max(keys.indexOf('objectid'), keys.indexOf('autodeploymachineidentity')) : annotation
  return start === -1 || end <= start ? [-1, -1] : [start, end]
}

interface RowPlace {
  readonly table: Table
  readonly context: SheetContext
  readonly row: number
}

function fill(row: Record<string, unknown>, cells: readonly Cell[], columns: readonly Column[], place: RowPlace): void {
  for (let slot = 0; slot < columns.length; slot++) {
    const cell = cells[slot]
    const column = columns[slot]
    if (cell === undefined || column === undefined) continue
    const value = valueOf(cell, column, place)
    if (value === null) {
      if (column.invalidCount++ === 0) column.firstInvalidRow = place.row
    } else row[column.name] = value
  }
}

/** One shape for all rows of a sheet. Its keys are ours: a header never becomes one. */
const blankRows = Object.fromEntries(
  Object.entries(sheets).map(([name, fields]) => [name, Object.fromEntries(Object.keys(fields).map((key) => [key, undefined]))]),
) as Readonly<Record<ReadSheetName, Readonly<Record<string, unknown>>>>

/** The value of a cell; null if it makes no sense, undefined if it says nothing. */
function valueOf(cell: Cell, column: Column, place: RowPlace): unknown {
  switch (column.field.type) {
    case 'Text':
      return toText(cell)
    case 'Datastore':
      return toDatastore(cell)
    case 'Note':
      return signsOf(toText(cell) ?? '')
    case 'Boolean':
      return toBoolean(cell)
    case 'Number':
      return within(toNumber(cell), -countMax * mebibyte, countMax * mebibyte)
    case 'Percent':
      return within(toNumber(cell, 'Percent'), 0, 100_000)
    case 'Count': {
      const value = within(toNumber(cell), 0, countMax)
      return typeof value === 'number' ? Math.round(value) : value
    }
    case 'Bytes': {
      const value = within(toNumber(cell), 0, bytesMax / column.unitBytes)
      return typeof value === 'number' ? Math.round(value * column.unitBytes) : value
    }
    case 'Time':
      return timeOf(cell, place)
    default:
      return column.field.type satisfies never
  }
}

const within = (value: number | undefined, min: number, max: number): number | null | undefined =>
  value === undefined ? undefined : value >= min && value <= max ? value : null

function timeOf(cell: Cell, { table, context }: RowPlace): string | null | undefined {
  if (typeof cell === 'number') return cell === 0 ? undefined : (fromSerial(cell, table.uses1904Dates) ?? null)
  const text = toText(cell)
  if (text === undefined || typeof cell === 'boolean') return undefined
  const order = orderOf(text)
  if (order !== undefined) context.onDateOrder(order)
  return text
}

function reportInvalid(column: Column, name: ReadSheetName, table: Table, { log }: SheetContext): void {
  if (column.invalidCount === 0) return
  const { title } = column.field
  log.add(
    finding(
      'cell.invalid',
      { kind: 'Invalid', object: `sheet/${name}`, field: title },
      { column: title, location: table.location, count: column.invalidCount, row: column.firstInvalidRow },
    ),
  )
}
