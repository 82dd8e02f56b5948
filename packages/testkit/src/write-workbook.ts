import { writeZip, type ZipFile } from './write-zip.ts'

/** A cell: a value, nothing, or the XML of a whole `<c>` element. */
export type SheetCell = string | number | boolean | undefined | { readonly xml: string }

/** A worksheet to be written. */
export interface SheetInput {
  readonly name: string
  readonly rows: readonly (readonly SheetCell[])[]
  /** XML before and after the rows, for what tests want to add. */
  readonly before?: string
  readonly after?: string
}

/** How the workbook is written. */
export interface WorkbookOptions {
  /** Where texts stand: in the shared strings (default), or in their cells. */
  readonly texts?: 'Shared' | 'Inline'
  readonly uses1904Dates?: boolean
  /** A namespace prefix for the elements of worksheets. */
  readonly prefix?: string
  /** Files that replace or join those of the workbook. */
  readonly files?: readonly ZipFile[]
}

const main = 'http://schemas.openxmlformats.org/spreadsheetml/2006/main'
const office = 'http://schemas.openxmlformats.org/officeDocument/2006/relationships'
const packaging = 'http://schemas.openxmlformats.org/package/2006/relationships'

/** An Excel workbook (ECMA-376) of these sheets, as small as readers accept it. */
export function writeWorkbook(sheets: readonly SheetInput[], options: WorkbookOptions = {}): Uint8Array {
  const strings = new Map<string, number>()
  const written = sheets.map((sheet, index) => ({
    name: `xl/worksheets/sheet${index + 1}.xml`,
    bytes: sheetXml(sheet, options, strings),
  }))
  const relation = (id: string, type: string, target: string): string =>
    `<Relationship Id="${id}" Type="${office}/${type}" Target="${target}"/>`
  const files: readonly ZipFile[] = [
    {
      name: '_rels/.rels',
      bytes: `<Relationships xmlns="${packaging}">${relation('r1', 'officeDocument', 'xl/workbook.xml')}</Relationships>`,
    },
    {
      name: 'xl/workbook.xml',
      bytes: `<workbook xmlns="${main}" xmlns:r="${office}"><workbookPr date1904="${options.uses1904Dates === true}"/><sheets>${sheets
        .map(({ name }, index) => `<sheet name="${escapeXml(name)}" sheetId="${index + 1}" r:id="s${index + 1}"/>`)
        .join('')}</sheets></workbook>`,
    },
    {
      name: 'xl/_rels/workbook.xml.rels',
      bytes: `<Relationships xmlns="${packaging}">${sheets
        .map((_, index) => relation(`s${index + 1}`, 'worksheet', `worksheets/sheet${index + 1}.xml`))
        .join('')}${relation('strings', 'sharedStrings', 'sharedStrings.xml')}</Relationships>`,
    },
    ...written,
    {
      name: 'xl/sharedStrings.xml',
      bytes: `<sst xmlns="${main}">${[...strings.keys()].map((each) => `<si><t xml:space="preserve">${escapeXml(each)}</t></si>`).join('')}</sst>`,
    },
  ]
  const replaced = new Set(options.files?.map(({ name }) => name))
  return writeZip([...files.filter(({ name }) => !replaced.has(name)), ...(options.files ?? [])])
}

function sheetXml(sheet: SheetInput, options: WorkbookOptions, strings: Map<string, number>): string {
  const p = options.prefix === undefined ? '' : `${options.prefix}:`
  const xmlns = options.prefix === undefined ? 'xmlns' : `xmlns:${options.prefix}`
  const rows = sheet.rows.map((row, index) => {
    const cells = row.map((cell, column) => cellXml(cell, `${columnName(column)}${index + 1}`, options, strings)).join('')
    return `<${p}row r="${index + 1}">${cells}</${p}row>`
  })
  return `<?xml version="1.0"?><${p}worksheet ${xmlns}="${main}">${sheet.before ?? ''}<${p}sheetData>${rows.join('')}</${p}sheetData>${
    sheet.after ?? ''
  }</${p}worksheet>`
}

function cellXml(cell: SheetCell, reference: string, options: WorkbookOptions, strings: Map<string, number>): string {
  const p = options.prefix === undefined ? '' : `${options.prefix}:`
  const write = (type: string, content: string): string => `<${p}c r="${reference}"${type}>${content}</${p}c>`
  if (cell === undefined) return ''
  if (typeof cell === 'object') return cell.xml
  if (typeof cell === 'number') return write('', `<${p}v>${cell}</${p}v>`)
  if (typeof cell === 'boolean') return write(' t="b"', `<${p}v>${Number(cell)}</${p}v>`)
  if (options.texts === 'Inline') return write(' t="inlineStr"', `<${p}is><${p}t>${escapeXml(cell)}</${p}t></${p}is>`)
  const index = strings.get(cell) ?? strings.size
  strings.set(cell, index)
  return write(' t="s"', `<${p}v>${index}</${p}v>`)
}

/** The letters of a column: 0 is A, 26 is AA. */
function columnName(column: number): string {
  const letter = String.fromCharCode(65 + (column % 26))
  return column < 26 ? letter : columnName(Math.floor(column / 26) - 1) + letter
}

const escapeXml = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;')
