import { WeirError } from '@weir/base'

const nothing = Buffer.alloc(0)

/** Reads exact lengths from a stream that can never go back. Holds at most one chunk beyond what is asked for. One caller at a time. */
export class ByteReader {
  readonly #iterator: AsyncIterator<Uint8Array>
  readonly #label: string
  #chunk: Buffer = nothing
  #position = 0

  /** `label` names the stream in errors. */
  constructor(source: AsyncIterable<Uint8Array>, label: string) {
    this.#iterator = source[Symbol.asyncIterator]()
    this.#label = label
  }

  /** Bytes handed out or skipped so far. */
  get position(): number {
    return this.#position
  }

  /** The next `length` bytes if they are at hand, without waiting: the fast path of loops over small records. */
  tryRead(length: number): Buffer | undefined {
    if (this.#chunk.length < length) return undefined
    const bytes = this.#chunk.subarray(0, length)
    this.#drop(length)
    return bytes
  }

  /** The next `length` bytes. @throws IMAGE_TRUNCATED if the stream ends before. */
  async read(length: number): Promise<Buffer> {
    return this.tryRead(length) ?? this.#gather(length, await this.readUpTo(length))
  }

  /** Fills `target` with the next bytes. @throws IMAGE_TRUNCATED if the stream ends before. */
  async readInto(target: Uint8Array): Promise<void> {
    for (let done = 0; done < target.length;) {
      if (this.#chunk.length === 0 && !(await this.#fill())) throw this.#truncated(target.length - done)
      const part = this.#chunk.subarray(0, target.length - done)
      target.set(part, done)
      done += part.length
      this.#drop(part.length)
    }
  }

  /** The next `length` bytes, or fewer at the end of the stream. */
  async readUpTo(length: number): Promise<Buffer> {
    const parts: Buffer[] = []
    let missing = length
    while (missing > 0 && (this.#chunk.length > 0 || (await this.#fill()))) {
      const part = this.#chunk.subarray(0, missing)
      missing -= part.length
      // A chunk is good until the next one is asked for.
      parts.push(missing === 0 ? part : Buffer.from(part))
      this.#drop(part.length)
    }
    return parts.length === 1 ? (parts[0] ?? nothing) : Buffer.concat(parts)
  }

  /** Passes over `length` bytes. @throws IMAGE_TRUNCATED if the stream ends before. */
  async skip(length: number): Promise<void> {
    let missing = length
    while (missing > 0) {
      if (this.#chunk.length === 0 && !(await this.#fill())) throw this.#truncated(length)
      const step = Math.min(missing, this.#chunk.length)
      missing -= step
      this.#drop(step)
    }
  }

  /** Tells the source that no more will be read. */
  async close(): Promise<void> {
    await this.#iterator.return?.()
  }

  #gather(length: number, bytes: Buffer): Buffer {
    if (bytes.length < length) throw this.#truncated(length - bytes.length)
    return bytes
  }

  #drop(length: number): void {
    this.#chunk = this.#chunk.subarray(length)
    this.#position += length
  }

  async #fill(): Promise<boolean> {
    const next = await this.#iterator.next()
    if (next.done === true) return false
    const { buffer, byteOffset, byteLength } = next.value
    this.#chunk = Buffer.from(buffer, byteOffset, byteLength)
    return byteLength > 0 || (await this.#fill())
  }

  #truncated(missing: number): WeirError {
    return new WeirError(
      'IMAGE_TRUNCATED',
      `'${this.#label}' ends at byte ${this.#position}, at least ${missing} bytes early. Export or download it again.`,
    )
  }
}
