import { WeirError } from '@weir/base'
import { SaxesParser } from 'saxes'
import { decodeEscapes } from './text.ts'

/** A cell of a row: `type` and `value` as written, before shared strings are looked up. */
export interface RawCell {
  readonly column: number
  readonly type: string
  readonly value: string
}

/**
 * The cells of one `<row>` element that the fast scanner does not understand: inline and rich text, CDATA, comments, prefixes.
 * @throws ESTATE_CORRUPT if it is no well-formed XML.
 */
export function parseRow(xml: string, label: string): readonly RawCell[] {
  const cells: RawCell[] = []
  let cell: { column: number; type: string } = { column: -1, type: '' }
  let value: string | undefined
  const path: string[] = []
  run(xml, label, {
    open: (name, attributes) => {
      path.push(name)
      if (name !== 'c') return
      cell = { column: columnOf(attributes.get('r')) ?? cell.column + 1, type: attributes.get('t') ?? '' }
      value = undefined
    },
    text: (text) => {
      const holder = path.at(-1)
      // A formula's own text and phonetic hints (rPh) are no part of the value.
      if (holder === 'v' || (holder === 't' && !path.includes('rPh'))) value = (value ?? '') + text
    },
    close: () => {
      if (path.pop() === 'c' && value !== undefined) cells.push({ ...cell, value: decodeEscapes(value) })
    },
  })
  return cells
}

/** The text of one `<si>` element: its runs joined, phonetic hints left out. @throws ESTATE_CORRUPT */
export function parseSharedString(xml: string, label: string): string {
  const path: string[] = []
  let result = ''
  run(xml, label, {
    open: (name) => path.push(name),
    text: (text) => {
      if (path.at(-1) === 't' && !path.includes('rPh')) result += text
    },
    close: () => path.pop(),
  })
  return decodeEscapes(result)
}

/** Zero-based column of a reference as `AB12`; undefined if it is none or past column XFD. */
function columnOf(reference: string | undefined): number | undefined {
  const letters = /^([A-Z]{1,3})\d*$/u.exec(reference ?? '')?.[1]
  if (letters === undefined) return undefined
  let column = 0
  for (const letter of letters) column = column * 26 + letter.charCodeAt(0) - 64
  return column <= 16_384 ? column - 1 : undefined
}

interface Handlers {
  readonly open: (name: string, attributes: ReadonlyMap<string, string>) => void
  readonly text: (text: string) => void
  readonly close: () => void
}

function run(xml: string, label: string, handlers: Handlers): void {
  const parser = new SaxesParser({ fragment: true })
  const fail = (why: string): never => {
    throw new WeirError('ESTATE_CORRUPT', `'${label}' is damaged: ${why.slice(0, 200)}. Export it again.`)
  }
  parser.on('error', (error) => fail(error.message))
  parser.on('doctype', () => fail('a document type stands within a row'))
  parser.on('opentag', ({ name, attributes }) => handlers.open(localName(name), new Map(Object.entries(attributes))))
  parser.on('text', handlers.text)
  parser.on('cdata', handlers.text)
  parser.on('closetag', () => handlers.close())
  parser.write(xml).close()
}

const localName = (name: string): string => name.slice(name.indexOf(':') + 1)
