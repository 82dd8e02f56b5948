import type { FileHandle } from 'node:fs/promises'
import { isWeirError, WeirError } from '@weir/base'

/** Where the bytes of a raw disk go. Calls do not overlap. `bytes` may be reused once the promise has settled. */
export interface ImageTarget {
  truncate(sizeBytes: number): Promise<void>
  write(offset: number, bytes: Uint8Array): Promise<void>
}

/** A target that writes into an open file, which should be new: what is skipped keeps its old content. */
export const fileTarget = (file: Pick<FileHandle, 'truncate' | 'write'>): ImageTarget => ({
  truncate: (sizeBytes) => file.truncate(sizeBytes),
  write: async (offset, bytes) => {
    for (let done = 0; done < bytes.length;) {
      const { bytesWritten } = await file.write(bytes, done, bytes.length - done, offset + done)
      done += bytesWritten
    }
  },
})

/** `target` with its failures told as IMAGE_WRITE; errors of ours pass. */
export const inImageErrors = (target: ImageTarget): ImageTarget => ({
  truncate: (sizeBytes) =>
    target.truncate(sizeBytes).catch((error: unknown) => {
      throw writeFailed(error, 0)
    }),
  write: (offset, bytes) =>
    target.write(offset, bytes).catch((error: unknown) => {
      throw writeFailed(error, offset)
    }),
})

function writeFailed(error: unknown, offset: number): WeirError {
  if (isWeirError(error)) return error
  const reason = error instanceof Error ? error.message : String(error)
  return new WeirError(
    'IMAGE_WRITE',
    `The target took no more bytes at offset ${offset}: ${reason}. Free space there, then import again.`,
    { cause: error },
  )
}
