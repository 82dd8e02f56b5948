import { at } from '../fabric/model/typed-array.ts'

/** Hosts by score, the least on top; each host is in it once and its score may change. `set` is O(log hosts), `top` O(1). */
export class CandidateHeap {
  readonly #keys: Float64Array
  readonly #heap: Int32Array
  readonly #places: Int32Array

  /** `hostCount` hosts, none of which can be chosen yet. O(hosts). */
  constructor(hostCount: number) {
    this.#keys = new Float64Array(hostCount).fill(Number.POSITIVE_INFINITY)
    this.#heap = new Int32Array(hostCount)
    for (let host = 0; host < hostCount; host++) this.#heap[host] = host
    this.#places = this.#heap.slice()
  }

  /** The host with the least score, of equal ones the first; -1 if none can be chosen. */
  top(): number {
    if (this.#heap.length === 0) return -1
    const host = at(this.#heap, 0)
    return at(this.#keys, host) === Number.POSITIVE_INFINITY ? -1 : host
  }

  /** The score of a host. */
  key(host: number): number {
    return at(this.#keys, host)
  }

  /** Changes the score of a host. */
  set(host: number, key: number): void {
    const before = at(this.#keys, host)
    if (before === key) return
    this.#keys[host] = key
    if (key < before) this.#rise(at(this.#places, host))
    else this.#sink(at(this.#places, host))
  }

  #isBefore(a: number, b: number): boolean {
    const [first, second] = [at(this.#keys, a), at(this.#keys, b)]
    return first === second ? a < b : first < second
  }

  #rise(from: number): void {
    let place = from
    while (place > 0) {
      const parent = (place - 1) >> 1
      if (!this.#isBefore(at(this.#heap, place), at(this.#heap, parent))) return
      this.#swap(place, parent)
      place = parent
    }
  }

  #sink(from: number): void {
    let place = from
    for (;;) {
      const left = 2 * place + 1
      if (left >= this.#heap.length) return
      const right = left + 1
      const child = right < this.#heap.length && this.#isBefore(at(this.#heap, right), at(this.#heap, left)) ? right : left
      if (!this.#isBefore(at(this.#heap, child), at(this.#heap, place))) return
      this.#swap(place, child)
      place = child
    }
  }

  #swap(a: number, b: number): void {
    const [first, second] = [at(this.#heap, a), at(this.#heap, b)]
    this.#heap[a] = second
    this.#heap[b] = first
    this.#places[second] = a
    this.#places[first] = b
  }
}
