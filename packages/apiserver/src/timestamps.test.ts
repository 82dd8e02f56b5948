import { integer, assert, array, property } from 'fast-check'
import { expect, it } from 'vitest'
import { createTimestamps } from './timestamps.ts'

it('tells the whole second of any moments, in any order', () => {
  assert(
    property(array(integer({ min: 0, max: 4_000_000_000_000 })), (moments) => {
      let now = 0
      const timestamp = createTimestamps({ now: () => now })
      for (const moment of moments) {
        now = moment
        const text = timestamp()
        expect(text).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/u)
        expect(Date.parse(text)).toBe(Math.floor(moment / 1000) * 1000)
      }
    }),
  )
})
