import { expect, it } from 'vitest'
import { backoffMillis } from './backoff.ts'

const policy = { firstMillis: 100, maxMillis: 5000, jitter: 0.5 }

it('doubles up to the maximum', () => {
  expect([0, 1, 2, 6, 1000].map((attempt) => backoffMillis(policy, attempt, () => 0))).toEqual([100, 200, 400, 5000, 5000])
})

it('takes away at most the share of jitter', () => {
  expect(backoffMillis(policy, 0, () => 0.999)).toBeGreaterThanOrEqual(50)
})
