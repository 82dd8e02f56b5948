import type { InflateJob } from './inflate-batch.ts'
import { sectorBytes, type SparseHeader } from './sparse-header.ts'

/** What a batch inflates to if its grains are not longer; also the length of the longest write. */
const usualOutputBytes = 512 * 1024

/** A grain in the memory of a batch: `deflatedBytes` at `from` become the `wantedBytes` at sector `lba` of the disk. */
export interface PlacedGrain {
  readonly lba: number
  readonly from: number
  readonly deflatedBytes: number
  readonly wantedBytes: number
}

/** How the shared memory of a batch is laid out: the output first, then room for as many deflated grains as fill it. */
export interface BatchLayout {
  readonly grainBytes: number
  readonly grainsMax: number
  /** What they inflate to. */
  readonly outputBytes: number
  /** The longest deflated grain that is taken. */
  readonly deflatedMax: number
}

/** The layout for a disk with grains of `grainSize` sectors. Incompressible data grow by deflate, by an eighth at most. */
export function layoutFor({ grainSize }: Pick<SparseHeader, 'grainSize'>): BatchLayout {
  const grainBytes = grainSize * sectorBytes
  const grainsMax = Math.max(1, usualOutputBytes / grainBytes)
  return { grainBytes, grainsMax, outputBytes: grainsMax * grainBytes, deflatedMax: grainBytes + (grainBytes >>> 3) + 1024 }
}

/**
 * Grains on their way from the stream to the disk. Its memory is handed to a thread and back with each job, so that only one side
 * can touch it, and used again once it is written.
 */
export class GrainBatch {
  readonly #layout: BatchLayout
  #bytes: Buffer<ArrayBuffer>
  #grains: PlacedGrain[] = []
  #used: number

  constructor(layout: BatchLayout) {
    this.#layout = layout
    this.#used = layout.outputBytes
    this.#bytes = Buffer.from(new ArrayBuffer(layout.outputBytes + layout.grainsMax * layout.deflatedMax))
  }

  get isFull(): boolean {
    return this.#grains.length === this.#layout.grainsMax
  }

  /** Room for the next deflated grain, `deflatedMax` bytes; `add` keeps what was put there. */
  get room(): Buffer {
    return this.#bytes.subarray(this.#used, this.#used + this.#layout.deflatedMax)
  }

  add(grain: Omit<PlacedGrain, 'from'>): void {
    this.#grains.push({ ...grain, from: this.#used })
    this.#used += grain.deflatedBytes
  }

  /** What a thread gets; undefined if the batch is empty. Until `takeBack` the batch has no memory. */
  get job(): InflateJob | undefined {
    return this.#grains.length === 0 ? undefined : { memory: this.#bytes.buffer, grains: this.#grains }
  }

  takeBack(memory: ArrayBuffer): void {
    this.#bytes = Buffer.from(memory)
  }

  /** Bytes of the output, which a thread has filled. */
  output(from: number, length: number): Buffer {
    return this.#bytes.subarray(from, from + length)
  }

  clear(): void {
    this.#grains = []
    this.#used = this.#layout.outputBytes
  }

  /** Gives the memory back to the system now; the collector may be long in coming. A thread that was ended has freed its own. */
  free(): void {
    if (!this.#bytes.buffer.detached) this.#bytes.buffer.transfer(0)
  }
}
