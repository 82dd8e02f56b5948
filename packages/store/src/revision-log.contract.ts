import { type Arbitrary, array, assert, asyncProperty, constant, constantFrom, nat, oneof, record } from 'fast-check'
import { expect, it } from 'vitest'
import type { Driver, Entry, Event, RevisionLog } from './index.ts'
import { openRevisionLog } from './index.ts'

/** The suite that holds over every driver. `create` makes an empty place and returns what opens it, again and again. */
export function describeRevisionLog(create: () => () => Driver): void {
  const open = async () => openRevisionLog(create()())

  it('keeps acknowledged writes and deletions over a reopening', async () => {
    const reopen = create()
    const log = await openRevisionLog(reopen())
    for (const write of [{ key: '/a', value: '1' }, { key: '/b', value: '2' }, { key: '/a', value: '3' }, { key: '/b' }])
      await log.commit(write)
    await log.close()
    const again = await openRevisionLog(reopen())
    expect(again.head()).toBe(4)
    expect(again.list({ prefix: '/' }).entries).toEqual([{ key: '/a', value: '3', modRevision: 3 }])
    expect(again.get('/b', 2)?.value).toBe('2')
    await again.close()
  })

  it('lets one of many concurrent creators win', async () => {
    const log = await open()
    const runs = await Promise.allSettled(
      Array.from({ length: 20 }, (_, i) => log.commit({ key: '/a', value: String(i), expected: 0 })),
    )
    expect(runs.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
    expect(runs.find((run) => run.status === 'rejected')?.reason).toMatchObject({ code: 'STORE_CONFLICT' })
    expect(log.get('/a')?.value).toBe('0')
    await log.close()
  })

  it('refuses a write on a stale revision and loses nothing', async () => {
    const log = await open()
    const first = await log.commit({ key: '/a', value: '1', expected: 0 })
    await log.commit({ key: '/a', value: (revision) => `at ${revision}`, expected: first })
    await expect(log.commit({ key: '/a', value: '3', expected: first })).rejects.toMatchObject({ code: 'STORE_CONFLICT' })
    expect(log.get('/a')?.value).toBe('at 2')
    await log.close()
  })

  it('pages through a list as it was, while others write', async () => {
    const log = await open()
    for (const key of ['/p/c', '/p/a', '/q/x', '/p/b']) await log.commit({ key, value: key })
    const first = log.list({ prefix: '/p/', limit: 2 })
    await log.commit({ key: '/p/c' })
    await log.commit({ key: '/p/d', value: 'new' })
    expect(first).toMatchObject({ revision: 4, remaining: 1, entries: [{ key: '/p/a' }, { key: '/p/b' }] })
    expect(log.list({ prefix: '/p/', after: '/p/b', revision: first.revision }).entries.map(({ key }) => key)).toEqual(['/p/c'])
    await log.close()
  })

  it('watches a prefix from the past on, with the value before', async () => {
    const log = await open()
    await log.commit({ key: '/p/a', value: '1' })
    await log.commit({ key: '/p/a', value: '2' })
    const seen: Event[] = []
    const end = log.watch('/p/', 1, (events) => seen.push(...events))
    await log.commit({ key: '/q/a', value: 'other' })
    await log.commit({ key: '/p/a' })
    end()
    await log.commit({ key: '/p/a', value: 'unseen' })
    expect(seen).toEqual([
      { revision: 2, key: '/p/a', value: '2', previous: '1' },
      { revision: 4, key: '/p/a', previous: '2' },
    ])
    await log.close()
  })

  it('counts what is after a page, also as it was', async () => {
    const log = await open()
    await Promise.all(Array.from({ length: 30 }, (_, i) => log.commit({ key: `/p/${10 + i}`, value: 'x' })))
    await log.commit({ key: '/q', value: 'x' })
    const then = log.head()
    for (const key of ['/p/05', '/p/39x', '/p/20']) await log.commit({ key, value: 'new' })
    for (const key of ['/p/12', '/p/38', '/p/39x', '/q']) await log.commit({ key })
    const counts = (revision: number) => [
      log.list({ prefix: '/p/', limit: 5, revision }).remaining,
      log.list({ prefix: '/p/', limit: 10, after: '/p/14', revision }).remaining,
      log.list({ prefix: '/p/', limit: 10, after: '/p/29', revision }).remaining,
      log.list({ prefix: '', limit: 0, revision }).remaining,
    ]
    expect(counts(then)).toEqual([25, 15, 0, 31])
    expect(counts(0)).toEqual([24, 14, 0, 29])
    await log.close()
  })

  it('tells a watcher that starts inside a delivery everything once, and one that ends there nothing', async () => {
    const log = await open()
    const inner: number[] = []
    const ended: number[] = []
    let endOther = (): void => {}
    const endFirst = log.watch('/', 0, () => {
      endFirst()
      endOther()
      log.watch('/', 0, (events) => inner.push(...events.map(({ revision }) => revision)))
    })
    endOther = log.watch('/', 0, (events) => ended.push(...events.map(({ revision }) => revision)))
    await Promise.all([log.commit({ key: '/a', value: '1' }), log.commit({ key: '/b', value: '2' })])
    await log.commit({ key: '/a', value: '3' })
    expect(inner).toEqual([1, 2, 3])
    expect(ended).toEqual([])
    await log.close()
  })

  it('tells a watcher once what it was told as the past, when others of its prefix are yet to be told', async () => {
    const log = await open()
    const late: number[] = []
    const endFirst = log.watch('', 0, () => {
      endFirst()
      log.watch('/', 0, (events) => late.push(...events.map(({ revision }) => revision)))
    })
    log.watch('/', 0, () => {})
    await Promise.all([log.commit({ key: '/a', value: '1' }), log.commit({ key: '/b', value: '2' })])
    await log.commit({ key: '/a', value: '3' })
    expect(late).toEqual([1, 2, 3])
    await log.close()
  })

  it('tells watchers before the writer, all in one order, and only of what is already readable', async () => {
    const log = await open()
    const orders: number[][] = [[], [], []]
    for (const [i, order] of orders.entries()) {
      log.watch(i === 0 ? '/' : '/a', 0, (events) => {
        for (const { key, revision } of events) {
          expect(log.head()).toBeGreaterThanOrEqual(revision)
          expect(log.get(key)?.modRevision).toBeGreaterThanOrEqual(revision)
          order.push(revision)
        }
      })
    }
    await Promise.all(
      Array.from({ length: 50 }, async (_, i) => {
        const revision = await log.commit({ key: `/a${i % 7}`, value: String(i) })
        for (const order of orders) expect(order).toContain(revision)
      }),
    )
    for (const order of orders) expect(order).toEqual(Array.from({ length: 50 }, (_, i) => i + 1))
    await log.close()
  })

  it('says how far watchers have been told: never further than the events that they got, and in the end everything', async () => {
    const reopen = create()
    const log = await openRevisionLog(reopen())
    let last = 0
    log.watch('/', 0, (events) => {
      expect(log.told()).toBe(last)
      last = events.at(-1)?.revision ?? 0
    })
    await Promise.all(Array.from({ length: 20 }, (_, i) => log.commit({ key: `/k${i % 3}`, value: String(i) })))
    await log.commit({ key: '/k0' })
    expect([log.told(), log.head(), last]).toEqual([21, 21, 21])
    await log.close()
    const again = await openRevisionLog(reopen())
    expect(again.told()).toBe(21)
    expect(again.failure()).toBeUndefined()
    await again.close()
  })

  it('forgets history but no state, also over a reopening', async () => {
    const reopen = create()
    const log = await openRevisionLog(reopen())
    for (let i = 0; i < 1200; i++) await log.commit({ key: `/k${i % 3}`, value: String(i) })
    await log.commit({ key: '/k0' })
    await log.compact(1201)
    const check = (again: typeof log): void => {
      expect([again.head(), again.compacted()]).toEqual([1201, 1201])
      expect(again.list({ prefix: '/' }).entries.map(({ value }) => value)).toEqual(['1198', '1199'])
      expect(() => again.get('/k1', 1200)).toThrow('1200 was compacted')
      expect(() => again.watch('/', 1200, () => {})).toThrow('1200 was compacted')
    }
    check(log)
    await log.close()
    const again = await openRevisionLog(reopen())
    check(again)
    expect(await again.commit({ key: '/k0', value: 'back', expected: 0 })).toBe(1202)
    await again.close()
  })

  it('forgets the oldest history by itself when it grows too large, and no state', async () => {
    const reopen = create()
    const log = await openRevisionLog(reopen(), { historyCharacters: 20_000 })
    for (let i = 0; i < 200; i++) await log.commit({ key: `/k${i % 3}`, value: String(i % 10).repeat(1000) })
    while (log.compacted() === 0) await log.commit({ key: '/other', value: '' })
    const check = (again: RevisionLog): void => {
      const events: Event[] = []
      again.watch('/', again.compacted(), (batch) => events.push(...batch))()
      expect(events.map(({ revision }) => revision)).toEqual(
        Array.from({ length: again.head() - again.compacted() }, (_, i) => again.compacted() + 1 + i),
      )
      expect(events.reduce((sum, { value = '' }) => sum + value.length, 0)).toBeLessThanOrEqual(21_000)
      expect(again.list({ prefix: '/k' }).entries.map(({ value }) => value[0])).toEqual(['8', '9', '7'])
    }
    check(log)
    await log.close()
    const again = await openRevisionLog(reopen())
    check(again)
    await again.close()
  })

  it('leaves with the driver what can still be read, and nothing else', async () => {
    const reopen = create()
    const log = await openRevisionLog(reopen())
    for (const value of ['1', '2', '3']) await log.commit({ key: '/kept', value })
    await log.commit({ key: '/gone', value: '4' })
    await log.commit({ key: '/gone' })
    await log.commit({ key: '/kept', value: '6' })
    const left = async (before: number): Promise<readonly [number, readonly number[]]> => {
      await log.compact(before)
      await log.close()
      const driver = reopen()
      const kept = await driver.load()
      await driver.close()
      return [kept.compacted, kept.changes.map(({ revision }) => revision)]
    }
    expect(await left(5)).toEqual([5, [3, 6]])
  })

  it('does what a plain model does, for any writes at once, compactions, pages and watches', async () => {
    await assert(
      asyncProperty(array(step, { maxLength: 40, size: 'max' }), async (steps) => {
        const model = createModel(await open())
        for (const item of steps) await model.perform(item)
        model.checkStates()
        model.checkWatches()
        await model.log.close()
      }),
      { numRuns: 25 },
    )
  })
}

const key = constantFrom('/a/1', '/a/2', '/a/22', '/b/1')
const write = record({ key, isPut: constantFrom(true, true, false), isStale: constantFrom(false, false, false, true) })
const step = oneof(
  { weight: 6, arbitrary: record({ kind: constant('Write' as const), writes: array(write, { minLength: 1, maxLength: 5 }) }) },
  { weight: 1, arbitrary: record({ kind: constant('Compact' as const), back: nat(10) }) },
  { weight: 1, arbitrary: record({ kind: constant('Watch' as const), prefix: constantFrom('', '/a/', '/a/2'), back: nat(5) }) },
)
type Step = typeof step extends Arbitrary<infer T> ? T : never

/** The log, with all that was written to it in the plainest form: every state there ever was. */
function createModel(log: RevisionLog) {
  const states: ReadonlyMap<string, Entry>[] = [new Map()]
  const events: Event[] = []
  const watches: { readonly prefix: string; readonly after: number; readonly seen: Event[] }[] = []

  const add = (name: string, value: string | undefined): number => {
    const state = new Map(states.at(-1))
    const revision = states.length
    const previous = state.get(name)?.value
    if (value === undefined) state.delete(name)
    else state.set(name, { key: name, value, modRevision: revision })
    states.push(state)
    events.push({
      revision,
      key: name,
      ...(value === undefined ? {} : { value }),
      ...(previous === undefined ? {} : { previous }),
    })
    return revision
  }
  /** Commits without waiting for the one before; returns what must become of it. */
  const commit = ({ key: name, isPut, isStale }: { key: string; isPut: boolean; isStale: boolean }) => {
    const found = states.at(-1)?.get(name)?.modRevision ?? 0
    const expected = isStale ? found + 1 : found
    const run = log.commit({ key: name, expected, ...(isPut ? { value: (revision: number) => `v${revision}` } : {}) })
    if (isStale) return expect(run).rejects.toMatchObject({ code: 'STORE_CONFLICT' })
    return expect(run).resolves.toBe(add(name, isPut ? `v${states.length}` : undefined))
  }
  const watch = (prefix: string, after: number): void => {
    const seen: Event[] = []
    log.watch(prefix, after, (batch) => seen.push(...batch))
    watches.push({ prefix, after, seen })
  }
  return {
    log,
    async perform(item: Step): Promise<void> {
      switch (item.kind) {
        case 'Write':
          await Promise.all(item.writes.map(commit))
          return
        case 'Compact':
          await log.compact(log.head() - item.back)
          return
        case 'Watch':
          watch(item.prefix, Math.max(log.compacted(), log.head() - item.back))
      }
    },
    /** Every revision that can be read, whole and in pages of 2, with the counts after them. */
    checkStates(): void {
      expect(log.head()).toBe(states.length - 1)
      for (let revision = Math.max(1, log.compacted()); revision < states.length; revision++) {
        const wanted = [...(states[revision]?.values() ?? [])].toSorted((a, b) => (a.key < b.key ? -1 : 1))
        expect(log.list({ prefix: '', revision }).entries).toEqual(wanted)
        for (const entry of wanted) expect(log.get(entry.key, revision)).toEqual(entry)
        const inA = wanted.filter((entry) => entry.key.startsWith('/a/'))
        for (let at = 0; at <= inA.length; at += 2) {
          const after = inA[at - 1]?.key
          const page = log.list({ prefix: '/a/', limit: 2, revision, ...(after === undefined ? {} : { after }) })
          expect(page).toEqual({ entries: inA.slice(at, at + 2), revision, remaining: Math.max(0, inA.length - at - 2) })
        }
      }
    },
    checkWatches(): void {
      for (const { prefix, after, seen } of watches) {
        expect(seen).toEqual(events.filter((event) => event.revision > after && event.key.startsWith(prefix)))
      }
    },
  }
}
