import { writeSync } from 'node:fs'
import type { Logger, LogFields } from '@weir/base'

/** Writes to standard error at once. What it does not take is lost: a full disk must not end the data center. */
export function writeToLog(line: string): void {
  try {
    writeSync(2, line)
  } catch {}
}

/** A logger of one JSON object a line, written by `write`. Errors are logged by message and code, never with data. */
export function createJsonLogger(write: (line: string) => void, now: () => number): Logger {
  const line = (level: string, message: string, fields: LogFields = {}): void =>
    write(`${JSON.stringify({ time: new Date(now()).toISOString(), level, message, ...fields })}\n`)
  return {
    info: (message, fields) => line('info', message, fields),
    warn: (message, fields) => line('warn', message, fields),
    error: (message, error, fields) => line('error', message, { ...fields, error: describe(error) }),
  }
}

function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  if (error instanceof AggregateError) return `${error.message}: ${error.errors.map(describe).join('; ')}`
  const why = error.cause === undefined ? '' : `: ${describe(error.cause)}`
  return error.name === 'WeirError' ? `${error.message}${why}` : `${error.stack ?? error.message}${why}`
}
