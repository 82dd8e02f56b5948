import { WeirError } from '@weir/base'
import { WorkerPool } from '../threads/worker-pool.ts'
import { type BatchLayout, GrainBatch, layoutFor } from './grain-batch.ts'
import type { InflateAnswer, InflateJob, InflateOutcome, Run } from './inflate-batch.ts'
import type { SparseHeader } from './sparse-header.ts'

/**
 * A fixed number of batches and the threads that inflate them: two batches for each thread, one that is filled and one that is
 * written. That is the bound on memory, and `take` is where a reader that is too fast waits.
 */
export class Inflater {
  readonly #layout: BatchLayout
  readonly #label: string
  readonly #pool: WorkerPool<InflateJob, InflateAnswer>
  readonly #batches: readonly GrainBatch[]
  readonly #free: GrainBatch[]
  readonly #takers: ((batch: GrainBatch) => void)[] = []

  /** `label` names the disk in errors. */
  constructor(header: SparseHeader, label: string) {
    this.#layout = layoutFor(header)
    this.#label = label
    this.#pool = new WorkerPool(new URL('inflate-thread.ts', import.meta.url), this.#layout)
    this.#batches = Array.from({ length: this.#pool.size * 2 + 2 }, () => new GrainBatch(this.#layout))
    this.#free = [...this.#batches]
  }

  /** An empty batch, as soon as there is one. */
  async take(): Promise<GrainBatch> {
    return this.#free.pop() ?? new Promise((resolve) => this.#takers.push(resolve))
  }

  /** Gives a batch back. */
  release(batch: GrainBatch): void {
    batch.clear()
    const taker = this.#takers.shift()
    if (taker === undefined) this.#free.push(batch)
    else taker(batch)
  }

  /**
   * What of the batch is to be written.
   * @throws IMAGE_LIMIT if a grain inflates to more than a grain; IMAGE_CORRUPT if it is no zlib stream or too short.
   */
  async inflate(batch: GrainBatch): Promise<readonly Run[]> {
    const { job } = batch
    if (job === undefined) return []
    const { memory, outcome } = await this.#pool.run(job)
    batch.takeBack(memory)
    if (outcome.kind === 'Runs') return outcome.runs
    throw this.#toError(outcome)
  }

  /** Ends the threads and frees the memory. */
  async close(): Promise<void> {
    await this.#pool.close()
    for (const batch of this.#batches) batch.free()
  }

  #toError(outcome: Exclude<InflateOutcome, { kind: 'Runs' }>): WeirError {
    const grain = `The grain of '${this.#label}' for sector ${outcome.lba}`
    switch (outcome.kind) {
      case 'TooLong':
        return new WeirError(
          'IMAGE_LIMIT',
          `${grain} inflates to more than its ${this.#layout.grainBytes} bytes; the file is damaged or made to do harm.`,
        )
      case 'TooShort':
        return new WeirError('IMAGE_CORRUPT', `${grain} holds only ${outcome.lengthBytes} bytes. Export or download it again.`)
      case 'Broken':
        return new WeirError('IMAGE_CORRUPT', `${grain} cannot be inflated: ${outcome.reason}. Export or download it again.`)
    }
  }
}
