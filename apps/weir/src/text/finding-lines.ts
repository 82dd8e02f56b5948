import type { Finding } from '@weir/estate'
import { listLines } from './list-lines.ts'

/** What to know about the data, for a terminal; nothing if there is nothing. `rest` says where all of it is, if anywhere. */
export const findingLines = (findings: readonly Finding[], rest?: string): readonly string[] =>
  listLines(
    `About the data (${findings.length}):`,
    findings.map(({ object, message, remedy }) => `${object}: ${message} ${remedy}`.trimEnd()),
    { most: 10, ...(rest === undefined ? {} : { rest }) },
  )
