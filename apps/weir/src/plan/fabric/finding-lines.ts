import type { Finding } from '@weir/estate'

const mostFindings = 10

/** What to know about the data, for a terminal; nothing if there is nothing. Control characters of the source are shown as `?`. */
export function findingLines(findings: readonly Finding[], rest = '-o json shows all'): readonly string[] {
  if (findings.length === 0) return []
  const shown = findings.slice(0, mostFindings)
  const more = findings.length - shown.length
  return [
    '',
    `About the data (${findings.length}):`,
    ...shown.map(({ object, message, remedy }) => `  - ${object}: ${message} ${remedy}`.trimEnd().replaceAll(/\p{Cc}/gu, '?')),
    ...(more > 0 ? [`  and ${more} more${rest === '' ? '' : `; ${rest}`}`] : []),
  ]
}
