import { createHash } from 'node:crypto'

const maxLength = 63

/**
 * `text` as a DNS-1123 label (RFC 1123; at most 63 characters): lower case, other characters become hyphens. A name that
 * lost characters to its length ends in five of its hash, so that long names stay apart; nothing left gives `fallback`.
 */
export function toLabel(text: string, fallback: string, max: number = maxLength): string {
  const plain = text
    .normalize('NFKD')
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/gu, '-')
    .replaceAll(/^-+|-+$/gu, '')
  if (plain === '') return fallback
  if (plain.length <= max) return plain
  const hash = createHash('sha256').update(text).digest('hex').slice(0, 5)
  return `${plain.slice(0, max - 6).replace(/-+$/u, '')}-${hash}`
}
