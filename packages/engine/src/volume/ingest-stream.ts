import { open } from 'node:fs/promises'
import { isWeirError, WeirError } from '@weir/base'
import { importVmdkStream } from '@weir/images'
import { flushBehind } from './flush-behind.ts'

const compressedGrains = 0x10000
/** Larger than any disk of VMware (62 TB); the tables of a disk are kept in memory, 8 bytes for 32 MiB. */
const largestDiskBytes = 2 ** 47

/** True for a streamOptimized VMDK, by the first bytes of its header (VMDK 1.1 specification: `flags` at byte 8). */
export const isStreamOptimized = (head: Uint8Array): boolean =>
  head.length >= 12 && (Buffer.from(head.buffer, head.byteOffset, head.byteLength).readUInt32LE(8) & compressedGrains) !== 0

/** A streamOptimized VMDK and the raw image that it becomes. */
export interface StreamIngest {
  readonly path: string
  readonly chunks: AsyncIterable<Uint8Array>
  readonly maxBytes: number
  readonly signal: AbortSignal
}

/**
 * Writes the disk straight into `path`, a new file, as it streams by: no second copy, no foreign program.
 * @throws VOLUME_IMAGE_TOO_BIG, or VOLUME_IMAGE_REFUSED with what is wrong with it.
 */
export async function writeVmdkStreamTo({ path, chunks, maxBytes, signal }: StreamIngest): Promise<void> {
  const file = await open(path, 'wx', 0o600)
  const target = flushBehind(file)
  try {
    const limits = { maxCapacityBytes: Math.min(maxBytes, largestDiskBytes) }
    await importVmdkStream(chunks, target, { limits, label: 'the disk image', signal })
  } catch (error) {
    if (!isWeirError(error) || error.code === 'IMAGE_WRITE') throw error
    const code = error.code === 'IMAGE_LIMIT' ? 'VOLUME_IMAGE_TOO_BIG' : 'VOLUME_IMAGE_REFUSED'
    throw new WeirError(code, error.message, { cause: error })
  } finally {
    await target.settle().finally(() => file.close())
  }
}
