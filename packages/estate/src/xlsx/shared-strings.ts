import { WeirError } from '@weir/base'
import { cellTextMax } from '../table/table.ts'
import { parseSharedString } from './fragment.ts'
import { decodeEntities, decodeEscapes } from './text.ts'

const stringsMax = 8_000_000
const textBytesMax = 512 * 2 ** 20
const stringBytesMax = 4 * 2 ** 20
const closing = Buffer.from('</si>')
const plain = ['<si><t>', '<si><t xml:space="preserve">'].map((text) => Buffer.from(text))
const plainEnd = Buffer.from('</t></si>')

/**
 * The shared strings of a workbook, in order, each cut at 1,024 characters. Counts that the file declares are not believed.
 * @throws ESTATE_LIMIT beyond 8 million strings, ESTATE_CORRUPT
 */
export async function readSharedStrings(
  chunks: AsyncIterable<Uint8Array>,
  label: string,
  signal?: AbortSignal,
): Promise<string[]> {
  const strings: string[] = []
  let rest: Buffer = Buffer.alloc(0)
  let textBytes = 0
  for await (const chunk of chunks) {
    signal?.throwIfAborted()
    const bytes = Buffer.concat([rest, chunk])
    const end = takeStrings(bytes, label, strings)
    textBytes += end
    rest = Buffer.from(bytes.subarray(end))
    const refused =
      strings.length > stringsMax || textBytes > textBytesMax
        ? `more than ${stringsMax} shared strings or ${textBytesMax} bytes of them`
        : rest.length > stringBytesMax
          ? `a shared string of more than ${stringBytesMax} bytes`
          : undefined
    if (refused !== undefined) throw new WeirError('ESTATE_LIMIT', `'${label}' is refused: it has ${refused}.`)
  }
  return strings
}

/** Appends the strings that are complete in `bytes`; the number of bytes used. */
function takeStrings(bytes: Buffer, label: string, strings: string[]): number {
  let used = 0
  for (let at = bytes.indexOf('<', 0); at !== -1; at = bytes.indexOf('<', used)) {
    const name = /^<(?:[\w.-]+:)?si[\s/>]/u.exec(bytes.toString('latin1', at, at + 40))
    if (name === null) {
      const close = bytes.indexOf('>', at)
      // An element cut off at the end of the chunk waits for the next one.
      if (close === -1) return at
      refuseDoctype(bytes, at, label)
      used = close + 1
      continue
    }
    const open = bytes.indexOf('>', at)
    if (open === -1) return at
    if (bytes[open - 1] === 0x2f) {
      strings.push('')
      used = open + 1
      continue
    }
    const isPrefixed = name[0].includes(':')
    const end = isPrefixed ? Buffer.from(`</${name[0].slice(1, name[0].indexOf(':') + 1)}si>`) : closing
    const close = bytes.indexOf(end, open)
    if (close === -1) return at
    strings.push(textOf(bytes, at, close + end.length, label))
    used = close + end.length
  }
  return bytes.length
}

function textOf(bytes: Buffer, start: number, end: number, label: string): string {
  const opening = plain.find((each) => bytes.compare(each, 0, each.length, start, start + each.length) === 0)
  const textStart = start + (opening?.length ?? 0)
  const textEnd = end - plainEnd.length
  const isPlain = opening !== undefined && bytes.indexOf('<', textStart) === textEnd
  const text = isPlain
    ? decodeEscapes(decodeEntities(bytes.toString('utf8', textStart, textEnd)))
    : parseSharedString(bytes.toString('utf8', start, end), label)
  return text.length > cellTextMax ? Buffer.from(text.slice(0, cellTextMax)).toString() : text
}

function refuseDoctype(bytes: Buffer, at: number, label: string): void {
  if (bytes.toString('latin1', at, at + 9) === '<!DOCTYPE')
    throw new WeirError('ESTATE_FORMAT', `'${label}' declares a document type, which could define entities; it is not read.`)
}
