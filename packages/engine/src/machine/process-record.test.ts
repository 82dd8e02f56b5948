import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'

import { systemClock } from '@weir/base'
import { expect, it } from 'vitest'

import {
  isProcessAlive,
  parseProcessRecord,
  type ProcessRecord,
  recordScript,
  signalProcess,
  waitUntilGone,
} from './process-record.ts'

/** The record of this process, as the shell would have written it. */
const own = (): ProcessRecord => {
  const text = `${readFileSync('/proc/self/stat', 'utf8').trim()}\n${readFileSync('/proc/sys/kernel/random/boot_id', 'utf8')}`
  const record = parseProcessRecord(text)
  if (record === undefined) throw new Error(text)
  return record
}

it('is written by the shell about itself and stays true after exec', async () => {
  const child = spawn('/bin/sh', ['-c', `${recordScript}; exec sleep 600`], { stdio: ['ignore', 'ignore', 'inherit', 'pipe'] })
  let text = ''
  for await (const chunk of child.stdio[3] as AsyncIterable<Buffer>) text += chunk.toString()
  const record = parseProcessRecord(text)
  expect(record?.pid).toBe(child.pid)
  if (record === undefined) return
  expect(isProcessAlive(record)).toBe(true)
  signalProcess(record, 'SIGKILL')
  expect(await waitUntilGone(record, 10_000, systemClock)).toBe(true)
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit')
})

it('never takes a later process of the same number, or of another boot, for its own', () => {
  expect(isProcessAlive(own())).toBe(true)
  for (const other of [{ startTicks: '1' }, { bootId: '00000000-0000-0000-0000-000000000000' }]) {
    expect(isProcessAlive({ ...own(), ...other })).toBe(false)
    signalProcess({ ...own(), ...other }, 'SIGKILL')
  }
})

it('reads a command name with spaces and parentheses, and no half record', () => {
  const stat = `12 (a) b (c) S ${Array.from({ length: 18 }, (_, index) => index).join(' ')} 777 0`
  const boot = execFileSync('cat', ['/proc/sys/kernel/random/boot_id'], { encoding: 'utf8' })
  expect(parseProcessRecord(`${stat}\n${boot}`)).toMatchObject({ pid: 12, startTicks: '777' })
  for (const half of ['', stat, `${stat}\n`, `${stat}\n${boot.slice(0, 10)}`, `${stat}\n${boot.trim()}`])
    expect(parseProcessRecord(half)).toBeUndefined()
})
