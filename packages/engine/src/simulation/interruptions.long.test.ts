import { describe, expect, it } from 'vitest'
import { interruptions, liveThrough } from './interruptions.fixture.ts'

describe.each(interruptions)('%j at any request of the life of a machine', (interruption) => {
  it('changes nothing in the end', { timeout: 900_000 }, async () => {
    const { requests } = await liveThrough(interruption, Number.POSITIVE_INFINITY)
    for (let at = 0; at < requests; at++) expect([at, (await liveThrough(interruption, at)).breaches]).toEqual([at, []])
  })
})
