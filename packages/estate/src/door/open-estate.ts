import { openOva } from '@weir/images'
import { isWeirError, WeirError } from '@weir/base'
import { csvRows, csvTable } from '../csv/csv-table.ts'
import { mergeEstates } from '../document/merge-estates.ts'
import { parseEstate } from '../document/parse-estate.ts'
import type { Estate } from '../model/estate.ts'
import { fromOvf, type OvfMachine } from '../ovf/ovf-machine.ts'
import { parseOvf } from '../ovf/parse-ovf.ts'
import { hasRvtoolsSheets, readRvtools, type RvtoolsFile } from '../rvtools/read-rvtools.ts'
import { guessSheet } from '../rvtools/guess-sheet.ts'
import type { Table } from '../table/table.ts'
import { isUsageHeader, parseUsage, type UsageByMachine, withUsage } from '../usage/parse-usage.ts'
import { isWorkbook, openWorkbook } from '../xlsx/workbook.ts'
import { openZip, type ZipArchive } from '../zip/zip-archive.ts'
import { type EstateInput, expandInputs, type InputFile } from './input.ts'

/** How files become an estate. */
export interface OpenEstateOptions {
  /** The estate's name; that of the first file or folder, if absent. */
  readonly name?: string
  /** Estates that were read in another way, which those of the files join. */
  readonly estates?: readonly Estate[]
  readonly signal?: AbortSignal
}

const documentBytesMax = 512 * 2 ** 20
const descriptorBytesMax = 5 * 2 ** 20
const nestedBytesMax = 512 * 2 ** 20

/**
 * The estate that one file or folder describes; see `openEstateFiles`.
 * @throws ESTATE_* as `openEstateFiles`
 */
export const openEstateFile = (input: EstateInput, options: OpenEstateOptions = {}): Promise<Estate> =>
  openEstateFiles([input], options)

/**
 * One estate of files and folders: RVTools workbooks, their sheets as CSV, loose or zipped, OVF and OVA appliances, estate
 * documents, and usage files. Each is known by its content, whatever its name. Files of a folder that are nothing of this are
 * passed over; a file that was named itself is refused. Nothing of the inputs is written or kept open.
 * @throws ESTATE_UNREADABLE, ESTATE_FORMAT, ESTATE_CORRUPT, ESTATE_LIMIT, ESTATE_ENCRYPTED, ESTATE_NO_MACHINES,
 * ESTATE_COLUMN_MISSING, ESTATE_INVALID, IMAGE_DESCRIPTOR for an OVF; the signal's reason if it is aborted
 */
export async function openEstateFiles(inputs: readonly EstateInput[], options: OpenEstateOptions = {}): Promise<Estate> {
  options.signal?.throwIfAborted()
  const [first] = inputs
  const [read] = options.estates ?? []
  const name = options.name ?? read?.metadata.name ?? (first === undefined ? undefined : nameOf(first))
  if (name === undefined) throw new WeirError('ESTATE_NO_MACHINES', 'No file of an estate was named.')
  const found = new Found(options.estates)
  try {
    for (const file of await expandInputs(inputs, options.signal)) await look(file, found, options.signal)
    const estate = await join(found, name, options.signal)
    return options.name === undefined ? estate : { ...estate, metadata: { ...estate.metadata, name: options.name } }
  } finally {
    for (const archive of found.archives) archive.close()
  }
}

const nameOf = (input: EstateInput): string =>
  (typeof input === 'string' ? input : input.name)
    .replace(/[/\\]+$/u, '')
    .replace(/^.*[/\\]/u, '')
    .replace(/\.[a-z]{2,5}$/iu, '')
    .slice(0, 253) || 'estate'

/** What the files turned out to be. */
class Found {
  readonly archives: ZipArchive[] = []
  readonly exports: RvtoolsFile[] = []
  /** CSV sheets by folder. */
  readonly loose = new Map<string, { readonly location: string; readonly tables: Table[] }>()
  readonly appliances = new Map<string, OvfMachine[]>()
  readonly documents: Estate[]
  readonly usage: { readonly label: string; readonly usage: UsageByMachine }[] = []

  constructor(documents: readonly Estate[] = []) {
    this.documents = [...documents]
  }
}

async function look(file: InputFile, found: Found, signal: AbortSignal | undefined): Promise<void> {
  signal?.throwIfAborted()
  switch (file.kind) {
    case 'Zip':
      return lookIntoZip(file, found, signal)
    case 'Text':
      return lookAtCsv(file, found)
    case 'Json':
      return lookAtJson(file, found)
    case 'Xml':
    case 'Tar':
      return lookAtAppliance(file, found)
    case 'Compound':
    case 'Binary':
      return refuse(file, 'it is no workbook, CSV, appliance or estate document')
  }
}

/** Refuses a file that was named; one that only lay in a folder is passed over. */
function refuse(file: InputFile, why: string): void {
  if (file.isNamed)
    throw new WeirError(
      'ESTATE_FORMAT',
      `'${file.name}' cannot be read as an estate: ${why}. An RVTools export (.xlsx, .csv or zipped .csv), an OVF or OVA, or an estate document is needed.`,
    )
}

async function lookIntoZip(file: InputFile, found: Found, signal: AbortSignal | undefined): Promise<void> {
  const archive = await openZip(file.source, file.name)
  found.archives.push(archive)
  if (isWorkbook(archive)) return addWorkbook(archive, file, found, signal)
  const names = archive.names.filter((each) => !each.startsWith('__MACOSX/'))
  const workbooks = names.filter((each) => /\.xlsx$/iu.test(each))
  for (const name of workbooks) await lookIntoNested(archive, name, found, { file, signal })
  const tables: Table[] = []
  for (const name of names.filter((each) => /\.(?:csv|txt)$/iu.test(each))) {
    const table = await sheetTable(name, `${file.name}: ${name}`, () => archive.read(name))
    if (table !== undefined) tables.push(table)
  }
  if (tables.length > 0) found.exports.push({ location: file.name, tables })
  else if (workbooks.length === 0) refuse(file, 'it holds neither a workbook nor a CSV file of an RVTools sheet')
}

async function addWorkbook(archive: ZipArchive, file: InputFile, found: Found, signal: AbortSignal | undefined): Promise<void> {
  const tables = await openWorkbook(archive, file.name, signal)
  const names = tables.slice(0, 5).map(({ name }) => `'${name}'`)
  if (hasRvtoolsSheets(tables)) found.exports.push({ location: file.name, tables })
  else refuse(file, `none of its sheets (${names.join(', ')}) is one of RVTools`)
}

/** A workbook within an archive, in memory, because a zip is read from its end. Archives within that are not looked into. */
async function lookIntoNested(
  outer: ZipArchive,
  name: string,
  found: Found,
  { file, signal }: { readonly file: InputFile; readonly signal: AbortSignal | undefined },
): Promise<void> {
  const label = `${file.name}: ${name}`
  const archive = await openZip(await bytesOf(outer.read(name), label, nestedBytesMax), label)
  found.archives.push(archive)
  const nested = { ...file, name: label }
  if (isWorkbook(archive)) await addWorkbook(archive, nested, found, signal)
  else refuse(nested, 'it is called a workbook and is none')
}

/** A CSV file as the RVTools sheet that its headers show, or undefined. */
async function sheetTable(name: string, location: string, read: () => AsyncIterable<Uint8Array>): Promise<Table | undefined> {
  const sheet = guessSheet(await firstRow(read(), location), name)
  return sheet === undefined ? undefined : csvTable(sheet, location, read)
}

async function firstRow(chunks: AsyncIterable<Uint8Array>, label: string): Promise<readonly string[]> {
  for await (const rows of csvRows(chunks, label)) {
    const row = rows.find((each) => each.some((field) => field !== '') && !/^sep=.?$/u.test(each.join('')))
    if (row !== undefined) return row
  }
  return []
}

async function lookAtCsv(file: InputFile, found: Found): Promise<void> {
  const header = await firstRow(file.chunks(), file.name)
  if (isUsageHeader(header)) {
    found.usage.push({ label: file.name, usage: await parseUsage(csvRows(file.chunks(), file.name), file.name) })
    return
  }
  const sheet = guessSheet(header, file.name)
  if (sheet === undefined) return refuse(file, 'its first line holds no headers of an RVTools sheet or usage file')
  const location = file.group === '' ? 'CSV files' : nameOf(file.group)
  const group = found.loose.get(file.group) ?? { location, tables: [] }
  found.loose.set(file.group, group)
  group.tables.push(csvTable(sheet, file.name, () => file.chunks()))
}

async function lookAtJson(file: InputFile, found: Found): Promise<void> {
  const text = await textOf(file, documentBytesMax)
  let document: unknown
  try {
    document = JSON.parse(text.replace(/^\uFEFF/u, ''))
  } catch (error) {
    if (!file.isNamed) return
    throw new WeirError('ESTATE_CORRUPT', `'${file.name}' is damaged JSON: ${String(error)}.`, { cause: error })
  }
  const isEstate = typeof document === 'object' && document !== null && Reflect.get(document, 'kind') === 'Estate'
  if (isEstate) found.documents.push(parseEstate(document, file.name))
  else refuse(file, "it is JSON, but not of kind 'Estate'")
}

async function lookAtAppliance(file: InputFile, found: Found): Promise<void> {
  const text = file.kind === 'Tar' ? await descriptorOf(file) : await textOf(file, descriptorBytesMax)
  if (text === undefined || !/<(?:\w+:)?Envelope[\s>]/u.test(text)) return refuse(file, 'it is no OVF descriptor')
  const machines = found.appliances.get(file.group) ?? []
  found.appliances.set(file.group, machines)
  machines.push({ location: file.name, machine: parseOvf(text, file.name) })
}

/** The descriptor of an OVA, which comes first; its disks are not read. */
async function descriptorOf(file: InputFile): Promise<string | undefined> {
  try {
    for await (const event of openOva(file.chunks(), file.name)) return event.kind === 'Descriptor' ? event.text : undefined
    return undefined
  } catch (error) {
    if (!file.isNamed && isWeirError(error)) return undefined
    throw error
  }
}

const textOf = async (file: InputFile, maxBytes: number): Promise<string> =>
  (await bytesOf(file.chunks(), file.name, maxBytes)).toString('utf8')

async function bytesOf(chunks: AsyncIterable<Uint8Array>, label: string, maxBytes: number): Promise<Buffer> {
  const parts: Uint8Array[] = []
  let bytes = 0
  for await (const chunk of chunks) {
    bytes += chunk.byteLength
    if (bytes > maxBytes)
      throw new WeirError('ESTATE_LIMIT', `'${label}' has more than ${maxBytes} bytes; no file of its kind has as many.`)
    parts.push(chunk)
  }
  return Buffer.concat(parts)
}

async function join(found: Found, name: string, signal: AbortSignal | undefined): Promise<Estate> {
  const files = [...found.exports, ...found.loose.values()]
  const estates = [
    ...found.documents,
    ...[...found.appliances].map(([group, machines]) =>
      fromOvf(machines, { name, location: group === '' ? name : nameOf(group) }),
    ),
    ...(files.length > 0 ? [await readRvtools(files, { name, ...(signal && { signal }) })] : []),
  ]
  const [only] = estates
  if (only === undefined)
    throw new WeirError(
      'ESTATE_NO_MACHINES',
      `'${name}' holds no file that an estate is read from: no RVTools export, appliance or estate document.`,
    )
  const estate = estates.length === 1 ? only : mergeEstates(name, estates)
  return found.usage.reduce((sum, { usage, label }) => withUsage(sum, usage, label), estate)
}
