import { WeirError } from '@weir/base'
import type { Estate } from '../model/estate.ts'
import { finding } from '../findings/finding.ts'
import { createFindingLog, type FindingLog } from '../findings/finding-log.ts'
import type { Table } from '../table/table.ts'
import { assemble } from './assemble.ts'
import { type SheetName, sheetNameOf } from './headers.ts'
import { Infrastructure } from './infrastructure.ts'
import { createMachineDrafts, type MachineDraft, type MachineDrafts } from './machine-drafts.ts'
import { machineSheets } from './machine-sheets.ts'
import { readSheet, type RowHandler, type SheetShape } from './read-sheet.ts'
import { createReading, type Reading, type SourceDraft } from './reading.ts'
import { type ReadSheetName, type SheetRow, sheets } from './sheets.ts'
import { fromText } from './times.ts'

/** A workbook, or the CSV files of one export. */
export interface RvtoolsFile {
  readonly location: string
  readonly tables: readonly Table[]
}

/** How an estate is put together. */
export interface RvtoolsOptions {
  readonly name: string
  readonly signal?: AbortSignal
}

/** Sheets in the order in which they are read: what others refer to comes first. The rest of RVTools' sheets is only told. */
const order = Object.keys(sheets) as readonly ReadSheetName[]

/** True if there is a sheet of RVTools among the tables. */
export const hasRvtoolsSheets = (tables: readonly Table[]): boolean => tables.some(({ name }) => sheetNameOf(name) !== undefined)

/**
 * The estate that RVTools exports describe, all of them together: rows of a file without vInfo are joined to machines of the
 * others. Sheets and columns may be missing; what is missing, contradictory or senseless is told in `findings`. Memory grows with
 * the machines, not with the files.
 * @throws ESTATE_NO_MACHINES if no vInfo has a row, ESTATE_COLUMN_MISSING if one has no column that names machines,
 * ESTATE_CORRUPT, ESTATE_LIMIT
 */
export async function readRvtools(files: readonly RvtoolsFile[], options: RvtoolsOptions): Promise<Estate> {
  const log = createFindingLog()
  const reading = createReading(log)
  const machines = createMachineDrafts(reading)
  const infrastructure = new Infrastructure(reading)
  const sources = files.map((file, index) => sourceOf(file, files.slice(0, index)))
  for (const name of order)
    for (const [index, file] of files.entries()) {
      const source = sources[index]
      for (const table of source === undefined ? [] : tablesOf(file, name))
        await readTable(table, name, { source: source ?? sourceOf(file, []), reading, machines, infrastructure, options })
    }
  if (machines.count() === 0) throw noMachines(files)
  reportMissingSheets(sources, log)
  return assemble({ machines, infrastructure, sources, log, name: options.name })
}

function sourceOf(file: RvtoolsFile, before: readonly RvtoolsFile[]): SourceDraft {
  const names = file.tables.flatMap(({ name }) => sheetNameOf(name) ?? [])
  const twins = before.filter(({ location }) => location === file.location).length
  return {
    id: twins === 0 ? file.location : `${file.location} (${twins + 1})`,
    location: file.location,
    hasMachines: names.includes('vInfo'),
    parts: new Set(names),
    dateOrder: undefined,
    hasMixedDates: false,
  }
}

const tablesOf = (file: RvtoolsFile, name: SheetName): readonly Table[] =>
  file.tables.filter((table) => sheetNameOf(table.name) === name)

interface TableContext {
  readonly source: SourceDraft
  readonly reading: Reading
  readonly machines: MachineDrafts
  readonly infrastructure: Infrastructure
  readonly options: RvtoolsOptions
}

async function readTable(table: Table, name: ReadSheetName, context: TableContext): Promise<void> {
  const { source, reading, options } = context
  const shape = await readSheet(
    table,
    name,
    {
      log: reading.log,
      onDateOrder: (order) => {
        source.hasMixedDates ||= source.dateOrder !== undefined && source.dateOrder !== order
        source.dateOrder ??= order
      },
      ...(options.signal && { signal: options.signal }),
    },
    rowHandler(name, context),
  )
  if (name === 'vInfo') checkIdentity(shape, table, reading.log)
  else if (!shape.hasHeader)
    reading.log.add(
      finding('sheet.noHeader', { kind: 'Missing', object: `sheet/${name}` }, { sheet: name, location: source.location }),
    )
}

function rowHandler(name: ReadSheetName, { source, machines, infrastructure, reading }: TableContext): RowHandler {
  if (name in machineSheets) {
    const add = machineSheets[name as keyof typeof machineSheets] as (draft: MachineDraft, row: never) => void
    return (row) => {
      const draft = machines.find(row, source)
      if (draft !== undefined) add(draft, row)
      else reportLost(name, source, reading.log)
    }
  }
  if (name in infrastructure.readers) {
    const read = infrastructure.readers[name as keyof typeof infrastructure.readers] as (row: never, source: SourceDraft) => void
    return (row) => read(row, source)
  }
  switch (name) {
    case 'vInfo':
      return (row, hasBackupMark) => {
        const draft = machines.add(row, source)
        if (draft !== undefined) draft.hasBackup ||= hasBackupMark
      }
    case 'vMetaData':
      return (row: SheetRow<'vMetaData'>) => {
        const version = row.version ?? row.majorVersion
        const collectedTime = row.created === undefined ? undefined : fromText(row.created, source.dateOrder)
        if (version !== undefined) source.version = version
        if (collectedTime !== undefined) source.collectedTime = collectedTime
      }
    default:
      return (row: SheetRow<'vSource'>) => void reading.scopeOf(row, source)
  }
}

const reportLost = (name: ReadSheetName, source: SourceDraft, log: FindingLog): void =>
  log.add(
    finding('row.lost', { kind: 'Missing', object: `sheet/${name}`, field: 'VM' }, { sheet: name, location: source.location }),
  )

/** Columns by which machines are known; conclusions are weaker without them. */
const identityColumns = [
  ['vmId', 'VM ID'],
  ['serverUuid', 'VI SDK UUID'],
  ['cluster', 'Cluster'],
] as const

function checkIdentity({ hasHeader, fields }: SheetShape, table: Table, log: FindingLog): void {
  if (!hasHeader || !['name', 'vmId', 'vmUuid'].some((each) => fields.has(each)))
    throw new WeirError(
      'ESTATE_COLUMN_MISSING',
      `The sheet vInfo of '${table.location}' has no column 'VM'${hasHeader ? '' : ' (no row of headers was found in it)'}. Export it again with all columns.`,
    )
  for (const [column, field] of identityColumns)
    if (!fields.has(column))
      log.add(finding(`column.${column}`, { kind: 'Missing', object: 'sheet/vInfo', field }, { location: table.location }))
}

const noMachines = (files: readonly RvtoolsFile[]): WeirError =>
  new WeirError(
    'ESTATE_NO_MACHINES',
    `There is no machine in ${files.map(({ location }) => `'${location}'`).join(', ')}: a sheet vInfo with at least one row is needed.`,
  )

/** Sheets without which conclusions are weaker. */
const wantedSheets = [
  'vHost',
  'vDisk',
  'vNetwork',
  'vMemory',
  'vCPU',
  'vPartition',
  'vSnapshot',
  'vTools',
  'vDatastore',
  'vCluster',
] as const satisfies readonly SheetName[]

function reportMissingSheets(sources: readonly SourceDraft[], log: FindingLog): void {
  for (const name of wantedSheets)
    if (!sources.some(({ parts }) => parts.has(name)))
      log.add(finding(`sheet.${name}`, { kind: 'Missing', object: `sheet/${name}` }, {}))
}
