import { configMap, type KubernetesObject, type Status } from '@weir/api'
import { createMemoryDriver, openRevisionLog, type RevisionLog } from '@weir/store'
import { createTestClock, type TestClock } from '@weir/testkit'
import { beforeEach, describe, expect, it } from 'vitest'
import { Failure } from '../failure.ts'
import { serialize, storedKey } from '../stored.ts'
import type { Table } from '../table/render.ts'
import { watchObjects } from './watch.ts'

let log: RevisionLog
let clock: TestClock
beforeEach(async () => {
  log = await openRevisionLog(createMemoryDriver())
  clock = createTestClock()
})

const put = (
  name: string,
  more: { readonly text?: string; readonly labels?: Record<string, string>; readonly creationTimestamp?: string } = {},
): Promise<number> =>
  log.commit({
    key: storedKey(configMap, 'default', name),
    value: serialize({
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: {
        name,
        namespace: 'default',
        ...(more.labels === undefined ? {} : { labels: more.labels }),
        ...(more.creationTimestamp === undefined ? {} : { creationTimestamp: more.creationTimestamp }),
      },
      data: { text: more.text ?? '' },
    } as KubernetesObject),
  })
const remove = (name: string): Promise<number> => log.commit({ key: storedKey(configMap, 'default', name) })

interface Seen {
  readonly type: string
  readonly object: KubernetesObject & Partial<Pick<Status, 'code' | 'reason'>>
}

const as = { form: 'Object', includeObject: 'Metadata', now: 0 } as const

/** A watch that is read when the test says so. */
function watch(query: string, form: 'Object' | 'Table' = 'Object') {
  const stop = new AbortController()
  const lines = watchObjects(
    { log, clock, random: () => 0 },
    { kind: configMap, namespace: 'default' },
    { query: new URLSearchParams(query), as: { ...as, form, now: clock.now() }, signal: stop.signal },
  )[Symbol.asyncIterator]()
  let pending: Promise<IteratorResult<string>> | undefined
  /** Events until there are none for now (the next is being waited for) or the watch has ended. */
  const read = async (): Promise<readonly Seen[]> => {
    const seen: Seen[] = []
    for (;;) {
      pending ??= lines.next()
      const next = await Promise.race([pending, idle()])
      if (next === undefined) return seen
      pending = undefined
      if (next.done === true) return [...seen, { type: 'END', object: { apiVersion: '', kind: '', metadata: { name: '' } } }]
      for (const line of next.value.trimEnd().split('\n')) seen.push(JSON.parse(line) as Seen)
    }
  }
  return { read, stop: () => stop.abort(), lines }
}
const idle = async (): Promise<undefined> => {
  for (let turn = 0; turn < 5; turn++) await new Promise((resolve) => setImmediate(resolve))
  return undefined
}
const brief = (seen: readonly Seen[]): readonly string[] =>
  seen.map(({ type, object }) => `${type} ${object.metadata.name || (object.reason ?? '')}`.trim())
const revisions = (seen: readonly Seen[]): readonly number[] => seen.map(({ object }) => Number(object.metadata.resourceVersion))

describe('a reader that does not keep up', () => {
  it('is told everything as long as it is not too far behind', async () => {
    const { read } = watch('resourceVersion=0')
    expect(await read()).toEqual([])
    for (let i = 0; i < 5000; i++) await put(`m-${i % 7}`)
    expect(revisions(await read())).toEqual(Array.from({ length: 5000 }, (_, i) => i + 1))
  })

  it('is told without a gap until it is lost, then 410, then nothing', async () => {
    await put('first')
    const { read, lines } = watch('resourceVersion=1')
    const first = lines.next()
    await idle()
    for (let i = 0; i < 10; i++) await put('a')
    await first
    await Promise.all(Array.from({ length: 100_001 }, () => put('b')))
    await Promise.all(Array.from({ length: 10 }, () => put('c')))
    const seen = await read()
    expect(brief(seen).slice(-2)).toEqual(['ERROR Expired', 'END'])
    expect(brief(seen)).not.toContain('MODIFIED c')
    expect(seen.at(-2)?.object.code).toBe(410)
    const told = revisions(seen.slice(0, -2))
    expect(told).toEqual(told.map((_, index) => index + (told[0] ?? 0)))
  })

  it('is lost by the size of what waits, too', async () => {
    const { read } = watch('resourceVersion=0')
    await read()
    const text = 'x'.repeat(1024 * 1024)
    for (let i = 0; i < 40; i++) await put('large', { text: `${i}${text}` })
    expect(brief(await read()).filter((line) => line !== 'ADDED large')).toEqual(['ERROR Expired', 'END'])
  })

  it('is told 410 at once if what it asks for is forgotten', async () => {
    for (let i = 0; i < 20; i++) await put('a')
    await log.compact(15)
    expect(brief(await watch('resourceVersion=10').read())).toEqual(['ERROR Expired', 'END'])
    expect(revisions(await watch('resourceVersion=16').read())).toEqual([17, 18, 19, 20])
  })
})

describe('where a watch begins and ends', () => {
  it('begins with the state, after a revision, or now', async () => {
    await put('a')
    await put('b')
    expect(brief(await watch('').read())).toEqual(['ADDED a', 'ADDED b'])
    expect(brief(await watch('resourceVersion=0').read())).toEqual(['ADDED a', 'ADDED b'])
    expect(brief(await watch('resourceVersion=1').read())).toEqual(['ADDED b'])
    const now = watch('sendInitialEvents=false&resourceVersionMatch=NotOlderThan&resourceVersion=0')
    expect(await now.read()).toEqual([])
    await put('c')
    expect(brief(await now.read())).toEqual(['ADDED c'])
  })

  it('streams a large state in pieces and marks its end', async () => {
    for (let i = 0; i < 300; i++) await put(`m-${1000 + i}`, { text: 'x'.repeat(1000) })
    const query = 'sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true'
    const { lines } = watch(query)
    const piece = (await lines.next()).value as string
    expect(piece.length).toBeLessThan(70_000)
    const seen = await watch(query).read()
    expect(seen).toHaveLength(301)
    expect(seen.at(-1)).toMatchObject({
      type: 'BOOKMARK',
      object: { metadata: { resourceVersion: '300', annotations: { 'k8s.io/initial-events-end': 'true' } } },
    })
    expect((await watch(query.replace('&allowWatchBookmarks=true', '')).read()).map(({ type }) => type)).not.toContain('BOOKMARK')
  })

  it('ends at its time-out, with a bookmark of all that was told', async () => {
    const { read } = watch('timeoutSeconds=90&allowWatchBookmarks=true')
    await read()
    await put('a')
    expect(brief(await read())).toEqual(['ADDED a'])
    await log.commit({ key: '/other', value: '{}' })
    await clock.advance(60_000)
    expect(await read()).toMatchObject([{ type: 'BOOKMARK', object: { metadata: { resourceVersion: '2' } } }])
    await clock.advance(30_000)
    expect((await read()).map(({ type }) => type)).toEqual(['BOOKMARK', 'END'])
    expect(clock.sleepers()).toBe(0)
  })

  it('sends no bookmarks unasked', async () => {
    const { read } = watch('timeoutSeconds=90')
    await read()
    await clock.advance(60_000)
    expect(await read()).toEqual([])
  })

  it('sends no bookmark past an event that is yet to be told', async () => {
    const { read } = watch('allowWatchBookmarks=true')
    await read()
    const writes: Promise<number>[] = []
    const turn = clock.advance(60_000)
    for (let i = 0; i < 50; i++) writes.push(put('a'))
    await Promise.all([turn, ...writes])
    const told = revisions(await read())
    expect(told).toEqual(told.toSorted((a, b) => a - b))
    expect(told.filter((revision, index) => revision === told[index - 1]).length).toBeLessThanOrEqual(1)
  })

  it('lets go when its reader is gone', async () => {
    const { read, stop } = watch('')
    await read()
    stop()
    expect(brief(await read())).toEqual(['END'])
    expect(clock.sleepers()).toBe(0)
  })
})

describe('what a watcher wants', () => {
  it('is told what enters, changes and leaves a selector', async () => {
    const { read } = watch('labelSelector=tier=web')
    await read()
    await put('a', { labels: { tier: 'db' } })
    await put('a', { labels: { tier: 'web' } })
    await put('a', { labels: { tier: 'web' }, text: '2' })
    await put('a', { labels: { tier: 'db' } })
    await put('a', { labels: { tier: 'web' } })
    await remove('a')
    const seen = await read()
    expect(brief(seen)).toEqual(['ADDED a', 'MODIFIED a', 'DELETED a', 'ADDED a', 'DELETED a'])
    expect(revisions(seen)).toEqual([2, 3, 4, 5, 6])
  })
})

describe('a table that is watched', () => {
  it('shows ages as they are when a row is sent, however long the watch has lasted', async () => {
    const { read } = watch('resourceVersion=0', 'Table')
    expect(await read()).toEqual([])
    await clock.advance(600_000)
    await put('a', { creationTimestamp: new Date(clock.now() - 5000).toISOString() })
    const [row] = (await read()).flatMap(({ object }) => (object as unknown as Table).rows)
    expect(row?.cells).toEqual(['a', 1, '5s'])
  })
})

describe('a watch that makes no sense', () => {
  const codeOf = (query: string): number => {
    try {
      watch(query)
      return 200
    } catch (error) {
      return error instanceof Failure ? error.status.code : 0
    }
  }
  it.each([
    ['timeoutSeconds=soon', 400],
    ['timeoutSeconds=-1', 400],
    ['timeoutSeconds=1.5', 400],
    ['timeoutSeconds=99999999999', 400],
    ['timeoutSeconds=0', 200],
    ['resourceVersion=x', 400],
    ['labelSelector=a%20b%20c', 400],
    ['fieldSelector=data.a=b', 400],
    ['sendInitialEvents=true', 422],
    ['sendInitialEvents=true&resourceVersionMatch=Exact', 422],
    ['resourceVersionMatch=NotOlderThan&resourceVersion=1', 422],
    ['sendInitialEvents=true&resourceVersionMatch=NotOlderThan&continue=x', 422],
    ['sendInitialEvents=true&resourceVersionMatch=NotOlderThan&resourceVersion=99', 504],
    ['sendInitialEvents=true&resourceVersionMatch=NotOlderThan', 200],
  ])('%s: %i, before the stream begins', (query, code) => {
    expect(codeOf(query)).toBe(code)
  })
})
