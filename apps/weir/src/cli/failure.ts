import { type ErrorCode, isWeirError, type WeirError } from '@weir/base'

/** What the process ends with, for scripts. */
const exitCodes = { ok: 0, failed: 1, usage: 2, partlyFailed: 3, authentication: 4, timedOut: 5, blocked: 6 } as const
export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes]

/** What each exit code tells a script. */
export const exitCodeMeanings: Readonly<Record<ExitCode, string>> = {
  [exitCodes.ok]: 'Done.',
  [exitCodes.failed]: 'It failed; the line `error: …` says why.',
  [exitCodes.usage]: 'Flags or arguments do not fit, or the user stopped it.',
  [exitCodes.partlyFailed]: 'Of several targets some failed; the others are done.',
  [exitCodes.authentication]: 'The API does not know who asks, or that one may not do this.',
  [exitCodes.timedOut]: 'It waited in vain.',
  [exitCodes.blocked]: 'A policy or quota said no.',
}

const codes: { readonly [C in ErrorCode]?: ExitCode } = {
  CLI_USAGE: exitCodes.usage,
  CLI_CANCELLED: exitCodes.usage,
  CLI_TIMED_OUT: exitCodes.timedOut,
  API_UNAUTHORIZED: exitCodes.authentication,
}

const hints: { readonly [C in ErrorCode]?: string } = {
  CLIENT_UNREACHABLE: "start the data center with 'weir up', or name another one with --kubeconfig or --context",
  API_UNAUTHORIZED:
    "the certificate or token of the kubeconfig is not accepted; 'weir kubeconfig --path' says which file is used",
  API_UNAVAILABLE: 'the server is busy; try again in a moment',
  CLI_KUBECONFIG: "'weir kubeconfig --path' says which file is used; --kubeconfig names another",
}

const policies = /exceeded quota|denied the request|violates PodSecurity|is forbidden: .*limit/i

/** The exit code that a failure ends with. */
export function exitCodeOf(error: unknown): ExitCode {
  if (!isWeirError(error)) return exitCodes.failed
  if (error.code === 'API_FORBIDDEN') return policies.test(error.message) ? exitCodes.blocked : exitCodes.authentication
  return codes[error.code] ?? exitCodes.failed
}

/** One line `error: …`, one `also: …` for each further wrong field of a document, and one `hint: …` if there is something to do about it. */
export function failureText(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error)
  const also = isWeirError(error) ? otherCauses(error) : []
  const hint = isWeirError(error) ? hintFor(error) : undefined
  return [`error: ${message}`, ...also.map((text) => `also: ${text}`), ...(hint === undefined ? [] : [`hint: ${hint}`])]
    .map((line) => `${line.replaceAll(/\s*\n\s*/g, ' ').trim()}\n`)
    .join('')
}

/** Wrong fields that are told one by one; who has more mends these first. */
const mostAlso = 9

/** What is wrong beside what the message says. An API server's own message names all of it. */
function otherCauses({ code, causes }: WeirError): readonly string[] {
  if (code.startsWith('API_')) return []
  const texts = causes.slice(1, 1 + mostAlso).map(({ field, message }) => `\`${field}\` ${message}`)
  const left = causes.length - 1 - texts.length
  return left > 0 ? [...texts, `${left} more`] : texts
}

function hintFor({ code, message }: WeirError): string | undefined {
  if (code === 'API_NOT_FOUND' && message.startsWith('virtualmachine'))
    return "'weir vm list -A' shows the machines of all namespaces; -n chooses one"
  return hints[code]
}

/** The code of several actions together: that of the only failure kind if all failed, 3 if some did. */
export function bulkExitCode(errors: readonly unknown[], total: number): ExitCode {
  if (errors.length === 0) return exitCodes.ok
  return errors.length < total ? exitCodes.partlyFailed : exitCodeOf(errors[0])
}
