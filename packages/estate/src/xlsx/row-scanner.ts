import { WeirError } from '@weir/base'
import { cellTextMax, type Cell, type ChooseColumns, headerRowsMax } from '../table/table.ts'
import { parseRow, type RawCell } from './fragment.ts'
import { decodeEntities, decodeEscapes } from './text.ts'

const rowBytesMax = 32 * 2 ** 20
const columnsMax = 16_384
const lt = 0x3c
const gt = 0x3e
const slash = 0x2f
const space = 0x20
const quote = 0x22
const rowEnd = Buffer.from('</row>')

interface ScannerOptions {
  readonly strings: readonly string[]
  readonly choose: ChooseColumns
  readonly label: string
  /** The namespace prefix of its elements, with the colon; '' for none. */
  readonly prefix: string
}

/**
 * Takes the bytes of a worksheet in any portions and gives the chosen cells of its rows. It looks at bytes, not text: an export
 * of 200,000 rows has 8 million cells, of which a third are wanted, and decoding the others would be most of the work. Rows of
 * an unusual form go through an XML parser. One scanner per worksheet.
 */
export class RowScanner {
  readonly #options: ScannerOptions
  /** Where chunks are put after what the last one left: one buffer, because a new one for each would wait long to be collected. */
  #buffer: Buffer = Buffer.alloc(512 * 1024)
  #restBytes = 0
  /** For each column its place in a row, -1 if unwanted; undefined until the header is found. */
  #slots: Int16Array | undefined
  /** A row of the chosen columns with nothing in it. */
  #blank: Cell[] = []
  #headerTries = 0
  // The row being scanned.
  #bytes: Buffer = Buffer.alloc(0)
  #at = 0
  #column = -1
  #row: Cell[] = []
  #isUnusual = false

  constructor(options: ScannerOptions) {
    this.#options = options
  }

  /** True once it is clear that there is no header: the rest need not be read. */
  get isHopeless(): boolean {
    return this.#headerTries >= headerRowsMax
  }

  /** The rows that are complete with this chunk. @throws ESTATE_CORRUPT, ESTATE_LIMIT */
  scan(chunk: Uint8Array): readonly (readonly Cell[])[] {
    const length = this.#restBytes + chunk.byteLength
    if (length > this.#buffer.length) {
      const larger = Buffer.alloc(length * 2)
      this.#buffer.copy(larger, 0, 0, this.#restBytes)
      this.#buffer = larger
    }
    this.#buffer.set(chunk, this.#restBytes)
    this.#bytes = this.#buffer.subarray(0, length)
    const closing = this.#options.prefix === '' ? rowEnd : Buffer.from(`</${this.#options.prefix}row>`)
    const last = this.#bytes.lastIndexOf(closing)
    const end = last === -1 ? 0 : last + closing.length
    const rows: (readonly Cell[])[] = []
    if (this.#options.prefix === '') this.#scanRows(end, rows)
    else this.#parseRows(end, closing, rows)
    this.#buffer.copyWithin(0, end, length)
    this.#restBytes = length - end
    if (this.#restBytes > rowBytesMax)
      throw new WeirError('ESTATE_LIMIT', `'${this.#options.label}' has a row of more than ${rowBytesMax} bytes; no export has.`)
    return rows
  }

  /** To be called after the last chunk. @throws ESTATE_CORRUPT if the worksheet does not end properly */
  end(): void {
    if (!this.#buffer.subarray(0, this.#restBytes).includes(`</${this.#options.prefix}worksheet`))
      throw new WeirError('ESTATE_CORRUPT', `'${this.#options.label}' ends too early. Export it again.`)
  }

  #scanRows(end: number, rows: (readonly Cell[])[]): void {
    const bytes = this.#bytes
    let start = -1
    for (this.#at = 0; this.#at < end;) {
      const i = this.#at
      if (bytes[i] !== lt) {
        this.#at++
      } else if (isTag(bytes, i, 'c') && start >= 0) {
        this.#scanCell(i)
      } else if (bytes[i + 1] === slash && bytes[i + 2] === 0x72 && bytes[i + 3] === 0x6f && bytes[i + 4] === 0x77) {
        if (start >= 0) this.#emit(this.#row, rows)
        start = -1
        this.#at = i + rowEnd.length
      } else if (isTag(bytes, i, 'row')) {
        const close = bytes.indexOf(gt, i)
        start = bytes[close - 1] === slash ? -1 : i
        this.#startRow()
        this.#at = close + 1
      } else if (bytes[i + 1] === 0x21) {
        this.#isUnusual = true
        this.#at++
      } else this.#at++
      if (this.#isUnusual && start >= 0) {
        const close = bytes.indexOf(rowEnd, start) + rowEnd.length
        this.#emit(this.#parsed(start, close), rows)
        this.#at = close
        start = -1
      }
      this.#isUnusual = false
      if (this.isHopeless) return
    }
  }

  #startRow(): void {
    this.#row = this.#blank.slice()
    this.#column = -1
  }

  /** A cell element at `i`: attributes r and t, then a value or nothing. Sets `#isUnusual` where that is not all. */
  #scanCell(i: number): void {
    const bytes = this.#bytes
    let column = this.#column + 1
    let typeAt = 0
    let j = i + 2
    for (; bytes[j] !== gt; j++) {
      if (bytes[j] === 0x27 || j >= bytes.length) return this.#giveUp()
      if (bytes[j] !== space || bytes[j + 2] !== 0x3d || bytes[j + 3] !== quote) continue
      if (bytes[j + 1] === 0x74) typeAt = j + 4
      else if (bytes[j + 1] === 0x72) {
        column = 0
        for (let k = j + 4, letter = bytes[k] ?? 0; letter >= 0x41 && letter <= 0x5a; letter = bytes[++k] ?? 0)
          column = column * 26 + letter - 0x40
        column--
      }
    }
    if (column < 0 || column >= columnsMax) return this.#giveUp()
    this.#column = column
    this.#at = j + 1
    if (bytes[j - 1] === slash) return
    const slot = this.#slots === undefined ? column : (this.#slots[column] ?? -1)
    this.#scanContent(j + 1, slot, typeAt)
  }

  #scanContent(start: number, slot: number, typeAt: number): void {
    const bytes = this.#bytes
    for (let i = start; ;) {
      if (bytes[i] !== lt) return this.#giveUp()
      const name = bytes[i + 1]
      if (name === 0x76) {
        const open = bytes[i + 2] === gt ? i + 3 : bytes.indexOf(gt, i) + 1
        if (bytes[open - 2] === slash) i = open
        else {
          let close = open
          while (bytes[close] !== lt) close++
          if (bytes[close + 1] !== slash || bytes[close + 2] !== 0x76) return this.#giveUp()
          if (slot >= 0) this.#row[slot] = this.#valueOf(open, close, typeAt)
          i = close + 4
        }
      } else if (name === 0x66) {
        // A formula: its value, if it was ever computed, follows.
        const open = bytes.indexOf(gt, i)
        i = bytes[open - 1] === slash ? open + 1 : bytes.indexOf('</f>', open) + 4
        if (i < open) return this.#giveUp()
      } else if (name === slash && bytes[i + 2] === 0x63) {
        this.#at = i + 4
        return
      } else return this.#giveUp()
    }
  }

  #giveUp(): void {
    this.#isUnusual = true
  }

  #valueOf(start: number, end: number, typeAt: number): Cell {
    const bytes = this.#bytes
    const type = typeAt === 0 ? 0x6e : (bytes[typeAt] ?? 0)
    const whole = wholeOf(bytes, start, end)
    if (whole >= 0) {
      if (type === 0x6e) return whole
      if (type === 0x73 && bytes[typeAt + 1] === quote) return this.#shared(whole)
    }
    const name = typeAt === 0 ? 'n' : bytes.toString('latin1', typeAt, bytes.indexOf(quote, typeAt))
    return this.#convert(name, textOf(bytes, start, end))
  }

  #convert(type: string, text: string): Cell {
    switch (type) {
      case 'n': {
        const number = Number(text)
        return text === '' ? undefined : Number.isFinite(number) ? number : decodeEntities(text)
      }
      case 's':
        return this.#shared(Number(text))
      case 'b':
        return text === '1' || text === 'true'
      case 'e':
        return undefined
      default:
        return clip(decodeEscapes(decodeEntities(text)))
    }
  }

  #shared(index: number): Cell {
    const text = this.#options.strings[index]
    if (text === undefined)
      throw new WeirError(
        'ESTATE_CORRUPT',
        `'${this.#options.label}' refers to shared string ${index}, of which there are ${this.#options.strings.length}. Export it again.`,
      )
    return text === '' ? undefined : text
  }

  /** Every row through the XML parser. */
  #parseRows(end: number, closing: Buffer, rows: (readonly Cell[])[]): void {
    const opening = `<${this.#options.prefix}row`
    for (
      let at = this.#bytes.indexOf(opening);
      at !== -1 && at < end && !this.isHopeless;
      at = this.#bytes.indexOf(opening, at)
    ) {
      const open = this.#bytes.indexOf(gt, at)
      const isRow = [space, gt, slash].includes(this.#bytes[at + opening.length] ?? 0)
      if (!isRow || this.#bytes[open - 1] === slash) {
        at = open + 1
        continue
      }
      const close = this.#bytes.indexOf(closing, at) + closing.length
      this.#emit(this.#parsed(at, close), rows)
      at = close
    }
  }

  #parsed(start: number, end: number): Cell[] {
    this.#startRow()
    for (const cell of parseRow(this.#bytes.toString('utf8', start, end), this.#options.label)) {
      const slot = this.#slots === undefined ? cell.column : (this.#slots[cell.column] ?? -1)
      if (slot >= 0) this.#row[slot] = this.#fromRaw(cell)
    }
    return this.#row
  }

  #fromRaw({ type, value }: RawCell): Cell {
    return this.#convert(type === '' ? 'n' : type, value)
  }

  #emit(row: Cell[], rows: (readonly Cell[])[]): void {
    if (isBlank(row)) return
    if (this.#slots !== undefined) {
      rows.push(row)
      return
    }
    const chosen = this.#options.choose(Array.from(row))
    if (chosen === undefined) {
      this.#headerTries++
      return
    }
    this.#slots = new Int16Array(columnsMax).fill(-1)
    for (const [slot, column] of chosen.entries()) this.#slots[column] = slot
    this.#blank = Array.from({ length: chosen.length }, () => undefined)
  }
}

/** The number that 1 to 15 digits stand for; -1 for anything else. */
function wholeOf(bytes: Buffer, start: number, end: number): number {
  if (end === start || end - start > 15) return -1
  let whole = 0
  for (let i = start; i < end; i++) {
    const digit = (bytes[i] ?? 0) - 0x30
    if (digit < 0 || digit > 9) return -1
    whole = whole * 10 + digit
  }
  return whole
}

function isBlank(row: readonly Cell[]): boolean {
  for (const cell of row) if (cell !== undefined) return false
  return true
}

/** True if an element of that name starts at `i`. */
function isTag(bytes: Buffer, i: number, name: 'c' | 'row'): boolean {
  for (let k = 0; k < name.length; k++) if (bytes[i + 1 + k] !== name.charCodeAt(k)) return false
  const after = bytes[i + 1 + name.length]
  return after === space || after === gt || after === slash || after === 0x0a || after === 0x0d || after === 0x09
}

/** Text of wanted cells only; a copy, so that it does not keep the chunk alive. */
const textOf = (bytes: Buffer, start: number, end: number): string => bytes.toString('utf8', start, end)

const clip = (text: string): Cell => (text === '' ? undefined : text.length > cellTextMax ? text.slice(0, cellTextMax) : text)
