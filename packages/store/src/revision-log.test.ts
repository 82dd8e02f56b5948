import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createMemoryDriver, createSqliteDriver, type Memory, openRevisionLog } from './index.ts'
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

it('stops after a failed write instead of guessing', async () => {
  const log = await openRevisionLog({ ...createMemoryDriver(), append: () => Promise.reject(new Error('disk full')) })
  await expect(log.commit({ key: '/a', value: '1' })).rejects.toMatchObject({ code: 'STORE_FAILED' })
  await expect(log.commit({ key: '/b', value: '1' })).rejects.toMatchObject({ code: 'STORE_FAILED' })
  expect(log.list({ prefix: '/' }).entries).toEqual([])
})
