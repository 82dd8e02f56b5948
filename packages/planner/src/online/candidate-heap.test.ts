import { array, assert, integer, property, record } from 'fast-check'
import { expect, it } from 'vitest'
import { CandidateHeap } from './candidate-heap.ts'

it('has the least of all scores on top, the first of equal ones, whatever changes', () => {
  const changes = array(record({ host: integer({ min: 0, max: 19 }), key: integer({ min: 0, max: 9 }) }))
  assert(
    property(changes, (list) => {
      const heap = new CandidateHeap(20)
      const keys = Array.from({ length: 20 }, () => Number.POSITIVE_INFINITY)
      for (const { host, key } of list) {
        // 9 stands for a host that can no longer be chosen.
        keys[host] = key === 9 ? Number.POSITIVE_INFINITY : key
        heap.set(host, keys[host])
        const least = Math.min(...keys)
        expect(heap.top()).toBe(least === Number.POSITIVE_INFINITY ? -1 : keys.indexOf(least))
      }
    }),
  )
})
