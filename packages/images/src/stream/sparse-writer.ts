import type { FileHandle } from 'node:fs/promises'
import { isWeirError, WeirError } from '@weir/base'

const runBytes = 1024 * 1024
const zeros = Buffer.alloc(64 * 1024)

/** Where the bytes of a raw disk go. Calls do not overlap. `bytes` may be reused once the promise has settled. */
export interface ImageTarget {
  truncate(sizeBytes: number): Promise<void>
  write(offset: number, bytes: Uint8Array): Promise<void>
}

/** A target that writes into an open file, which should be new: what is skipped keeps its old content. */
export const fileTarget = (file: FileHandle): ImageTarget => ({
  truncate: (sizeBytes) => file.truncate(sizeBytes),
  write: async (offset, bytes) => {
    for (let done = 0; done < bytes.length;) {
      const { bytesWritten } = await file.write(bytes, done, bytes.length - done, offset + done)
      done += bytesWritten
    }
  },
})

/** Joins neighbouring blocks to long writes and leaves zeros out. Writes one run while the next is filled: two buffers of 1 MiB. */
export class SparseWriter {
  readonly #target: ImageTarget
  #run = Buffer.allocUnsafe(runBytes)
  #spare = Buffer.allocUnsafe(runBytes)
  #start = 0
  #length = 0
  #writing: Promise<void> = Promise.resolve()
  /** Bytes handed to the target so far. */
  writtenBytes = 0

  constructor(target: ImageTarget) {
    this.#target = target
  }

  /** @throws IMAGE_WRITE */
  async resize(sizeBytes: number): Promise<void> {
    await this.#target.truncate(sizeBytes).catch((error: unknown) => {
      throw writeFailed(error, 0)
    })
  }

  /** Takes a copy of `bytes`. @throws IMAGE_WRITE, also for an earlier write. */
  async write(offset: number, bytes: Uint8Array): Promise<void> {
    for (let done = 0; done < bytes.length;) {
      const piece = bytes.subarray(done, done + zeros.length)
      if (!isZero(piece)) await this.#append(offset + done, piece)
      done += piece.length
    }
  }

  /** Resolves when all is with the target. @throws IMAGE_WRITE */
  async flush(): Promise<void> {
    await this.#send()
    await this.#writing
  }

  async #append(offset: number, piece: Uint8Array): Promise<void> {
    if (offset !== this.#start + this.#length || this.#length + piece.length > runBytes) {
      await this.#send()
      this.#start = offset
    }
    this.#run.set(piece, this.#length)
    this.#length += piece.length
  }

  async #send(): Promise<void> {
    await this.#writing
    if (this.#length === 0) return
    const [full, offset] = [this.#run.subarray(0, this.#length), this.#start]
    this.#writing = this.#target.write(offset, full).catch((error: unknown) => {
      throw writeFailed(error, offset)
    })
    this.#writing.catch(() => {}) // Reported by the next write or flush.
    this.writtenBytes += full.length
    this.#length = 0
    ;[this.#run, this.#spare] = [this.#spare, this.#run]
  }
}

/** True if all bytes are 0. */
export function isZero(bytes: Uint8Array): boolean {
  for (let done = 0; done < bytes.length; done += zeros.length) {
    const part = bytes.subarray(done, done + zeros.length)
    if (zeros.compare(part, 0, part.length, 0, part.length) !== 0) return false
  }
  return true
}

function writeFailed(error: unknown, offset: number): WeirError {
  if (isWeirError(error)) return error
  const reason = error instanceof Error ? error.message : String(error)
  return new WeirError(
    'IMAGE_WRITE',
    `The target took no more bytes at offset ${offset}: ${reason}. Free space there, then import again.`,
    {
      cause: error,
    },
  )
}
