import { lease, type Lease } from '@weir/api'
import { type Clock, silentLogger } from '@weir/base'
import { createClient, type Transport, type TransportRequest } from '@weir/client'
import {
  countAbortListeners,
  createFaultyTransport,
  createLifetime,
  createTestClock,
  type Fault,
  type Lifetime,
  settled,
  startTestApi,
  type TestApi,
  type TestClock,
} from '@weir/testkit'
import { array, assert, asyncProperty, constantFrom, integer, oneof, record } from 'fast-check'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { lead } from './leader.ts'

let clock: TestClock
let api: TestApi
beforeEach(async () => {
  clock = createTestClock()
  api = await startTestApi({ clock })
})
afterEach(async () => api.close())

/** What a candidate's line does: passes, loses every request, every answer, or leaves it without one. */
type Line = 'passes' | 'is cut' | 'loses answers' | 'hangs'

interface Candidate {
  readonly name: string
  line: Line
  /** What its wall clock is ahead by. */
  aheadMillis: number
  /** How much faster its clock runs. */
  rate: number
  life: Lifetime
  stop: AbortController
  ended: Promise<void>
}

const key = { namespace: 'kube-system', name: 'weir' }
const readLease = (): Promise<Lease> => api.client.get(lease, key)
const holder = async (): Promise<string | undefined> => (await readLease().catch(() => undefined))?.spec?.holderIdentity

/** Rejects when the request is aborted. */
const aborted = ({ signal }: TransportRequest): Promise<never> =>
  new Promise((_resolve, reject) => signal?.addEventListener('abort', () => reject(signal.reason as Error)))

type Term = (signal: AbortSignal) => Promise<void>

/** Candidates of one Lease of 15 seconds, and who leads by their own account. */
function createElection(world = { clock, api }) {
  const leading = new Set<string>()
  const terms: string[] = []
  const transportOf = (candidate: Candidate): Transport => ({
    request: async (request: TransportRequest) => {
      if (candidate.line === 'is cut') throw new Error('no route')
      if (candidate.line === 'hangs') return await aborted(request)
      const answer = await world.api.transport.request(request)
      return candidate.line === 'loses answers' ? await aborted(request) : answer
    },
  })
  const clockOf = (candidate: Candidate): Clock => ({
    now: () => world.clock.now() + candidate.aheadMillis,
    sleep: (millis, signal) => world.clock.sleep(millis / candidate.rate, signal),
  })
  const start = (candidate: Candidate, term?: Term): void => {
    const { name } = candidate
    const life = createLifetime()
    const stop = new AbortController()
    const serve = async (signal: AbortSignal): Promise<void> => {
      leading.add(name)
      terms.push(name)
      if (leading.size > 1) terms.push(`together: ${[...leading].join(' and ')}`)
      await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()))
      leading.delete(name)
    }
    const deps = {
      client: createClient(life.carryTransport(transportOf(candidate))),
      clock: life.carryClock(clockOf(candidate)),
      logger: silentLogger,
      lease: { ...key, identity: name },
    }
    const ended = lead(deps, stop.signal, term ?? serve)
    Object.assign(candidate, { life, stop, ended })
  }
  return {
    leading,
    terms,
    start,
    join: (name: string, more: Partial<Pick<Candidate, 'aheadMillis' | 'rate' | 'line'>> = {}, term?: Term): Candidate => {
      const idle = { life: createLifetime(), stop: new AbortController(), ended: Promise.resolve() }
      const candidate: Candidate = { name, line: 'passes', aheadMillis: 0, rate: 1, ...more, ...idle }
      start(candidate, term)
      return candidate
    },
    crash: ({ name, life }: Candidate): void => {
      life.end()
      leading.delete(name)
    },
  }
}

const leave = async (...candidates: readonly Candidate[]): Promise<void> => {
  for (const { stop } of candidates) stop.abort(new Error('the test is over'))
  await settled()
  await clock.advance(60_000)
  await Promise.all(candidates.map(({ ended }) => ended))
}

describe('lead', () => {
  it('lets one of two lead, and writes down who, since when and for how long', async () => {
    const { join, leading } = createElection()
    const [a, b] = [join('a'), join('b')]
    await clock.advance(20_000)
    expect([...leading]).toEqual(['a'])
    expect((await readLease()).spec).toEqual({
      holderIdentity: 'a',
      leaseDurationSeconds: 15,
      acquireTime: '2026-01-01T00:00:00.000000Z',
      renewTime: '2026-01-01T00:00:19.950000Z',
      leaseTransitions: 0,
    })
    await leave(a, b)
  })

  it('gives the Lease back when it stops, so that the other need not wait', async () => {
    const { join, leading } = createElection()
    const [a, b] = [join('a'), join('b')]
    await clock.advance(5000)
    a.stop.abort(new Error('stopped'))
    await a.ended
    expect(await holder()).toBe('')
    await clock.advance(2000)
    expect([...leading]).toEqual(['b'])
    expect((await readLease()).spec?.leaseTransitions).toBe(1)
    await leave(b)
  })

  it('waits out the Lease of one who died, and no longer than it must', async () => {
    const { join, crash, leading } = createElection()
    const [a, b] = [join('a'), join('b')]
    await clock.advance(5000)
    crash(a)
    await clock.advance(14_000)
    expect([...leading]).toEqual([])
    await clock.advance(6000)
    expect([...leading]).toEqual(['b'])
    await leave(b)
  })

  it('stops to lead before the other begins, if it can not renew', async () => {
    const { join, terms } = createElection()
    const [a, b] = [join('a'), join('b')]
    await clock.advance(5000)
    a.line = 'is cut'
    await clock.advance(60_000)
    a.line = 'passes'
    await clock.advance(60_000)
    expect(terms).toEqual(['a', 'b'])
    await leave(a, b)
  })

  it.each<Line>(['is cut', 'loses answers', 'hangs'])('leads on if its line %s for a moment', async (line) => {
    const { join, leading, terms } = createElection()
    const a = join('a')
    await clock.advance(3000)
    a.line = line
    await clock.advance(line === 'is cut' ? 5000 : 1000)
    a.line = 'passes'
    await clock.advance(60_000)
    expect([[...leading], new Set(terms)]).toEqual([['a'], new Set(['a'])])
    await leave(a)
  })

  it('takes its own Lease again at once after a restart', async () => {
    const { join, crash, start, leading } = createElection()
    const a = join('a')
    await clock.advance(3000)
    crash(a)
    start(a)
    await settled()
    expect([...leading]).toEqual(['a'])
    await leave(a)
  })

  it('takes an answer that was lost for what it was', async () => {
    const faults: Fault[] = ['pass', 'lost']
    const client = createClient(createFaultyTransport(api.transport, () => faults.shift() ?? 'pass'))
    const stop = new AbortController()
    let isLeading = false
    const ended = lead({ client, clock, logger: silentLogger, lease: { ...key, identity: 'a' } }, stop.signal, async (signal) => {
      isLeading = true
      await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()))
    })
    await settled()
    expect([await holder(), isLeading]).toEqual(['a', false])
    await clock.advance(2000)
    expect(isLeading).toBe(true)
    stop.abort()
    await ended
  })

  it('does not care for the wall clocks of others, nor for its own', async () => {
    const { join, terms } = createElection()
    const [a, b] = [join('a', { aheadMillis: -86_400_000 }), join('b', { aheadMillis: 86_400_000 })]
    await clock.advance(60_000)
    a.aheadMillis = 86_400_000
    b.aheadMillis = -86_400_000
    await clock.advance(60_000)
    expect(terms).toEqual(['a'])
    await leave(a, b)
  })

  it('gives way when somebody else has taken the Lease', async () => {
    const { join, leading } = createElection()
    const a = join('a')
    await clock.advance(3000)
    const { spec, ...rest } = await readLease()
    await api.client.update(lease, { ...rest, spec: { ...spec, holderIdentity: 'by hand' } })
    await clock.advance(3000)
    expect([...leading]).toEqual([])
    await clock.advance(20_000)
    expect([...leading]).toEqual(['a'])
    await leave(a)
  })

  it('gives way when the Lease is deleted: somebody may make it anew at any moment', async () => {
    const { join, leading, terms } = createElection()
    const a = join('a')
    await clock.advance(3000)
    await api.client.delete(lease, key)
    await clock.advance(2000)
    expect([[...leading], terms]).toEqual([['a'], ['a', 'a']])
    await leave(a)
  })

  it('gives the Lease back though it stops in the middle of a renewal', async () => {
    const { join } = createElection()
    const a = join('a')
    await clock.advance(1000)
    a.line = 'loses answers'
    await clock.advance(1000)
    a.line = 'passes'
    a.stop.abort(new Error('stopped'))
    await a.ended
    expect(await holder()).toBe('')
  })

  it('waits as long as the other has asked for', async () => {
    await api.client.create(lease, {
      apiVersion: 'coordination.k8s.io/v1',
      kind: 'Lease',
      metadata: key,
      spec: { holderIdentity: 'slow', leaseDurationSeconds: 120 },
    })
    const { join, leading } = createElection()
    const a = join('a')
    await clock.advance(118_000)
    expect([...leading]).toEqual([])
    await clock.advance(10_000)
    expect([...leading]).toEqual(['a'])
    await leave(a)
  })

  it('gives the Lease back, and fails, if the term throws', async () => {
    const { join } = createElection()
    const a = join('a', {}, () => Promise.reject(new Error('no port')))
    await expect(a.ended).rejects.toThrow('no port')
    expect([await holder(), clock.sleepers()]).toEqual(['', 0])
  })

  it.each<Line>(['is cut', 'loses answers', 'hangs'])('stops although its line %s', async (line) => {
    const { join } = createElection()
    const a = join('a')
    await clock.advance(1000)
    a.line = line
    a.stop.abort(new Error('stopped'))
    await clock.advance(15_000)
    await a.ended
    expect(clock.sleepers()).toBe(0)
    expect(countAbortListeners(a.stop.signal)).toBe(0)
  })

  it.each<Line>(['loses answers', 'hangs'])('becomes the leader in the end, though its line %s at first', async (line) => {
    const { join, leading } = createElection()
    const a = join('a', { line })
    await clock.advance(5000)
    a.line = 'passes'
    await clock.advance(30_000)
    expect([...leading]).toEqual(['a'])
    await leave(a)
  })
})

it('never lets two lead, and always one in the end', { timeout: 600_000 }, async () => {
  const who = integer({ min: 0, max: 2 })
  const event = oneof(
    record({ kind: constantFrom('line' as const), who, line: constantFrom<Line>('passes', 'is cut', 'loses answers', 'hangs') }),
    record({ kind: constantFrom('jump' as const), who, millis: constantFrom(-3_600_000, -9000, 9000, 3_600_000) }),
    record({ kind: constantFrom('crash' as const, 'start' as const, 'stop' as const), who }),
    record({ kind: constantFrom('wait' as const), millis: integer({ min: 1, max: 20_000 }) }),
    record({ kind: constantFrom('wait' as const), millis: integer({ min: 1, max: 20_000 }) }),
  )
  const rates = record({ a: constantFrom(1, 1.3), b: constantFrom(1, 1.3), c: constantFrom(1, 1.3) })
  await assert(
    asyncProperty(array(event, { minLength: 5, maxLength: 40 }), rates, async (events, { a, b, c }) => {
      const ownClock = createTestClock()
      const ownApi = await startTestApi({ clock: ownClock })
      const { join, start, crash, leading, terms } = createElection({ clock: ownClock, api: ownApi })
      const candidates = [join('a', { rate: a }), join('b', { rate: b }), join('c', { rate: c })]
      for (const each of events) {
        if (each.kind === 'wait') {
          await ownClock.advance(each.millis)
          continue
        }
        const candidate = candidates[each.who]
        if (candidate === undefined) continue
        if (each.kind === 'line') candidate.line = each.line
        else if (each.kind === 'jump') candidate.aheadMillis += each.millis
        else if (each.kind === 'stop') candidate.stop.abort(new Error('stopped'))
        else {
          crash(candidate)
          if (each.kind === 'start') start(candidate)
        }
      }
      for (const candidate of candidates) {
        crash(candidate)
        candidate.line = 'passes'
        start(candidate)
      }
      await ownClock.advance(60_000)
      expect(terms.filter((term) => term.startsWith('together'))).toEqual([])
      expect(leading.size).toBe(1)
      for (const { stop } of candidates) stop.abort(new Error('the test is over'))
      await ownClock.advance(60_000)
      await Promise.all(candidates.map(({ ended }) => ended))
      await ownApi.close()
    }),
    { numRuns: process.env['WEIR_TEST_ALL'] === '1' ? 1000 : 40 },
  )
})
