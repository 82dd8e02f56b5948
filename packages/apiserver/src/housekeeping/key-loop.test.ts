import { type Logger, silentLogger, WeirError } from '@weir/base'
import { createTestClock, eventually, type TestClock } from '@weir/testkit'
import { beforeEach, expect, it } from 'vitest'
import { createKeyLoop } from './key-loop.ts'

let clock: TestClock
let logged: string[]
let logger: Logger
beforeEach(() => {
  clock = createTestClock()
  logged = []
  logger = { ...silentLogger, error: (message) => void logged.push(message) }
})

it('works on each key once, however often it was added', async () => {
  const seen: string[] = []
  const loop = createKeyLoop({ name: 'x', clock, logger, work: async (key) => void seen.push(key) })
  for (const key of ['a', 'b', 'a', 'a']) loop.add(key)
  await loop.drain()
  expect(seen).toEqual(['a', 'b'])
})

it('tries again what failed, later each time, and says so', async () => {
  const times: number[] = []
  const start = clock.now()
  const work = async (): Promise<void> => {
    times.push(clock.now() - start)
    if (times.length < 4) throw new Error('not yet')
  }
  const stop = new AbortController()
  const loop = createKeyLoop({ name: 'x', clock, logger, work })
  loop.add('a')
  const running = loop.run(stop.signal)
  while (times.length < 4) {
    await eventually(() => clock.sleepers() === 1)
    await clock.advance(50)
  }
  const pauses = times.slice(1).map((time, index) => time - (times[index] ?? 0))
  expect(pauses).toEqual(pauses.toSorted((a, b) => a - b))
  expect(logged).toHaveLength(3)
  stop.abort()
  await running
})

it.each(['API_CONFLICT', 'API_NOT_FOUND', 'API_ALREADY_EXISTS'] as const)('tries %s again without a word', async (code) => {
  let tries = 0
  const stop = new AbortController()
  const work = async (): Promise<void> => {
    if (++tries === 1) throw new WeirError(code, 'somebody was first')
  }
  const loop = createKeyLoop({ name: 'x', clock, logger, work })
  const running = loop.run(stop.signal)
  loop.add('a')
  await eventually(() => clock.sleepers() === 1)
  await clock.advance(60_000)
  await eventually(() => tries === 2)
  expect(logged).toEqual([])
  stop.abort()
  await running
})

it('ends in the middle of its keys when it is told to', async () => {
  const seen: string[] = []
  const stop = new AbortController()
  const work = async (key: string): Promise<void> => {
    seen.push(key)
    if (key === 'b') stop.abort()
  }
  const loop = createKeyLoop({ name: 'x', clock, logger, work })
  for (const key of ['a', 'b', 'c']) loop.add(key)
  await loop.run(stop.signal)
  expect(seen).toEqual(['a', 'b'])
})
