import { type ImageTarget, SparseWriter } from '../stream/sparse-writer.ts'
import { type ReadOptions, readVmdkStream } from './read-vmdk-stream.ts'

/** How far an import is. All in bytes. */
export interface ImportProgress {
  readonly capacityBytes: number
  /** Read from the source. */
  readonly readBytes: number
  /** The disk is done up to here; what lies beyond is to come. */
  readonly doneBytes: number
}

/** What an import did. All in bytes. */
export interface ImportResult {
  readonly capacityBytes: number
  readonly readBytes: number
  /** Written to the target: what was not zero. */
  readonly writtenBytes: number
}

/** What an import may be told beside how to read. */
export interface ImportOptions extends ReadOptions {
  /** Called for every block: thin it out before showing it. */
  readonly onProgress?: (progress: ImportProgress) => void
}

/**
 * Copies a streamOptimized VMDK from `source` into `target` as a raw disk, skipping zeros, without a scratch copy. The target is
 * set to the capacity first and must read as zeros where nothing is written. After an error the target holds a part: remove it.
 * @throws IMAGE_FORMAT, IMAGE_LIMIT, IMAGE_CORRUPT, IMAGE_TRUNCATED for a bad source; IMAGE_WRITE if the target fails.
 */
export async function importVmdkStream(
  source: AsyncIterable<Uint8Array>,
  target: ImageTarget,
  options: ImportOptions,
): Promise<ImportResult> {
  const { capacityBytes, blocks } = await readVmdkStream(source, options)
  const writer = new SparseWriter(target)
  let readBytes = 0
  await writer.resize(capacityBytes)
  for await (const block of blocks) {
    await writer.write(block.offset, block.bytes)
    readBytes = block.readBytes
    options.onProgress?.({ capacityBytes, readBytes, doneBytes: block.offset + block.bytes.length })
  }
  await writer.flush()
  options.onProgress?.({ capacityBytes, readBytes, doneBytes: capacityBytes })
  return { capacityBytes, readBytes, writtenBytes: writer.writtenBytes }
}
