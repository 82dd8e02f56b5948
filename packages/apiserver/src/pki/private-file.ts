import { closeSync, fsyncSync, openSync, renameSync, writeSync } from 'node:fs'

/** Writes `text` to `file` for its owner alone (0600): all of it or nothing, also over a crash. */
export function writePrivateFile(file: string, text: string): void {
  const next = `${file}.new`
  const descriptor = openSync(next, 'w', 0o600)
  try {
    writeSync(descriptor, text)
    fsyncSync(descriptor)
  } finally {
    closeSync(descriptor)
  }
  renameSync(next, file)
}
