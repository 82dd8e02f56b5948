/** Random numbers that depend on nothing but the key and how many were drawn. */
export interface Random {
  /** A number from 0 (inclusive) to 1 (exclusive). */
  readonly next: () => number
  /** A whole number from 0 (inclusive) to `end` (exclusive); 0 if `end` is below 1. */
  readonly below: (end: number) => number
}

/**
 * A counter-based generator keyed by (seed, worker, epoch): the n-th number is a hash of key and n, so that every epoch of every
 * worker can be computed by itself, anywhere. The mixer is MurmurHash3's 32-bit finalizer over a Weyl sequence.
 */
export function createRandom(seed: number, worker: number, epoch: number): Random {
  const key = mix(mix(mix(seed | 0) ^ Math.imul(worker + 1, 0x85ebca6b)) ^ Math.imul(epoch + 1, 0xc2b2ae35))
  let counter = 0
  const next = () => {
    counter = (counter + 0x9e3779b9) | 0
    return (mix(mix(counter ^ key) + key) >>> 0) / 0x1_0000_0000
  }
  return { next, below: (end) => Math.floor(next() * end) }
}

function mix(value: number): number {
  let mixed = value
  mixed = Math.imul(mixed ^ (mixed >>> 16), 0x85ebca6b)
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35)
  return mixed ^ (mixed >>> 16)
}

/** Shuffles the first `length` numbers of `array` in place (Fisher and Yates). */
export function shuffle(array: Int32Array, length: number, random: Random): void {
  for (let last = length - 1; last > 0; last--) {
    const other = random.below(last + 1)
    const kept = array[last] ?? 0
    array[last] = array[other] ?? 0
    array[other] = kept
  }
}
