import { isWeirError, WeirError } from '@weir/base'
import { parseXml, type XmlElement } from '@weir/images'
import type { Cell, ChooseColumns, Table } from '../table/table.ts'
import type { ZipArchive } from '../zip/zip-archive.ts'
import { RowScanner } from './row-scanner.ts'
import { readSharedStrings } from './shared-strings.ts'

const headBytesMax = 1024 * 1024

/** True if the archive is an Excel workbook, of any kind. */
export const isWorkbook = (archive: ZipArchive): boolean =>
  archive.names.some((name) => /^xl\/workbook\.(?:xml|bin)$/iu.test(name)) || archive.names.includes('_rels/.rels')

/**
 * The worksheets of a workbook (ECMA-376), none of them read yet. Charts and macros are passed over; values of formulas are the
 * ones that the file caches. `label` names it in messages.
 * @throws ESTATE_FORMAT if it is binary (.xlsb) or declares entities, ESTATE_CORRUPT
 */
export async function openWorkbook(archive: ZipArchive, label: string, signal?: AbortSignal): Promise<readonly Table[]> {
  if (archive.names.includes('xl/workbook.bin'))
    throw new WeirError('ESTATE_FORMAT', `'${label}' is a binary workbook (.xlsb); save it as .xlsx.`)
  const main = await mainPart(archive, label)
  const workbook = await readXml(archive, main, label)
  const targets = await relationsOf(archive, main, label)
  const settings = childOf(workbook, 'workbookPr')?.attributes.get('date1904')
  const sharedPart = [...targets.values()].find(({ type }) => type.endsWith('/sharedStrings'))?.path
  let shared: Promise<readonly string[]> | undefined
  const strings = (): Promise<readonly string[]> =>
    (shared ??=
      sharedPart === undefined || !archive.names.includes(sharedPart)
        ? Promise.resolve([])
        : readSharedStrings(archive.read(sharedPart), `${label}: ${sharedPart}`, signal))
  return (childOf(workbook, 'sheets')?.children ?? []).flatMap(({ attributes }) => {
    const target = targets.get(attributes.get('id') ?? '')
    if (target === undefined || !target.type.endsWith('/worksheet')) return []
    const name = attributes.get('name') ?? ''
    return {
      name,
      location: label,
      uses1904Dates: settings === '1' || settings === 'true',
      batches: (choose, signal) =>
        readSheet({ archive, path: target.path, label: `${label}: ${name}`, strings, choose, ...(signal && { signal }) }),
    }
  })
}

interface SheetOptions {
  readonly archive: ZipArchive
  readonly path: string
  readonly label: string
  readonly strings: () => Promise<readonly string[]>
  readonly choose: ChooseColumns
  readonly signal?: AbortSignal
}

async function* readSheet(options: SheetOptions): AsyncGenerator<readonly (readonly Cell[])[]> {
  const { archive, path, label, choose, signal } = options
  const strings = await options.strings()
  let scanner: RowScanner | undefined
  let head: Buffer = Buffer.alloc(0)
  for await (const chunk of archive.read(path)) {
    signal?.throwIfAborted()
    if (scanner === undefined) {
      head = Buffer.concat([head, chunk])
      const prefix = prefixOf(head, label)
      if (prefix === undefined) continue
      scanner = new RowScanner({ strings, choose, label, prefix })
      yield scanner.scan(head)
    } else yield scanner.scan(chunk)
    if (scanner.isHopeless) return
  }
  if (scanner === undefined) throw new WeirError('ESTATE_CORRUPT', `'${label}' is no worksheet. Export it again.`)
  scanner.end()
}

/** The namespace prefix of the worksheet, once enough of the file is there to tell. */
function prefixOf(head: Buffer, label: string): string | undefined {
  if ((head[0] === 0xff && head[1] === 0xfe) || (head[0] === 0xfe && head[1] === 0xff))
    throw new WeirError('ESTATE_FORMAT', `'${label}' is written in UTF-16; open it in a spreadsheet and save it again.`)
  const text = head.toString('latin1', 0, headBytesMax)
  const root = /<((?:[\w.-]+:)?)worksheet[\s/>]/u.exec(text)
  if (root === null) {
    if (head.length < headBytesMax) return undefined
    throw new WeirError('ESTATE_CORRUPT', `'${label}' is no worksheet. Export it again.`)
  }
  if (text.slice(0, root.index).includes('<!DOCTYPE'))
    throw new WeirError('ESTATE_FORMAT', `'${label}' declares a document type, which could define entities; it is not read.`)
  return root[1] ?? ''
}

interface Relation {
  readonly type: string
  readonly path: string
}

async function mainPart(archive: ZipArchive, label: string): Promise<string> {
  if (!archive.names.includes('_rels/.rels')) return 'xl/workbook.xml'
  const relations = await relationsIn(archive, '_rels/.rels', '', label)
  return [...relations.values()].find(({ type }) => type.endsWith('/officeDocument'))?.path ?? 'xl/workbook.xml'
}

const relationsOf = (archive: ZipArchive, part: string, label: string): Promise<ReadonlyMap<string, Relation>> => {
  const folder = part.slice(0, part.lastIndexOf('/') + 1)
  return relationsIn(archive, `${folder}_rels/${part.slice(folder.length)}.rels`, folder, label)
}

async function relationsIn(
  archive: ZipArchive,
  part: string,
  folder: string,
  label: string,
): Promise<ReadonlyMap<string, Relation>> {
  const root = await readXml(archive, part, label)
  return new Map(
    root.children.map(({ attributes }) => {
      const target = attributes.get('Target') ?? ''
      const path = target.startsWith('/') ? target.slice(1) : folder + target
      return [attributes.get('Id') ?? '', { type: attributes.get('Type') ?? '', path }]
    }),
  )
}

/** A small part of the workbook. `parseXml` refuses document types and more than 5 MB. */
async function readXml(archive: ZipArchive, part: string, label: string): Promise<XmlElement> {
  const chunks: Uint8Array[] = []
  let bytes = 0
  for await (const chunk of archive.read(part)) {
    bytes += chunk.byteLength
    if (bytes > 8 * headBytesMax)
      throw new WeirError('ESTATE_LIMIT', `'${part}' in '${label}' holds more than ${8 * headBytesMax} bytes; no export does.`)
    chunks.push(chunk)
  }
  try {
    return parseXml(Buffer.concat(chunks).toString('utf8'), `${label}: ${part}`)
  } catch (error) {
    if (isWeirError(error, 'IMAGE_DESCRIPTOR')) throw new WeirError('ESTATE_CORRUPT', error.message, { cause: error })
    throw error
  }
}

const childOf = (element: XmlElement, name: string): XmlElement | undefined =>
  element.children.find((child) => child.name === name)
