import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { WeirError } from '@weir/base'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createMemoryDriver, createSqliteDriver, type Event, type Memory, openRevisionLog } from './index.ts'
import { describeRevisionLog } from './revision-log.contract.ts'

let directory: string
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'weir-store-'))
})
afterEach(() => {
  rmSync(directory, { recursive: true })
})

describe('memory', () => {
  describeRevisionLog(() => {
    const memory: Memory = { changes: [], compacted: 0 }
    return () => createMemoryDriver(memory)
  })
})

describe('sqlite', () => {
  let files = 0
  describeRevisionLog(() => {
    const file = join(directory, `log-${files++}.db`)
    return () => createSqliteDriver(file)
  })
  it('keeps its file from others', async () => {
    const file = join(directory, 'log.db')
    await (await openRevisionLog(createSqliteDriver(file))).close()
    expect(statSync(file).mode & 0o777).toBe(0o600)
  })
})

it('ends a process whose log was closed, and waits for no log that was not', () => {
  const index = new URL('index.ts', import.meta.url).href
  const script = (last: string): string => `import { createSqliteDriver, openRevisionLog } from '${index}'
    const log = await openRevisionLog(createSqliteDriver('${join(directory, 'process.db')}'))
    await Promise.all(Array.from({ length: 20 }, (_, i) => log.commit({ key: '/k' + i, value: 'x' })))
    ${last}`
  const run = (last: string) => {
    const file = join(directory, 'process.ts')
    writeFileSync(file, script(last))
    const { status, stdout } = spawnSync(process.execPath, [file], { encoding: 'utf8', timeout: 20_000 })
    return [status, stdout.trim()]
  }
  expect(run('await log.close(); console.log("closed")')).toEqual([0, 'closed'])
  expect(run('console.log("left open")')).toEqual([0, 'left open'])
})

it('writes nothing after a failed batch, so that the file has no gap', async () => {
  // A revision that is there already makes SQLite refuse the batch, as a full disk would.
  const spoiled = createSqliteDriver(join(directory, 'spoiled.db'))
  await spoiled.load()
  await spoiled.append([{ revision: 1, key: '/a', value: '1' }])
  const runs = [spoiled.append([{ revision: 1, key: '/a', value: '2' }])]
  await Promise.resolve().then(() => Promise.resolve())
  runs.push(spoiled.append([{ revision: 2, key: '/a', value: '3' }]))
  expect((await Promise.allSettled(runs)).map(({ status }) => status)).toEqual(['rejected', 'rejected'])
  await expect(spoiled.append([{ revision: 3, key: '/a', value: '4' }])).rejects.toThrow('UNIQUE')
  await spoiled.close()
  const again = await openRevisionLog(createSqliteDriver(join(directory, 'spoiled.db')))
  expect([again.head(), again.get('/a')?.value]).toEqual([1, '1'])
  await again.close()
})

it('acknowledges nothing that was written after a failure, and shows none of it', async () => {
  let calls = 0
  const driver = createMemoryDriver()
  const log = await openRevisionLog({
    ...driver,
    append: (batch) => (++calls === 2 ? Promise.reject(new Error('disk full')) : driver.append(batch)),
  })
  const seen: Event[] = []
  log.watch('/', 0, (events) => seen.push(...events))
  const runs = await Promise.allSettled(['/a', '/b', '/c'].map((key) => log.commit({ key, value: '1' })))
  expect(runs.slice(1).map((run) => run.status === 'rejected' && (run.reason as WeirError).code)).toEqual([
    'STORE_FAILED',
    'STORE_FAILED',
  ])
  expect(seen.filter(({ revision }) => revision > 1)).toEqual([])
  expect(log.get('/c')).toBeUndefined()
  await expect(log.compact(1)).rejects.toMatchObject({ code: 'STORE_FAILED' })
})

it('stops after a failed write instead of guessing', async () => {
  const log = await openRevisionLog({ ...createMemoryDriver(), append: () => Promise.reject(new Error('disk full')) })
  await expect(log.commit({ key: '/a', value: '1' })).rejects.toMatchObject({ code: 'STORE_FAILED' })
  await expect(log.commit({ key: '/b', value: '1' })).rejects.toMatchObject({ code: 'STORE_FAILED' })
  expect(log.list({ prefix: '/' }).entries).toEqual([])
  expect(log.failure()).toMatchObject({ code: 'STORE_FAILED', cause: { message: 'disk full' } })
})
