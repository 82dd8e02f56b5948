import { chmodSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createSqliteDriver } from './sqlite-driver.ts'
import { openSqliteFile } from './sqlite-file.ts'
import { createSqliteWriter } from './sqlite-writer.ts'

let directory: string
let path: string
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'weir-file-'))
  path = join(directory, 'log.db')
})
afterEach(() => {
  rmSync(directory, { recursive: true, force: true })
})

const change = (revision: number, value?: string) => ({ revision, key: '/k', ...(value === undefined ? {} : { value }) })
const kept = () => {
  const file = openSqliteFile(path)
  const found = file.load()
  file.close()
  return found
}

describe('the file', () => {
  it('keeps changes in order of revision, texts of any kind, deletions as such', () => {
    const file = openSqliteFile(path)
    const changes = [change(1, ''), change(2, 'ü\u0000堰\u{1f600}'), change(3), change(4, 'x'.repeat(3_000_000))]
    file.append(changes.slice(2))
    file.append(changes.slice(0, 2))
    file.close()
    expect(kept()).toEqual({ changes, compacted: 0 })
  })

  it('keeps all of a batch or nothing of it', () => {
    const file = openSqliteFile(path)
    file.append([change(1, 'a')])
    expect(() => file.append([change(2, 'b'), change(1, 'again')])).toThrow('UNIQUE')
    expect(() => file.forget([1], Number.NaN)).toThrow('NOT NULL')
    file.append([change(3, 'c')])
    file.close()
    expect(kept()).toEqual({ changes: [change(1, 'a'), change(3, 'c')], compacted: 0 })
  })

  it('forgets, and never remembers less forgotten', () => {
    const file = openSqliteFile(path)
    file.append([change(1, 'a'), change(2, 'b')])
    file.forget([1], 2)
    file.forget([], 1)
    file.close()
    expect(kept()).toEqual({ changes: [change(2, 'b')], compacted: 2 })
  })

  it('is for its owner alone, whatever it was before, and for one process at a time', () => {
    writeFileSync(path, '')
    chmodSync(path, 0o644)
    const file = openSqliteFile(path)
    file.append([change(1, 'a')])
    for (const name of ['', '-wal']) expect(statSync(`${path}${name}`).mode & 0o777).toBe(0o600)
    expect(() => openSqliteFile(path)).toThrow('locked')
    file.close()
  })

  it('says so when the place holds something else', () => {
    writeFileSync(path, 'a text, and no database at all, but long enough to have a header of its own'.repeat(10))
    expect(() => openSqliteFile(path)).toThrow('not a database')
    expect(() => openSqliteFile(join(directory, 'none', 'log.db'))).toThrow('ENOENT')
  })
})

it('writes nothing after a failure, and closes', () => {
  const perform = createSqliteWriter(path)
  perform({ kind: 'Append', batch: [change(1, 'a')] })
  expect(() => perform({ kind: 'Append', batch: [change(1, 'b')] })).toThrow('UNIQUE')
  expect(() => perform({ kind: 'Append', batch: [change(2, 'c')] })).toThrow('UNIQUE')
  expect(() => perform({ kind: 'Forget', revisions: [1], compacted: 1 })).toThrow('UNIQUE')
  perform({ kind: 'Close' })
  expect(kept()).toEqual({ changes: [change(1, 'a')], compacted: 0 })
})

describe('the driver', () => {
  it('fails each write when its thread could not open the file, and closes', async () => {
    const driver = createSqliteDriver(path)
    await driver.load()
    rmSync(directory, { recursive: true })
    await expect(driver.append([change(1, 'a')])).rejects.toThrow('ENOENT')
    await expect(driver.append([change(2, 'b')])).rejects.toThrow('ENOENT')
    await expect(driver.forget([1], 1)).rejects.toThrow('ENOENT')
    await driver.close()
  })

  it('refuses what it is asked before it is open and after it is closed', async () => {
    const driver = createSqliteDriver(path)
    await expect(driver.append([change(1, 'a')])).rejects.toThrow('is not open')
    await driver.load()
    await driver.append([change(1, 'a')])
    await driver.close()
    await driver.close()
    await expect(driver.append([change(2, 'b')])).rejects.toThrow('is not open')
    expect(kept()).toEqual({ changes: [change(1, 'a')], compacted: 0 })
  })
})
