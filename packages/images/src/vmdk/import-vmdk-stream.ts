import { ByteReader } from '../stream/byte-reader.ts'
import { type ImageTarget, inImageErrors } from '../stream/image-target.ts'
import type { GrainBatch } from './grain-batch.ts'
import { Inflater } from './inflater.ts'
import { StreamGrains } from './stream-grains.ts'
import { type ImageLimits, readPreface } from './stream-preface.ts'
import { WriteQueue } from './write-queue.ts'

/** What an import may be told. */
export interface ImportOptions {
  readonly limits: ImageLimits
  /** Names the stream in errors; 'disk' by default. */
  readonly label?: string
  readonly signal?: AbortSignal
}

/** What an import did. All in bytes. */
export interface ImportResult {
  readonly capacityBytes: number
  readonly readBytes: number
  /** Written to the target: what was not zero. */
  readonly writtenBytes: number
}

/**
 * Copies a streamOptimized VMDK (of qemu-img, ESXi, VirtualBox, ovftool) that arrives once, front to back, into `target` as a raw
 * disk, skipping zeros, without a scratch copy and in bounded memory. Grains are inflated in threads, which have ended when this
 * settles. The target is set to the capacity first and must read as zeros where nothing is written. After an error the target
 * holds a part: remove it.
 * @throws IMAGE_FORMAT, IMAGE_LIMIT, IMAGE_CORRUPT, IMAGE_TRUNCATED for a bad source; IMAGE_WRITE if the target fails.
 */
export async function importVmdkStream(
  source: AsyncIterable<Uint8Array>,
  target: ImageTarget,
  { limits, label = 'disk', signal }: ImportOptions,
): Promise<ImportResult> {
  const reader = new ByteReader(source, label)
  const disk = inImageErrors(target)
  try {
    const preface = await readPreface(reader, limits, label)
    await disk.truncate(preface.capacityBytes)
    const inflater = new Inflater(preface.header, label)
    const queue = new WriteQueue(inflater, disk)
    try {
      await copyGrains(new StreamGrains(reader, preface, label), { inflater, queue, signal })
    } finally {
      await inflater.close()
    }
    return { capacityBytes: preface.capacityBytes, readBytes: reader.position, writtenBytes: queue.writtenBytes }
  } finally {
    await reader.close()
  }
}

interface Pipeline {
  readonly inflater: Inflater
  readonly queue: WriteQueue
  readonly signal: AbortSignal | undefined
}

/** Fills one batch while others are inflated and one is written. */
async function copyGrains(grains: StreamGrains, { inflater, queue, signal }: Pipeline): Promise<void> {
  try {
    for (let more = true; more;) {
      const batch = await inflater.take()
      signal?.throwIfAborted()
      queue.throwIfFailed()
      try {
        more = await fill(batch, grains)
      } finally {
        queue.add(batch)
      }
    }
  } finally {
    await queue.finish() // What is wrong with an earlier grain is the better answer than what made us stop.
  }
}

/** False if the stream has ended. */
async function fill(batch: GrainBatch, grains: StreamGrains): Promise<boolean> {
  while (!batch.isFull) {
    const grain = await grains.next(batch.room)
    if (grain === undefined) return false
    batch.add(grain)
  }
  return true
}
