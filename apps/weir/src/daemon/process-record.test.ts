import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import {
  forgetThisProcess,
  type ProcessRecord,
  recordedProcess,
  recordThisProcess,
  signalProcess,
  waitForEnd,
  wasKilled,
} from './process-record.ts'

let path = ''
beforeEach(() => {
  path = join(mkdtempSync(join(tmpdir(), 'weir-record-')), 'weir.pid')
})
afterEach(() => rmSync(join(path, '..'), { recursive: true }))

const ownRecord = (): ProcessRecord => {
  recordThisProcess(path, 'running')
  return JSON.parse(readFileSync(path, 'utf8')) as ProcessRecord
}

it('finds the process it recorded with its state, readable by its owner alone', () => {
  recordThisProcess(path, 'starting')
  expect(recordedProcess(path)).toMatchObject({ pid: process.pid, state: 'starting' })
  recordThisProcess(path, 'running')
  expect(recordedProcess(path)).toMatchObject({ pid: process.pid, state: 'running' })
  expect(statSync(path).mode & 0o777).toBe(0o600)
  expect(wasKilled(path)).toBe(false)
  forgetThisProcess(path)
  expect([recordedProcess(path), wasKilled(path)]).toEqual([undefined, false])
})

it.each([
  ['of another start time', (record: ProcessRecord) => ({ ...record, startTicks: record.startTicks + 1 })],
  ['of another boot', (record: ProcessRecord) => ({ ...record, bootId: '00000000-0000-0000-0000-000000000000' })],
])('does not take a process %s with the same number for it', (_, change) => {
  const other = change(ownRecord())
  writeFileSync(path, JSON.stringify(other))
  expect([recordedProcess(path), wasKilled(path)]).toEqual([undefined, true])
  expect(signalProcess(other, 'SIGKILL')).toBe(false)
  forgetThisProcess(path)
  expect(wasKilled(path)).toBe(true)
})

it.each(['', '{', 'null', '{"pid":-1}', '7', '"x"'])('reads %j as no process', (content) => {
  writeFileSync(path, content)
  expect(recordedProcess(path)).toBeUndefined()
})

it('signals a process and sees it end', async () => {
  const child = spawn('sleep', ['60'], { stdio: 'ignore' })
  const ticks = Number(
    readFileSync(`/proc/${child.pid}/stat`, 'latin1')
      .replace(/^.*\) /su, '')
      .split(' ')[19],
  )
  writeFileSync(path, JSON.stringify({ ...ownRecord(), pid: child.pid, startTicks: ticks }))
  const record = recordedProcess(path)
  if (record === undefined) throw new Error('the child runs')
  expect(signalProcess(record, 'SIGTERM')).toBe(true)
  expect(await waitForEnd(record, 5000)).toBe(true)
  expect(wasKilled(path)).toBe(true)
})
