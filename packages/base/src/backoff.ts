/** Bounds of an exponential backoff. `jitter` is the share (0 to 1) of each delay that chance may take away. */
export interface BackoffPolicy {
  readonly firstMillis: number
  readonly maxMillis: number
  readonly jitter: number
}

/**
 * The delay in milliseconds before attempt `attempt` (0 is the first retry): `firstMillis` doubled each time, at most
 * `maxMillis`, less a random share. `random` returns numbers from 0 (inclusive) to 1 (exclusive).
 */
export function backoffMillis(policy: BackoffPolicy, attempt: number, random: () => number): number {
  const full = Math.min(policy.maxMillis, policy.firstMillis * 2 ** Math.min(attempt, 50))
  return Math.round(full * (1 - policy.jitter * random()))
}
