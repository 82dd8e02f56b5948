import type { Cell } from '../table/table.ts'

/** Text of a cell, trimmed; undefined if there is none. Numbers are written out: a machine may be called 1234. */
export const toText = (cell: Cell): string | undefined => {
  if (typeof cell === 'string') return cell.trim() || undefined
  return cell === undefined ? undefined : String(cell)
}

/**
 * A number, also from text in any of the usual notations: `1,234.5`, `1.234,5`, `1 234`, `1'234`, `12 %`. One separator followed by
 * exactly three digits groups thousands, since RVTools writes whole numbers nearly everywhere; for a `Percent` it is the decimal
 * point. NaN if it is none, undefined if empty.
 */
export function toNumber(cell: Cell, kind: 'Plain' | 'Percent' = 'Plain'): number | undefined {
  if (typeof cell === 'number') return cell
  if (typeof cell === 'boolean') return Number.NaN
  const text = cell?.replaceAll(/[\s\u00A0\u202F'’]/gu, '').replace(/%$/u, '') ?? ''
  if (text === '' || text === '-' || /^n\/?a$/iu.test(text)) return undefined
  if (!/^[+-]?[\d.,]+(?:e[+-]?\d{1,3})?$/iu.test(text)) return Number.NaN
  return Number(kind === 'Percent' ? text.replace(',', '.') : inPlainNotation(text))
}

function inPlainNotation(text: string): string {
  const decimal = text.lastIndexOf(',') > text.lastIndexOf('.') ? ',' : '.'
  const group = decimal === ',' ? '.' : ','
  const parts = text.replaceAll(group, '').split(decimal)
  const isGrouping =
    parts.length > 2 || (parts.length === 2 && !text.includes(group) && /^[+-]?[1-9]\d{0,2}[.,]\d{3}$/u.test(text))
  return isGrouping ? parts.join('') : parts.join('.')
}

const yes = new Set([
  'true',
  'yes',
  '1',
  'wahr',
  'ja',
  'vrai',
  'oui',
  'verdadero',
  'verdadeiro',
  'sim',
  'si',
  'sí',
  'vero',
  'waar',
  'enabled',
])
const no = new Set(['false', 'no', '0', 'falsch', 'nein', 'faux', 'non', 'falso', 'não', 'onwaar', 'nee', 'disabled'])

/** A yes or no, real or as text in the languages of Excel; null if it is neither, undefined if empty. */
export function toBoolean(cell: Cell): boolean | null | undefined {
  if (typeof cell === 'boolean') return cell
  const text = toText(cell)?.toLowerCase()
  return text === undefined ? undefined : yes.has(text) ? true : no.has(text) ? false : null
}

/** The datastore of a path as `[datastore1] vm/vm.vmdk`. The rest of the path is not kept. */
export const toDatastore = (cell: Cell): string | undefined => /^\s*\[([^\]]{1,255})\]/u.exec(toText(cell) ?? '')?.[1]?.trim()
