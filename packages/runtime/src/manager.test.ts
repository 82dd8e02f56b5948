import { type ConfigMap, configMap, crdOf, secret } from '@weir/api'
import { type Logger, WeirError } from '@weir/base'
import { createClient } from '@weir/client'
import {
  countAbortListeners,
  createTestClock,
  createWatchGate,
  settled,
  startTestApi,
  type TestApi,
  type TestClock,
  type WatchGate,
} from '@weir/testkit'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import {
  type Controller,
  createManager,
  defineWatch,
  type LeaderLease,
  type Manager,
  type ManagerContext,
  type Next,
  type Request,
  type RunReport,
  toOwner,
} from './index.ts'
import { aPool, memberOf, type Pool, pool } from './sample/pool.ts'

let clock: TestClock
let api: TestApi
let gate: WatchGate
const ends: (() => Promise<void>)[] = []
beforeEach(async () => {
  clock = createTestClock()
  api = await startTestApi({ clock })
  await api.server.install([crdOf(pool)])
  gate = createWatchGate(api.transport)
})
afterEach(async () => {
  for (const end of ends.splice(0)) await end()
  await api.close()
})

const wait: Next = { kind: 'Wait' }
interface Rig {
  readonly manager: Manager
  readonly ran: string[]
  readonly reports: RunReport[]
  readonly lines: string[]
  readonly stop: AbortController
  readonly ended: Promise<void>
}

/** A manager of one controller of Pools that runs; what the controller does and has beside, the test says. */
function run(
  reconcile: (request: Request, signal: AbortSignal) => Promise<Next> | Next = () => wait,
  more: { readonly controller?: (context: ManagerContext) => Partial<Controller>; readonly leader?: LeaderLease } = {},
): Rig {
  const ran: string[] = []
  const reports: RunReport[] = []
  const lines: string[] = []
  const logger: Logger = {
    info: (message, fields) => lines.push(`info ${message}: ${String(fields?.['reason'] ?? fields?.['name'])}`),
    warn: () => {},
    error: (message, error) => lines.push(`error ${message}: ${(error as Error).message}`),
  }
  const manager = createManager({
    client: createClient(gate.transport),
    clock,
    random: () => 0,
    logger,
    onRun: (report) => reports.push(report),
    controllers: (context) => [
      {
        name: 'tests',
        kind: pool,
        watches: [],
        reconcile: async (request, signal) => {
          ran.push(`${request.namespace}/${request.name}`)
          return await reconcile(request, signal)
        },
        ...more.controller?.(context),
      },
    ],
    ...(more.leader === undefined ? {} : { leader: more.leader }),
  })
  const stop = new AbortController()
  const ended = manager.run(stop.signal)
  ends.push(async () => {
    stop.abort(new Error('the test is over'))
    await ended.catch(() => {})
  })
  return { manager, ran, reports, lines, stop, ended }
}

const makePool = (name = 'p'): Promise<Pool> => api.client.create(pool, aPool(name, { size: 1, text: 'x' }))
const touch = (name = 'p', text = 'y'): Promise<Pool> =>
  api.client.patch(pool, { namespace: 'default', name }, { type: 'merge', body: { spec: { text } } })

describe('a manager', () => {
  it('looks at every object there is, at every change, and at what is gone', async () => {
    await Promise.all([makePool('a'), makePool('b')])
    const { ran } = run()
    await settled()
    expect(ran.toSorted()).toEqual(['default/a', 'default/b'])
    await touch('a')
    await api.client.delete(pool, { namespace: 'default', name: 'b' })
    await settled()
    expect(ran.slice(2)).toEqual(['default/a', 'default/b'])
  })

  it('runs nothing before the caches are complete, those too that only the controller asks for', async () => {
    const seen: number[] = []
    await makePool()
    const held = memberOf(await makePool('q'), 'q-0')
    await api.client.create(configMap, held)
    gate = createWatchGate(api.transport, ({ path }) => path.includes('configmaps'))
    gate.close()
    const { manager, ran } = run(() => wait, {
      controller: ({ cacheOf }) => {
        const members = cacheOf(configMap)
        return { reconcile: async () => (seen.push(members.list('default').length), wait) }
      },
    })
    await settled()
    expect([manager.synced(), ran]).toEqual([false, []])
    gate.open()
    await settled()
    expect([manager.synced(), seen]).toEqual([true, [1, 1]])
  })

  it('maps other kinds to keys, by what an object is and by what it was', async () => {
    const { ran } = run(() => wait, {
      controller: () => ({ watches: [defineWatch({ kind: configMap, map: toOwner(pool) })] }),
    })
    const [a, b] = await Promise.all([makePool('a'), makePool('b')])
    await settled()
    ran.length = 0
    const member = await api.client.create(configMap, memberOf(a, 'm'))
    await settled()
    const { ownerReferences } = memberOf(b, 'm').metadata
    await api.client.patch(configMap, member.metadata, { type: 'merge', body: { metadata: { ownerReferences } } })
    await settled()
    await api.client.delete(configMap, member.metadata)
    await settled()
    expect(ran).toEqual(['default/a', 'default/b', 'default/a', 'default/b'])
  })

  it('survives a mapping that throws, and says whose it is', async () => {
    const { ran, lines } = run(() => wait, {
      controller: () => ({
        watches: [
          {
            kind: configMap,
            map: () => {
              throw new Error('no such label')
            },
          },
        ],
      }),
    })
    await settled()
    await api.client.create(configMap, { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'c', namespace: 'default' } })
    await makePool()
    await settled()
    expect(ran).toEqual(['default/p'])
    expect(lines).toEqual(['error A change could not be mapped to keys: no such label'])
  })

  it('follows a kind that is asked for later', async () => {
    await api.client.create(secret, { apiVersion: 'v1', kind: 'Secret', metadata: { name: 's', namespace: 'default' } })
    const { manager } = run()
    await settled()
    const secrets = manager.cacheOf(secret)
    await settled()
    expect(secrets.list().map(({ metadata }) => metadata.name)).toEqual(['s'])
    expect(manager.cacheOf(secret)).toBe(secrets)
  })

  it('is woken from outside the API, until it stops', async () => {
    let wake: ((request: Request) => void) | undefined
    let isEnded = false
    const { ran, stop, ended } = run(() => wait, {
      controller: () => ({
        sources: [
          (call) => {
            wake = call
            return () => {
              isEnded = true
            }
          },
        ],
      }),
    })
    await settled()
    wake?.({ namespace: 'far', name: 'away' })
    await settled()
    stop.abort()
    await ended
    wake?.({ namespace: 'too', name: 'late' })
    await settled()
    expect([ran, isEnded]).toEqual([['far/away'], true])
  })

  it('tells how long ago it heard of the kind that is quietest', async () => {
    const { manager } = run(() => wait, { controller: () => ({ watches: [defineWatch({ kind: configMap, map: () => [] })] }) })
    expect(manager.lastEventAgeMillis()).toBeUndefined()
    await settled()
    await clock.advance(30_000)
    await makePool()
    await settled()
    expect(manager.lastEventAgeMillis()).toBe(30_000)
  })
})

describe('the writes of a controller', () => {
  /** Makes a member of a new name if it sees none: only right if it never reads what is older than its own writes. */
  const makeOne = ({ client, cacheOf }: ManagerContext): Partial<Controller> => {
    const members = cacheOf(configMap)
    const pools = cacheOf(pool)
    return {
      watches: [defineWatch({ kind: configMap, map: toOwner(pool) })],
      reconcile: async (key) => {
        const object = pools.get(key)
        if (object === undefined || members.list('default').length > 0) return wait
        const { name: _name, ...metadata } = memberOf(object, '').metadata
        await client.create(configMap, {
          ...memberOf(object, ''),
          metadata: { ...metadata, generateName: 'member-' },
        } as ConfigMap)
        await touch('p', `seen by ${members.list().length}`)
        return wait
      },
    }
  }

  it('are seen by its next run, however late the watch is', async () => {
    const { reports } = run(() => wait, { controller: makeOne })
    await settled()
    gate.close()
    await makePool()
    gate.open()
    await settled()
    const members = (): Promise<readonly ConfigMap[]> =>
      api.client.list(configMap, { namespace: 'default' }).then(({ items }) => items)
    expect([(await members()).length, reports.length > 1]).toEqual([1, true])
  })

  it('hold a key, and no other, until the watch has told them', async () => {
    let wake: ((request: Request) => void) | undefined
    const ran: string[] = []
    run(() => wait, {
      controller: ({ client }) => ({
        concurrency: 1,
        sources: [
          (call) => {
            wake = call
            return () => {}
          },
        ],
        watches: [defineWatch({ kind: configMap, map: () => [] })],
        reconcile: async ({ name }) => {
          ran.push(name)
          if (name === 'writes')
            await client.create(configMap, {
              apiVersion: 'v1',
              kind: 'ConfigMap',
              metadata: { name: `c${ran.length}`, namespace: 'default' },
            })
          return wait
        },
      }),
    })
    await settled()
    gate.close()
    wake?.({ namespace: '', name: 'writes' })
    await settled()
    wake?.({ namespace: '', name: 'writes' })
    wake?.({ namespace: '', name: 'other' })
    await settled()
    expect(ran).toEqual(['writes', 'other'])
    gate.open()
    await settled()
    expect(ran).toEqual(['writes', 'other', 'writes'])
  })
})

describe('a run', () => {
  const terminal = new WeirError('RUNTIME_TERMINAL', 'never')
  const passing = new WeirError('API_UNAVAILABLE', 'busy')
  const conflict = new WeirError('API_CONFLICT', 'changed')
  const fails = (error: unknown) => () => Promise.reject(error)

  it('that succeeds is told in a report, and not in the log', async () => {
    await makePool()
    const { reports, lines } = run()
    await settled()
    expect(reports).toEqual([
      {
        controller: 'tests',
        kind: 'Pool',
        namespace: 'default',
        name: 'p',
        reconcileID: '00000000',
        outcome: 'success',
        durationMillis: 0,
      },
    ])
    expect(lines).toEqual([])
  })

  it('that takes its time says how long', async () => {
    await makePool()
    const { reports } = run(async () => {
      await clock.sleep(1500)
      return wait
    })
    await clock.advance(2000)
    expect(reports).toMatchObject([{ durationMillis: 1500 }])
  })

  it.each<[string, unknown, string, string]>([
    ['an error', passing, 'error', 'error Reconcile failed; trying again: busy'],
    ['a conflict', conflict, 'error', 'info The object changed meanwhile; trying again: p'],
    ['conflicts', new AggregateError([conflict, conflict], 'all'), 'error', 'info The object changed meanwhile; trying again: p'],
    ['a terminal error', terminal, 'terminal', 'error Reconcile failed until the object changes: never'],
    [
      'terminal errors',
      new AggregateError([terminal, terminal], 'all'),
      'terminal',
      'error Reconcile failed until the object changes: all',
    ],
    [
      'a terminal error among others',
      new AggregateError([terminal, passing], 'some'),
      'error',
      'error Reconcile failed; trying again: some',
    ],
    ['no error at all, but many', new AggregateError([], 'none'), 'error', 'error Reconcile failed; trying again: none'],
  ])('that throws %s is told, and tried again unless nothing could help', async (_name, error, outcome, line) => {
    await makePool()
    const { ran, reports, lines } = run(fails(error))
    await settled()
    expect([reports[0]?.outcome, reports[0]?.error, lines]).toEqual([outcome, error, [line]])
    await clock.advance(600_000)
    if (outcome === 'terminal') expect(ran).toHaveLength(1)
    else expect(ran.length).toBeGreaterThan(10)
  })

  it('that failed for good is tried again when the object changes', async () => {
    await makePool()
    const { ran, reports } = run(fails(terminal))
    await clock.advance(600_000)
    await touch()
    await settled()
    expect([ran.length, reports.length]).toEqual([2, 2])
  })

  it('that failed is tried again later and later, until one succeeds', async () => {
    let failures = 0
    const times: number[] = []
    await makePool()
    const start = clock.now()
    run(() => {
      times.push(clock.now() - start)
      if (failures++ < 4) throw passing
      return wait
    })
    await clock.advance(100_000)
    expect(times).toEqual([0, 50, 150, 350, 750])
    failures = 3
    await touch()
    await clock.advance(100_000)
    expect(times.slice(5)).toEqual([100_000, 100_050])
  })

  it('that polls says why, when that is news, and looks again by itself', async () => {
    let reason = 'the guest boots'
    await makePool()
    const { ran, reports, lines } = run(() => ({ kind: 'PollAfter', seconds: 10, reason }))
    await clock.advance(25_000)
    expect([ran.length, reports[2]?.outcome, reports[2]?.reason]).toEqual([3, 'poll', reason])
    reason = 'the guest sleeps'
    await clock.advance(20_000)
    expect(lines).toEqual([
      'info Nothing will wake this object; looking again later: the guest boots',
      'info Nothing will wake this object; looking again later: the guest sleeps',
    ])
  })

  it('that was woken in between polls from then on', async () => {
    const times: number[] = []
    await makePool()
    const start = clock.now()
    run(() => {
      times.push(clock.now() - start)
      return { kind: 'PollAfter', seconds: times.length === 1 ? 10 : 30, reason: 'nothing wakes us' }
    })
    await clock.advance(5000)
    await touch()
    await clock.advance(40_000)
    expect(times).toEqual([0, 5000, 35_000])
  })

  it.each([0, -1, Number.NaN, Infinity])('that would poll in %d seconds is refused', async (seconds) => {
    await makePool()
    const { ran, reports } = run(() => ({ kind: 'PollAfter', seconds, reason: 'a slip' }))
    await clock.advance(1000)
    expect(reports[0]).toMatchObject({ outcome: 'error', error: { name: 'RangeError' } })
    expect(ran.length).toBeLessThan(10)
  })

  it('never meets another of its key, though different keys run at once', async () => {
    const running = new Set<string>()
    let most = 0
    await Promise.all(['a', 'b', 'c'].map((name) => makePool(name)))
    const { ran } = run(async ({ name }) => {
      expect(running.has(name)).toBe(false)
      running.add(name)
      most = Math.max(most, running.size)
      await clock.sleep(100)
      running.delete(name)
      return wait
    })
    for (let time = 0; time < 5; time++) {
      await clock.advance(30)
      await touch('a', `${time}`)
    }
    await clock.advance(1000)
    expect([most, ran.filter((key) => key === 'default/a').length > 1]).toEqual([3, true])
  })
})

describe('the end of a manager', () => {
  it('comes when the last run has returned, which was told to stop', async () => {
    await makePool()
    let isReturned = false
    const { stop, ended, reports } = run(async (_request, signal) => {
      await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()))
      await clock.sleep(1000)
      isReturned = true
      throw new Error('cut short')
    })
    await settled()
    stop.abort()
    let isEnded = false
    void ended.then(() => (isEnded = true))
    await settled()
    expect(isEnded).toBe(false)
    await clock.advance(1000)
    await ended
    expect([isReturned, reports]).toEqual([true, []])
  })

  it('leaves nothing asleep, nothing listening and nothing running', async () => {
    await makePool()
    const { manager, ran, stop, ended } = run(() => ({ kind: 'PollAfter', seconds: 5, reason: 'tests' }))
    await clock.advance(60_000)
    stop.abort()
    await ended
    await settled()
    expect([clock.sleepers(), countAbortListeners(stop.signal)]).toEqual([0, 0])
    const count = ran.length
    await touch()
    await clock.advance(60_000)
    expect(ran).toHaveLength(count)
    expect(manager.cacheOf(pool).get({ namespace: 'default', name: 'p' })?.spec.text).toBe('x')
  })

  it('gathers no listeners on the way there', async () => {
    await makePool()
    const counts: number[] = []
    const { ran } = run((_request, signal) => {
      counts.push(countAbortListeners(signal))
      return { kind: 'PollAfter', seconds: 5, reason: 'tests' }
    })
    await clock.advance(3_600_000)
    expect([ran.length > 700, counts.at(-1)]).toEqual([true, counts[1]])
  })

  it('comes at once if it is told to before the caches are complete', async () => {
    gate.close()
    const { ran, stop, ended } = run()
    await settled()
    stop.abort()
    await ended
    expect(ran).toEqual([])
  })

  it('comes with the error of a source that can not begin, and leaves nothing behind', async () => {
    await makePool()
    let isEnded = false
    const { stop, ended, ran } = run(() => wait, {
      controller: () => ({
        sources: [
          () => () => {
            isEnded = true
          },
          () => {
            throw new Error('no such device')
          },
        ],
      }),
    })
    await expect(ended).rejects.toThrow('no such device')
    const count = ran.length
    await touch()
    await clock.advance(60_000)
    expect([isEnded, ran.length - count, clock.sleepers(), countAbortListeners(stop.signal)]).toEqual([true, 0, 0, 0])
  })
})

describe('managers that elect a leader', () => {
  const lease = (identity: string): LeaderLease => ({ namespace: 'kube-system', name: 'tests', identity })

  it('run their controllers in one of them, with full caches in the other', async () => {
    await makePool()
    const [a, b] = [run(() => wait, { leader: lease('a') }), run(() => wait, { leader: lease('b') })]
    await clock.advance(10_000)
    await touch()
    await clock.advance(10_000)
    expect([a.ran.length, b.ran.length, b.manager.synced()]).toEqual([2, 0, true])
  })

  it('hand over at once when the leader stops', async () => {
    await makePool()
    const [a, b] = [run(() => wait, { leader: lease('a') }), run(() => wait, { leader: lease('b') })]
    await clock.advance(10_000)
    a.stop.abort()
    await a.ended
    await clock.advance(2000)
    expect(b.ran).toEqual(['default/p'])
  })

  it('stop their runs when the Lease is lost, and look at everything when it is theirs again', async () => {
    await makePool()
    let isAborted = false
    const { ran } = run(
      async (_request, signal) => {
        signal.addEventListener('abort', () => (isAborted = true))
        return wait
      },
      { leader: lease('a') },
    )
    await clock.advance(3000)
    expect([ran.length, isAborted]).toEqual([1, false])
    const path = '/apis/coordination.k8s.io/v1/namespaces/kube-system/leases/tests'
    const found = (await api.client.raw('GET', path)) as { readonly spec: object }
    await api.client.raw('PUT', path, { ...found, spec: { ...found.spec, holderIdentity: 'by hand' } })
    await clock.advance(3000)
    expect([ran.length, isAborted]).toEqual([1, true])
    await touch()
    await settled()
    expect(ran).toHaveLength(1)
    await clock.advance(20_000)
    expect(ran).toHaveLength(2)
  })
})
