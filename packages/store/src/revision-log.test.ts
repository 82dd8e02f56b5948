import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type Change, createMemoryDriver, createSqliteDriver, type Driver, openRevisionLog } from './index.ts'

let directory: string
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'weir-store-'))
})
afterEach(() => {
  rmSync(directory, { recursive: true })
})

const drivers: Readonly<Record<string, () => () => Driver>> = {
  memory: () => {
    const changes: Change[] = []
    return () => createMemoryDriver(changes)
  },
  sqlite: () => () => createSqliteDriver(join(directory, 'log.db')),
}

describe.each(Object.entries(drivers))('%s', (_name, createReopen) => {
  it('keeps acknowledged writes and deletions over a reopening', async () => {
    const reopen = createReopen()
    const log = await openRevisionLog(reopen())
    await log.commit({ key: '/a', value: '1' })
    await log.commit({ key: '/b', value: '2' })
    await log.commit({ key: '/a', value: '3' })
    await log.commit({ key: '/b' })
    await log.close()
    const again = await openRevisionLog(reopen())
    expect(again.head()).toBe(4)
    expect(again.list('/')).toEqual([{ key: '/a', value: '3', createRevision: 1, modRevision: 3 }])
    expect(again.changesAfter(2)).toEqual([
      { revision: 3, key: '/a', value: '3' },
      { revision: 4, key: '/b' },
    ])
    await again.close()
  })

  it('lets one of many concurrent creators win', async () => {
    const log = await openRevisionLog(createReopen()())
    const runs = await Promise.allSettled(
      Array.from({ length: 20 }, (_, i) => log.commit({ key: '/a', value: String(i), expected: 0 })),
    )
    expect(runs.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
    expect(runs.find((run) => run.status === 'rejected')?.reason).toMatchObject({ code: 'STORE_CONFLICT' })
    expect(log.get('/a')?.value).toBe('0')
    await log.close()
  })

  it('refuses a write on a stale revision and loses nothing', async () => {
    const log = await openRevisionLog(createReopen()())
    const first = await log.commit({ key: '/a', value: '1', expected: 0 })
    await log.commit({ key: '/a', value: '2', expected: first })
    await expect(log.commit({ key: '/a', value: '3', expected: first })).rejects.toMatchObject({ code: 'STORE_CONFLICT' })
    expect(log.get('/a')).toMatchObject({ value: '2', createRevision: 1 })
    await log.close()
  })
})

it('stops after a failed write instead of guessing', async () => {
  const log = await openRevisionLog({ ...createMemoryDriver(), append: () => Promise.reject(new Error('disk full')) })
  await expect(log.commit({ key: '/a', value: '1' })).rejects.toMatchObject({ code: 'STORE_FAILED' })
  await expect(log.commit({ key: '/b', value: '1' })).rejects.toMatchObject({ code: 'STORE_FAILED' })
  expect(log.list('/')).toEqual([])
})
