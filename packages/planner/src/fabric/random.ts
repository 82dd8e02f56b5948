/** Numbers from 0 (inclusive) to 1 (exclusive), the same for the same 32-bit seed. */
export type Random = () => number

/**
 * A generator for a seed (Mulberry32). It makes one sequence, for what is computed in one piece. The search of a placement has another
 * one (search/random.ts), keyed by lane and epoch, because its pieces are computed anywhere; either would give other plans in the place
 * of the other.
 */
export function createRandom(seed: number): Random {
  let state = seed | 0
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

/** A whole number from 0 to `count` - 1. */
export function below(random: Random, count: number): number {
  return Math.floor(random() * count)
}
