const zeros = Buffer.alloc(64 * 1024)

/** True if all bytes are 0. */
export function isZero(bytes: Uint8Array): boolean {
  for (let done = 0; done < bytes.length; done += zeros.length) {
    const part = bytes.subarray(done, done + zeros.length)
    if (zeros.compare(part, 0, part.length, 0, part.length) !== 0) return false
  }
  return true
}
