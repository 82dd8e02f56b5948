import { WeirError } from '@weir/base'
import { cellTextMax, type Cell, type ChooseColumns, headerRowsMax, type Table } from '../table/table.ts'

const fieldMax = 2 ** 20
const columnsMax = 16_384
/** So much of a first line is looked at, in characters. */
const lineMax = 65_536

/**
 * A CSV file (RFC 4180) as a table: UTF-8, UTF-16 with a byte order mark or, failing both, Windows-1252; separated by comma,
 * semicolon, tab or pipe, whichever the first line has most of. A quote within a field that is not quoted is text.
 */
export const csvTable = (name: string, location: string, read: () => AsyncIterable<Uint8Array>): Table => ({
  name,
  location,
  uses1904Dates: false,
  batches: (choose, signal) => csvBatches(read(), { choose, label: location, ...(signal && { signal }) }),
})

interface CsvOptions {
  readonly choose: ChooseColumns
  readonly label: string
  readonly signal?: AbortSignal
}

async function* csvBatches(chunks: AsyncIterable<Uint8Array>, options: CsvOptions): AsyncGenerator<readonly (readonly Cell[])[]> {
  let chosen: readonly number[] | undefined
  let tries = 0
  for await (const rows of csvRows(chunks, options.label)) {
    options.signal?.throwIfAborted()
    const batch: (readonly Cell[])[] = []
    for (const row of rows) {
      if (row.every((field) => field === '')) continue
      if (chosen === undefined) {
        chosen = options.choose(row)
        if (chosen === undefined && ++tries >= headerRowsMax) return
      } else batch.push(chosen.map((column) => cellOf(row[column])))
    }
    yield batch
  }
}

const cellOf = (field: string | undefined): Cell => {
  if (field === undefined || field === '') return undefined
  const text = field.length > cellTextMax ? field.slice(0, cellTextMax) : field
  // A slice would keep the whole chunk of the file alive.
  return text.length < 13 ? text : Buffer.from(text).toString()
}

/** The rows of a CSV file in batches, one for each chunk. @throws ESTATE_LIMIT for a field of more than 1 MiB */
export async function* csvRows(chunks: AsyncIterable<Uint8Array>, label: string): AsyncGenerator<readonly (readonly string[])[]> {
  const parser = new CsvParser(label)
  let decoder: InstanceType<typeof TextDecoder> | undefined
  for await (const chunk of chunks) {
    decoder ??= decoderFor(chunk)
    yield parser.push(decoder.decode(chunk, { stream: true }))
  }
  yield parser.push(decoder?.decode() ?? '')
  yield parser.end()
}

function decoderFor(head: Uint8Array): InstanceType<typeof TextDecoder> {
  if (head[0] === 0xff && head[1] === 0xfe) return new TextDecoder('utf-16le')
  if (head[0] === 0xfe && head[1] === 0xff) return new TextDecoder('utf-16be')
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(head, { stream: true })
    return new TextDecoder('utf-8')
  } catch {
    return new TextDecoder('windows-1252')
  }
}

/** Splits text that arrives in portions. One parser per file. */
class CsvParser {
  readonly #label: string
  #separator: string | undefined
  #pending = ''
  #row: string[] = []
  #quoted: string | undefined

  constructor(label: string) {
    this.#label = label
  }

  push(text: string): readonly (readonly string[])[] {
    this.#pending += text
    if (this.#pending.length + (this.#quoted?.length ?? 0) > fieldMax + 2 ** 20) this.#refuse()
    this.#separator ??= separatorOf(this.#pending)
    return this.#separator === undefined ? [] : this.#take(false)
  }

  end(): readonly (readonly string[])[] {
    this.#separator ??= separatorOf(`${this.#pending}\n`) ?? ','
    const rows = this.#take(true)
    if (this.#quoted !== undefined) this.#close()
    return this.#row.length === 0 ? rows : [...rows, this.#row]
  }

  #take(isEnd: boolean): readonly (readonly string[])[] {
    const rows: (readonly string[])[] = []
    const text = this.#pending
    let at = 0
    while (at < text.length) {
      const next = this.#quoted !== undefined || text[at] === '"' ? this.#takeQuoted(at, isEnd) : this.#takePlain(at, isEnd)
      // No progress: a quote at the end waits for what follows it.
      if (next === undefined || next === at) break
      at = next
      if (text[at - 1] === '\n' && this.#quoted === undefined) {
        rows.push(this.#row)
        this.#row = []
      }
    }
    this.#pending = text.slice(at)
    return rows
  }

  /** A field without quotes and the separator or line end after it; the place after both, undefined if it is not complete yet. */
  #takePlain(start: number, isEnd: boolean): number | undefined {
    const text = this.#pending
    const end = this.#fieldEnd(start)
    if (end === text.length && !isEnd) {
      if (end - start > fieldMax) this.#refuse()
      return undefined
    }
    this.#add(text.slice(start, end))
    return end + 1
  }

  #takeQuoted(start: number, isEnd: boolean): number | undefined {
    const text = this.#pending
    let from = this.#quoted === undefined ? start + 1 : start
    this.#quoted ??= ''
    for (;;) {
      const quote = text.indexOf('"', from)
      if (quote === -1 || (quote === text.length - 1 && !isEnd)) {
        // Keep a last quote: the next portion tells whether it is doubled.
        const end = quote === -1 ? text.length : quote
        this.#quoted += text.slice(from, end)
        if (this.#quoted.length > fieldMax) this.#refuse()
        if (quote === -1 && isEnd) this.#close()
        return end
      }
      this.#quoted += text.slice(from, quote)
      if (text[quote + 1] !== '"') return this.#afterQuote(quote, isEnd)
      this.#quoted += '"'
      from = quote + 2
    }
  }

  /** Text between a closing quote and the separator is kept, as spreadsheets do. */
  #afterQuote(quote: number, isEnd: boolean): number {
    const end = this.#fieldEnd(quote + 1)
    if (end === this.#pending.length && !isEnd) return quote
    this.#quoted = (this.#quoted ?? '') + this.#pending.slice(quote + 1, end)
    this.#close()
    return end + 1
  }

  #fieldEnd(start: number): number {
    const text = this.#pending
    const separator = (this.#separator ?? ',').charCodeAt(0)
    let end = start
    for (; end < text.length; end++) {
      const code = text.charCodeAt(end)
      if (code === separator || code === 0x0a) break
    }
    return end
  }

  #close(): void {
    const field = this.#quoted ?? ''
    this.#quoted = undefined
    this.#add(field)
  }

  #add(field: string): void {
    if (this.#row.length >= columnsMax)
      throw new WeirError('ESTATE_LIMIT', `'${this.#label}' has a line of more than ${columnsMax} fields; no export has.`)
    this.#row.push(field.endsWith('\r') ? field.slice(0, -1) : field)
  }

  #refuse(): never {
    throw new WeirError('ESTATE_LIMIT', `'${this.#label}' has a field of more than ${fieldMax} characters; check its quotes.`)
  }
}

/** The separator of a file by its first line; undefined while that line is not complete. */
function separatorOf(text: string): string | undefined {
  // What is quoted counts for nothing, be it the end of a line.
  const bare = text.slice(0, lineMax).replaceAll(/(^|[,;\t|\n])"[^"]*(?:""[^"]*)*(?:"|$)/gu, '$1')
  const end = bare.indexOf('\n')
  if (end === -1 && text.length < lineMax) return undefined
  const line = bare.slice(0, end === -1 ? undefined : end)
  const declared = /^sep=(.)\r?$/u.exec(line)?.[1]
  if (declared !== undefined) return declared
  const count = (separator: string): number => line.split(separator).length
  return [',', ';', '\t', '|'].reduce((best, each) => (count(each) > count(best) ? each : best))
}
