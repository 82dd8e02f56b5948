import { array, assert, constantFrom, integer, property, record } from 'fast-check'
import { expect, it } from 'vitest'
import { createSortedKeys } from './sorted-keys.ts'

it('holds what a plain set holds, in order, for any sequence of changes', () => {
  const change = record({ add: constantFrom(true, true, false), key: integer({ min: 0, max: 3000 }).map((n) => `/k${n}`) })
  assert(
    property(array(change, { maxLength: 3000, size: 'max' }), integer({ min: 0, max: 3000 }), (changes, start) => {
      const keys = createSortedKeys()
      const model = new Set<string>()
      for (const { add, key } of changes) {
        if (add) {
          keys.add(key)
          model.add(key)
        } else {
          keys.delete(key)
          model.delete(key)
        }
      }
      const from = `/k${start}`
      expect([...keys.from(from)]).toEqual([...model].filter((key) => key >= from).toSorted())
      expect(keys.rank(from)).toBe([...model].filter((key) => key < from).length)
      expect(keys.size).toBe(model.size)
    }),
    { numRuns: 20 },
  )
})
