import type { Event } from '@weir/store'
import { array, assert, constant, nat, oneof, property, record } from 'fast-check'
import { expect, it } from 'vitest'
import { createBacklog } from './backlog.ts'

const limits = { events: 30, characters: 200_000 }
const step = oneof(
  { weight: 3, arbitrary: record({ kind: constant('Add' as const), sizes: array(nat(40_000), { maxLength: 12 }) }) },
  { weight: 2, arbitrary: constant({ kind: 'Take' as const }) },
)

it('gives every event once and in order up to its end, and nothing of what comes after it', () => {
  assert(
    property(array(step, { maxLength: 60, size: 'max' }), (steps) => {
      const backlog = createBacklog(limits)
      const given: number[] = []
      let added = 0
      let waiting: number[] = []
      let isLost = false
      for (const item of steps) {
        if (item.kind === 'Add') {
          const events = item.sizes.map((size): Event => ({ revision: ++added, key: '/k', value: 'x'.repeat(size) }))
          backlog.add(events)
          waiting.push(...item.sizes)
          const characters = waiting.reduce((sum, size) => sum + size, 0)
          isLost ||= waiting.length > limits.events || characters > limits.characters
          if (isLost) waiting = []
        } else {
          const taken = backlog.take()
          given.push(...taken.map(({ revision }) => revision))
          waiting = waiting.slice(taken.length)
          if (taken.length === 0) expect(waiting).toEqual([])
        }
        expect(backlog.isLost()).toBe(isLost)
      }
      expect(given).toEqual(given.map((_, index) => index + 1))
    }),
    { numRuns: 300 },
  )
})

it('gives a large event alone and small ones together', () => {
  const backlog = createBacklog({ events: 1000, characters: 10_000_000 })
  const event = (revision: number, size: number): Event => ({ revision, key: '/k', value: 'x'.repeat(size) })
  backlog.add([event(1, 3_000_000), ...Array.from({ length: 100 }, (_, i) => event(2 + i, 1000))])
  const pieces = [backlog.take(), backlog.take(), backlog.take(), backlog.take()]
  expect(pieces.map(({ length }) => length)).toEqual([1, 66, 34, 0])
})

it('counts a deletion by what it carries: the state before', () => {
  const backlog = createBacklog({ events: 1000, characters: 100 })
  backlog.add([{ revision: 1, key: '/k', previous: 'x'.repeat(101) }])
  expect(backlog.isLost()).toBe(true)
})
