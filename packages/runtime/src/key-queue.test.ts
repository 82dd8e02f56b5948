import { createTestClock, settled } from '@weir/testkit'
import { array, assert, asyncProperty, constantFrom, integer, oneof, record } from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createKeyQueue } from './key-queue.ts'

/** A queue whose runs and holds end when the test says so. */
function createRig({ concurrency = 4, random = () => 0 } = {}) {
  const clock = createTestClock(0)
  const started: string[] = []
  const runs = new Map<string, () => void>()
  const holds = new Map<string, () => void>()
  const opened = (gates: Map<string, () => void>, key: string) => new Promise<void>((resolve) => gates.set(key, resolve))
  const finish = async (gates: Map<string, () => void>, key: string): Promise<void> => {
    const open = gates.get(key)
    if (open === undefined) throw new Error(`'${key}' is not there to be finished`)
    gates.delete(key)
    open()
    await settled()
  }
  const queue = createKeyQueue({
    clock,
    random,
    backoff: { firstMillis: 100, maxMillis: 1000, jitter: 0.5 },
    concurrency,
    run: async (key) => {
      started.push(key)
      await opened(runs, key)
    },
    hold: (key) => opened(holds, key),
  })
  return { clock, queue, started, endRun: (key: string) => finish(runs, key), endHold: (key: string) => finish(holds, key) }
}

/** A queue whose runs and holds end by themselves. */
function createQuickRig(random = () => 0) {
  const clock = createTestClock(0)
  const ran: string[] = []
  const queue = createKeyQueue({
    clock,
    random,
    backoff: { firstMillis: 100, maxMillis: 1000, jitter: 0.5 },
    concurrency: 4,
    run: async (key) => void ran.push(`${key} at ${clock.now()}`),
    hold: async () => {},
  })
  return { clock, queue, ran }
}

describe('createKeyQueue', () => {
  it('runs what is added when whoever adds it has finished', async () => {
    const { queue, started } = createRig()
    queue.add('a')
    queue.add('b')
    queue.add('a')
    expect(started).toEqual([])
    await settled()
    expect(started).toEqual(['a', 'b'])
  })

  it('runs a key once however often it is added while it waits', async () => {
    const { queue, started, endRun } = createRig({ concurrency: 1 })
    for (const key of ['a', 'b', 'b', 'c', 'b']) queue.add(key)
    await settled()
    expect(started).toEqual(['a'])
    await endRun('a')
    await endRun('b')
    await endRun('c')
    expect(started).toEqual(['a', 'b', 'c'])
  })

  it('never runs a key twice at once, and runs it again if it was added meanwhile', async () => {
    const { queue, started, endRun, endHold } = createRig()
    queue.add('a')
    await settled()
    queue.add('a')
    queue.add('a')
    await settled()
    expect(started).toEqual(['a'])
    await endRun('a')
    expect(started).toEqual(['a'])
    await endHold('a')
    expect(started).toEqual(['a', 'a'])
    await endRun('a')
    await endHold('a')
    expect(started).toEqual(['a', 'a'])
  })

  it('gives the place of a held key to another', async () => {
    const { queue, started, endRun, endHold } = createRig({ concurrency: 1 })
    queue.add('a')
    queue.add('b')
    await settled()
    await endRun('a')
    queue.add('a')
    expect(started).toEqual(['a', 'b'])
    await endHold('a')
    expect(started).toEqual(['a', 'b'])
    await endRun('b')
    expect(started).toEqual(['a', 'b', 'a'])
  })

  it('runs as many as it may, first come, first served', async () => {
    const { queue, started, endRun } = createRig({ concurrency: 2 })
    for (const key of ['a', 'b', 'c', 'd']) queue.add(key)
    await settled()
    expect(started).toEqual(['a', 'b'])
    await endRun('b')
    expect(started).toEqual(['a', 'b', 'c'])
    await endRun('a')
    expect(started).toEqual(['a', 'b', 'c', 'd'])
  })

  it('takes what a run adds', async () => {
    const clock = createTestClock(0)
    const ran: string[] = []
    const queue = createKeyQueue({
      clock,
      random: () => 0,
      backoff: { firstMillis: 100, maxMillis: 1000, jitter: 0 },
      concurrency: 1,
      run: async (key) => {
        ran.push(key)
        if (key === 'a') queue.add('b')
      },
      hold: async () => {},
    })
    queue.add('a')
    await settled()
    expect(ran).toEqual(['a', 'b'])
  })
})

describe('delays', () => {
  it('adds later, and of several delays the soonest counts', async () => {
    const { clock, queue, ran } = createQuickRig()
    queue.addAfter('a', 500)
    queue.addAfter('a', 200)
    queue.addAfter('a', 900)
    queue.addAfter('b', 300)
    await clock.advance(199)
    expect(ran).toEqual([])
    await clock.advance(2000)
    expect(ran).toEqual(['a at 200', 'b at 300'])
  })

  it('drops a delay when the key runs for another reason: that run says when to look again', async () => {
    const { clock, queue, ran } = createQuickRig()
    queue.addAfter('a', 500)
    queue.add('a')
    await clock.advance(2000)
    expect(ran).toEqual(['a at 0'])
    expect(clock.sleepers()).toBe(0)
  })

  it('backs off longer with each failure, until it is forgotten', async () => {
    const { clock, queue, ran } = createQuickRig()
    for (let failure = 0; failure < 6; failure++) {
      queue.addRateLimited('a')
      await clock.advance(1000)
    }
    expect(ran).toEqual(['a at 100', 'a at 1200', 'a at 2400', 'a at 3800', 'a at 5000', 'a at 6000'])
    queue.forget('a')
    queue.addRateLimited('a')
    await clock.advance(100)
    expect(ran.at(-1)).toBe('a at 6100')
  })

  it('backs off for each key by itself, and shorter by chance', async () => {
    const { clock, queue, ran } = createQuickRig(() => 0.5)
    queue.addRateLimited('a')
    queue.addRateLimited('b')
    await clock.advance(75)
    expect(ran).toEqual(['a at 75', 'b at 75'])
  })

  it('runs a key that is due while it runs again afterwards', async () => {
    const { clock, queue, started, endRun, endHold } = createRig()
    queue.add('a')
    await settled()
    queue.addAfter('a', 50)
    await clock.advance(100)
    expect(started).toEqual(['a'])
    await endRun('a')
    await endHold('a')
    expect(started).toEqual(['a', 'a'])
  })
})

describe('stop', () => {
  it('waits for what runs, starts nothing more and lets sleepers go', async () => {
    const { clock, queue, started, endRun } = createRig({ concurrency: 1 })
    queue.add('a')
    queue.add('b')
    await settled()
    queue.addAfter('c', 50)
    queue.addRateLimited('d')
    let isStopped = false
    const stopping = queue.stop().then(() => {
      isStopped = true
    })
    await settled()
    expect([isStopped, clock.sleepers()]).toEqual([false, 0])
    queue.add('e')
    queue.addAfter('f', 10)
    queue.addRateLimited('g')
    await endRun('a')
    await stopping
    await clock.advance(10_000)
    expect([started, clock.sleepers()]).toEqual([['a'], 0])
  })

  it('does not wait for keys that are held, nor runs them again', async () => {
    const { queue, started, endRun, endHold } = createRig()
    queue.add('a')
    await settled()
    queue.add('a')
    await endRun('a')
    await queue.stop()
    await endHold('a')
    expect(started).toEqual(['a'])
  })

  it('resolves at once if nothing runs, and starts nothing that was just added', async () => {
    const { queue, started } = createRig()
    queue.add('a')
    await queue.stop()
    await settled()
    expect(started).toEqual([])
  })
})

it('keeps its promises whatever is asked of it', async () => {
  const key = constantFrom('a', 'b', 'c')
  const call = oneof(
    record({ kind: constantFrom('add' as const, 'addRateLimited' as const, 'forget' as const), key }),
    record({ kind: constantFrom('addAfter' as const), key, millis: integer({ min: 0, max: 300 }) }),
    record({ kind: constantFrom('pass' as const), millis: integer({ min: 0, max: 300 }) }),
  )
  await assert(
    asyncProperty(array(call, { maxLength: 40 }), integer({ min: 1, max: 3 }), async (calls, concurrency) => {
      const clock = createTestClock(0)
      /** Keys that must run once more, from now or from a time on. */
      const owed = new Set<string>()
      const running = new Set<string>()
      const queue = createKeyQueue({
        clock,
        random: () => 0.5,
        backoff: { firstMillis: 50, maxMillis: 400, jitter: 0.2 },
        concurrency,
        run: async (key) => {
          expect(running.has(key)).toBe(false)
          running.add(key)
          expect(running.size).toBeLessThanOrEqual(concurrency)
          owed.delete(key)
          await clock.sleep(40)
          running.delete(key)
        },
        hold: async () => clock.sleep(30),
      })
      for (const call of calls) {
        if (call.kind === 'add') owed.add(call.key)
        if (call.kind === 'pass') await clock.advance(call.millis)
        else if (call.kind === 'addAfter') queue.addAfter(call.key, call.millis)
        else queue[call.kind](call.key)
      }
      await clock.advance(5000)
      expect([...owed]).toEqual([])
      await queue.stop()
      expect([running.size, clock.sleepers()]).toEqual([0, 0])
    }),
  )
})
