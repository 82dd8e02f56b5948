import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { forgetThisProcess, recordedProcess, recordThisProcess, signalProcess, waitForEnd } from './process-record.ts'

const file = (): string => join(mkdtempSync(join(tmpdir(), 'weir-record-')), 'weir.pid')

it('finds the process it recorded, readable by its owner alone', () => {
  const path = file()
  recordThisProcess(path)
  expect(recordedProcess(path)?.pid).toBe(process.pid)
  expect(statSync(path).mode & 0o777).toBe(0o600)
  forgetThisProcess(path)
  expect(recordedProcess(path)).toBeUndefined()
})

it('does not take another process with the same number for it', () => {
  const path = file()
  recordThisProcess(path)
  const record = JSON.parse(readFileSync(path, 'utf8')) as { startTicks: number }
  writeFileSync(path, JSON.stringify({ ...record, startTicks: record.startTicks + 1 }))
  expect(recordedProcess(path)).toBeUndefined()
  expect(signalProcess({ pid: process.pid, startTicks: record.startTicks + 1 }, 'SIGKILL')).toBe(false)
})

it.each(['', '{', 'null', '{"pid":-1}'])('reads %j as no process', (content) => {
  const path = file()
  writeFileSync(path, content)
  expect(recordedProcess(path)).toBeUndefined()
})

it('signals a process and sees it end', async () => {
  const path = file()
  const child = spawn('sleep', ['60'], { stdio: 'ignore' })
  const ticks = Number(
    readFileSync(`/proc/${child.pid}/stat`, 'latin1')
      .replace(/^.*\) /su, '')
      .split(' ')[19],
  )
  writeFileSync(path, JSON.stringify({ pid: child.pid, startTicks: ticks }))
  const record = recordedProcess(path)
  if (record === undefined) throw new Error('the child runs')
  expect(signalProcess(record, 'SIGTERM')).toBe(true)
  expect(await waitForEnd(record, 5000)).toBe(true)
})
