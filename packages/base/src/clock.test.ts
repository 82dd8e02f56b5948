import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { systemClock } from './index.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

const day = 86_400_000

/** Sleeps, and whether the sleep is over. */
function sleep(millis: number, signal?: AbortSignal): { readonly isOver: () => boolean } {
  let over = false
  void systemClock.sleep(millis, signal).then(() => (over = true))
  return { isOver: () => over }
}

it('sleeps as long as it is told', async () => {
  const { isOver } = sleep(1000)
  await vi.advanceTimersByTimeAsync(999)
  expect(isOver()).toBe(false)
  await vi.advanceTimersByTimeAsync(1)
  expect(isOver()).toBe(true)
})

it('sleeps longer than a timer can: one of more than 24 days would fire at once', async () => {
  const { isOver } = sleep(60 * day)
  await vi.advanceTimersByTimeAsync(60 * day - 1)
  expect(isOver()).toBe(false)
  await vi.advanceTimersByTimeAsync(1)
  expect([isOver(), vi.getTimerCount()]).toEqual([true, 0])
})

it('wakes when its signal aborts, even on the second timer of a long sleep, and leaves none', async () => {
  const stop = new AbortController()
  const [short, long] = [sleep(1000, stop.signal), sleep(60 * day, stop.signal)]
  await vi.advanceTimersByTimeAsync(30 * day)
  expect([short.isOver(), long.isOver()]).toEqual([true, false])
  stop.abort()
  await vi.advanceTimersByTimeAsync(0)
  expect([long.isOver(), vi.getTimerCount()]).toEqual([true, 0])
})

it('does not sleep for a signal that has aborted, nor for ever', async () => {
  const { isOver } = sleep(1000, AbortSignal.abort())
  const endless = sleep(Infinity)
  await vi.advanceTimersByTimeAsync(365 * day)
  expect([isOver(), endless.isOver()]).toEqual([true, false])
})

it('tells the time of the machine', () => {
  expect(systemClock.now()).toBe(Date.now())
})
