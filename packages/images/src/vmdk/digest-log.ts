/** A running digest of the used entries of one grain table, in slot order. Two independent 32-bit sums guard against accidents, not malice. */
export class TableDigest {
  count = 0
  first = 0x811c_9dc5
  second = 0x9747_b28c

  /** Adds the grain in `slot` that begins at `sector` of the file. */
  add(slot: number, sector: number): void {
    this.count += 1
    this.first = Math.imul(this.first ^ Math.imul(slot, 0x9e37_79b1) ^ sector, 0x0100_0193)
    this.second = Math.imul(this.second ^ Math.imul(sector, 0x85eb_ca6b) ^ slot, 0xc2b2_ae35) ^ (this.second >>> 15)
  }
}

/**
 * Digests under rising integer keys in 24 bytes each, so that the tables of a disk of many TiB can be compared with what
 * its stream really held without keeping them. It grows with what was read, never with what a header claims.
 */
export class DigestLog {
  #keys = new Float64Array(64)
  #values = new Int32Array(64 * 3)
  #length = 0

  get length(): number {
    return this.#length
  }

  keyAt(index: number): number {
    return this.#keys[index] ?? 0
  }

  /** `key` is greater than all keys before. */
  append(key: number, { count, first, second }: TableDigest): void {
    if (this.#length === this.#keys.length) this.#grow()
    this.#keys[this.#length] = key
    this.#values.set([count, first, second], this.#length * 3)
    this.#length += 1
  }

  /** The place of `key`, or -1. O(log n). */
  find(key: number): number {
    let low = 0
    let high = this.#length - 1
    while (low <= high) {
      const middle = (low + high) >>> 1
      const found = this.keyAt(middle)
      if (found === key) return middle
      if (found < key) low = middle + 1
      else high = middle - 1
    }
    return -1
  }

  /** Number of used entries behind the digest at `index`. */
  countAt(index: number): number {
    return this.#values[index * 3] ?? 0
  }

  /** True if the digest at `index` here is that at `otherIndex` in `other`. */
  equals(index: number, other: DigestLog, otherIndex: number): boolean {
    return [0, 1, 2].every((part) => this.#values[index * 3 + part] === other.#values[otherIndex * 3 + part])
  }

  #grow(): void {
    const keys = new Float64Array(this.#keys.length * 2)
    const values = new Int32Array(keys.length * 3)
    keys.set(this.#keys)
    values.set(this.#values)
    this.#keys = keys
    this.#values = values
  }
}
