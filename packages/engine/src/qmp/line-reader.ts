/** Longest line taken from QEMU or a guest agent, in bytes; QEMU's own schema is 300 KB. */
const maxLineBytes = 4 << 20

/** Cuts a byte stream into lines. `push` returns false when a line grows beyond 4 MiB: end the conversation then. */
export interface LineReader {
  push(chunk: Buffer): boolean
}

/** A reader that calls `onLine` with each complete line, decoded as UTF-8, without its line end; empty lines are skipped. */
export function createLineReader(onLine: (line: string) => void): LineReader {
  let parts: Buffer[] = []
  let size = 0
  return {
    push(chunk) {
      let rest = chunk
      for (let end = rest.indexOf(10); end >= 0; end = rest.indexOf(10)) {
        const line = Buffer.concat([...parts, rest.subarray(0, end)])
          .toString('utf8')
          .trim()
        parts = []
        size = 0
        rest = rest.subarray(end + 1)
        if (line !== '') onLine(line)
      }
      if (rest.length > 0) parts.push(rest)
      size += rest.length
      return size <= maxLineBytes
    },
  }
}
