import type { FileHandle } from 'node:fs/promises'
import { fileTarget, type ImageTarget } from '@weir/images'

/** Bytes written before the kernel is asked again to bring them to the disk. */
const flushEveryBytes = 64 << 20

/** A file being written whose bytes are on their way to the disk while more come, so that the sync at the end is short. */
export interface FlushedTarget extends ImageTarget {
  /** Resolves when no flush is under way; the file can then be closed. @throws what the last flush threw. */
  settle(): Promise<void>
}

/** `file` as a target. What a flush throws (a full or broken disk) the next write throws, or `settle`. One flush at a time. */
export function flushBehind(file: Pick<FileHandle, 'datasync' | 'truncate' | 'write'>): FlushedTarget {
  const target = fileTarget(file)
  let dirtyBytes = 0
  let flush: Promise<void> | undefined
  let failure: { readonly error: unknown } | undefined
  const begin = async (): Promise<void> => {
    dirtyBytes = 0
    await file.datasync().catch((error: unknown) => (failure ??= { error }))
    flush = undefined
  }
  const throwIfFailed = (): void => {
    if (failure !== undefined) throw failure.error
  }
  return {
    truncate: (sizeBytes) => target.truncate(sizeBytes),
    async write(offset, bytes) {
      throwIfFailed()
      await target.write(offset, bytes)
      dirtyBytes += bytes.length
      if (dirtyBytes >= flushEveryBytes) flush ??= begin()
    },
    async settle() {
      await flush
      throwIfFailed()
    },
  }
}
