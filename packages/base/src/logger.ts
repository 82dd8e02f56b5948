/** Structured fields of a log line. Never a secret, a token or an object's data. */
export type LogFields = Readonly<Record<string, string | number | boolean | undefined>>

/** Where log lines go. Message first, names and values in `fields`. */
export interface Logger {
  info(message: string, fields?: LogFields): void
  warn(message: string, fields?: LogFields): void
  error(message: string, error: unknown, fields?: LogFields): void
}

/** A logger that drops everything. */
export const silentLogger: Logger = { info: () => {}, warn: () => {}, error: () => {} }
