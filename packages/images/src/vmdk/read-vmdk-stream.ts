import { ByteReader } from '../stream/byte-reader.ts'
import { inflateGrain } from './inflate-grain.ts'
import { sectorBytes } from './sparse-header.ts'
import { StreamGrains } from './stream-grains.ts'
import { type ImageLimits, readPreface } from './stream-preface.ts'

/** Grains inflated at the same time; also the bound on memory, with one input chunk each at most. */
const parallelGrains = 8

/** A piece of a disk: `bytes` belong at `offset` bytes of the raw disk. */
export interface DiskBlock {
  readonly offset: number
  readonly bytes: Uint8Array
  /** Bytes of the source read so far. */
  readonly readBytes: number
}

/** A streamOptimized VMDK being read. */
export interface VmdkStream {
  readonly capacityBytes: number
  /** Grains in rising order without overlap; what no block covers is zero. Ends only after all checks have passed. */
  readonly blocks: AsyncIterable<DiskBlock>
}

/** What a reader of a stream may be told. */
export interface ReadOptions {
  readonly limits: ImageLimits
  /** Names the stream in errors; 'disk' by default. */
  readonly label?: string
  readonly signal?: AbortSignal
}

/**
 * Opens a streamOptimized VMDK (of qemu-img, ESXi, VirtualBox, ovftool) that arrives once, front to back. The capacity is known
 * at once, the blocks follow with back-pressure and in bounded memory.
 * @throws IMAGE_FORMAT, IMAGE_LIMIT, IMAGE_CORRUPT, IMAGE_TRUNCATED here or while the blocks are read.
 */
export async function readVmdkStream(source: AsyncIterable<Uint8Array>, options: ReadOptions): Promise<VmdkStream> {
  const label = options.label ?? 'disk'
  const reader = new ByteReader(source, label)
  const preface = await closeOnError(reader, () => readPreface(reader, options.limits, label))
  const grains = new StreamGrains(reader, preface, label)

  async function* blocks(): AsyncGenerator<DiskBlock> {
    const pending: { lba: number; bytes: Promise<Buffer> }[] = []
    const settle = async ({ lba, bytes }: { lba: number; bytes: Promise<Buffer> }): Promise<DiskBlock> => ({
      offset: lba * sectorBytes,
      bytes: await bytes,
      readBytes: reader.position,
    })
    try {
      for (let grain = await grains.next(); grain !== undefined; grain = await grains.next()) {
        options.signal?.throwIfAborted()
        const bytes = inflateGrain(grain, preface.header, label)
        bytes.catch(() => {}) // Reported when its turn comes; until then nobody waits for it.
        pending.push({ lba: grain.lba, bytes })
        const first = pending.length > parallelGrains ? pending.shift() : undefined
        if (first !== undefined) yield await settle(first)
      }
      for (const last of pending) yield await settle(last)
    } catch (error) {
      for (const { bytes } of pending) await bytes // What is wrong with an earlier grain is the better answer.
      throw error
    } finally {
      await reader.close()
    }
  }
  return { capacityBytes: preface.capacityBytes, blocks: blocks() }
}

async function closeOnError<T>(reader: ByteReader, read: () => Promise<T>): Promise<T> {
  try {
    return await read()
  } catch (error) {
    await reader.close()
    throw error
  }
}
