import type { ImageTarget } from '../stream/image-target.ts'
import type { GrainBatch } from './grain-batch.ts'
import type { Inflater } from './inflater.ts'

/** Writes batches in the order in which they were added, one write at a time, whichever thread is done first. */
export class WriteQueue {
  readonly #inflater: Inflater
  readonly #target: ImageTarget
  #last: Promise<void> = Promise.resolve()
  #failure: { readonly error: unknown } | undefined
  /** Bytes handed to the target so far. */
  writtenBytes = 0

  constructor(inflater: Inflater, target: ImageTarget) {
    this.#inflater = inflater
    this.#target = target
  }

  /** Has `batch` inflated at once and written when its turn comes; then it is released. */
  add(batch: GrainBatch): void {
    const runs = this.#inflater.inflate(batch)
    runs.catch(() => {}) // Told when its turn comes; until then nobody waits for it.
    this.#last = this.#last
      .then(async () => {
        for (const { offset, from, length } of await runs) {
          await this.#target.write(offset, batch.output(from, length))
          this.writtenBytes += length
        }
      })
      .finally(() => this.#inflater.release(batch))
    this.#last.catch((error: unknown) => (this.#failure ??= { error }))
  }

  /** @throws what went wrong with a batch, as soon as that is known. */
  throwIfFailed(): void {
    if (this.#failure !== undefined) throw this.#failure.error
  }

  /** Resolves when all is with the target. @throws what went wrong with the first bad batch. */
  async finish(): Promise<void> {
    await this.#last
  }
}
