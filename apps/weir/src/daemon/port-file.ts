import { readFileSync, renameSync, writeFileSync } from 'node:fs'

/** The port of the last start; undefined if there was none, or its file is damaged. */
export function readPort(file: string): number | undefined {
  try {
    const port = Number(readFileSync(file, 'utf8'))
    return Number.isInteger(port) && port > 0 && port < 65_536 ? port : undefined
  } catch {
    return undefined
  }
}

/** In one step: half a port would move the next start elsewhere. */
export function savePort(file: string, port: number): void {
  writeFileSync(`${file}.new`, String(port), { mode: 0o600 })
  renameSync(`${file}.new`, file)
}
