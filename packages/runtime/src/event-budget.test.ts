import { createTestClock } from '@weir/testkit'
import { expect, it } from 'vitest'
import { createEventBudget } from './event-budget.ts'

const take = (budget: ReturnType<typeof createEventBudget>, object: string, times: number): number =>
  Array.from({ length: times }, () => budget.take(object)).filter(Boolean).length

it('allows a burst, then one in five minutes, for each object by itself', async () => {
  const clock = createTestClock()
  const budget = createEventBudget(clock)
  expect([take(budget, 'a', 30), take(budget, 'b', 10)]).toEqual([25, 10])
  await clock.advance(299_999)
  expect(take(budget, 'a', 5)).toBe(0)
  await clock.advance(1)
  expect(take(budget, 'a', 5)).toBe(1)
  await clock.advance(3_000_000)
  expect(take(budget, 'a', 30)).toBe(10)
  await clock.advance(300_000_000)
  expect(take(budget, 'a', 30)).toBe(25)
})

it('gives nothing for a clock that goes back', async () => {
  let now = 1_000_000
  const budget = createEventBudget({ now: () => now, sleep: async () => {} })
  expect(take(budget, 'a', 30)).toBe(25)
  now = 0
  expect(take(budget, 'a', 30)).toBe(0)
})

it('forgets whom it heard of longest ago, not whom it heard of first', () => {
  const budget = createEventBudget(createTestClock())
  take(budget, 'first', 30)
  take(budget, 'second', 30)
  take(budget, 'first', 1)
  for (let other = 0; other < 4095; other++) budget.take(`other ${other}`)
  expect([take(budget, 'first', 1), take(budget, 'second', 1)]).toEqual([0, 1])
})
