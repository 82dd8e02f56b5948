import { describe, expect, it } from 'vitest'
import { interruptions, liveThrough } from './interruptions.fixture.ts'

/** Every so many requests; all of them with `--all` (`interruptions.long.test.ts`). */
const stride = 13

describe.each(interruptions)('%j at a request of the life of a machine', (interruption) => {
  it('changes nothing in the end', { timeout: 120_000 }, async () => {
    const { requests } = await liveThrough(interruption, Number.POSITIVE_INFINITY)
    expect(requests).toBeGreaterThan(50)
    for (let at = interruptions.indexOf(interruption); at < requests; at += stride)
      expect([at, (await liveThrough(interruption, at)).breaches]).toEqual([at, []])
  })
})
