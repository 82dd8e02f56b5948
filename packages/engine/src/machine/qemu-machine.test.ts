import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer, type Server, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { silentLogger, systemClock } from '@weir/base'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { runFiles } from './argv.ts'
import { machinePaths } from './machine-files.ts'
import type { MachineState } from './machine.ts'
import { attachMachine, type QemuMachine } from './qemu-machine.ts'
import { parseProcessRecord } from './process-record.ts'

/** The control socket of a QEMU whose guest is in `status`; what is told goes to everybody who is connected. */
function controlSocket(path: string, status: string) {
  const sockets = new Set<Socket>()
  const say = (message: object): void => sockets.forEach((socket) => socket.write(`${JSON.stringify(message)}\n`))
  const server: Server = createServer((socket) => {
    sockets.add(socket)
    socket.on('error', () => {})
    socket.on('data', (chunk: Buffer) => {
      for (const line of chunk.toString().trim().split('\n')) {
        const { id, execute } = JSON.parse(line) as { readonly id: string; readonly execute: string }
        say({ id, return: execute === 'query-status' ? { status } : execute === 'query-chardev' ? [] : {} })
      }
    })
    say({ QMP: {} })
  })
  const close = (): Promise<void> =>
    new Promise((resolve) => {
      for (const socket of sockets) socket.destroy()
      server.close(() => resolve())
    })
  const listening = new Promise<void>((resolve) => server.listen(path, resolve))
  return { listening, say, close }
}

const id = 'guest-1'
let directory = ''
let machine: QemuMachine
let control: ReturnType<typeof controlSocket>
let onChange: () => void = () => {}

/** A machine whose process is this one, attached to a QEMU in `status`. */
async function attach(status: string): Promise<void> {
  const paths = machinePaths(directory, id)
  mkdirSync(paths.run, { recursive: true })
  control = controlSocket(join(paths.run, runFiles.qmp), status)
  await control.listening
  const text = `${readFileSync('/proc/self/stat', 'utf8').trimEnd()}\n${readFileSync('/proc/sys/kernel/random/boot_id', 'utf8')}`
  const process = parseProcessRecord(text)
  if (process === undefined) throw new Error('this process has no record')
  const seed = { id, paths, process, startedAt: '' }
  const deps = { clock: systemClock, logger: silentLogger, onChange: () => onChange() }
  machine = await attachMachine(seed, deps, new AbortController().signal)
}
/** The state after the next change that is told. */
const afterChange = (): Promise<MachineState> =>
  new Promise((resolve) => {
    onChange = () => resolve(machine.state())
  })

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'weir-qemu-machine-'))
})
afterEach(async () => {
  await machine.close()
  await control.close()
  rmSync(directory, { recursive: true })
})

it('tells a pause that a failing disk made from one that was asked for', async () => {
  await attach('running')
  expect(machine.state()).toMatchObject({ phase: 'Running', isStoppedByDisk: false })
  const failed = afterChange()
  control.say({ event: 'BLOCK_IO_ERROR', data: { device: '', 'node-name': 'disk0', action: 'stop', nospace: true } })
  control.say({ event: 'STOP' })
  expect(await failed).toMatchObject({ phase: 'Paused', isStoppedByDisk: true })
  const resumed = afterChange()
  control.say({ event: 'RESUME' })
  expect(await resumed).toMatchObject({ phase: 'Running', isStoppedByDisk: false })
  const asked = afterChange()
  control.say({ event: 'BLOCK_IO_ERROR', data: { device: '', 'node-name': 'disk0', action: 'report' } })
  control.say({ event: 'STOP' })
  expect(await asked).toMatchObject({ phase: 'Paused', isStoppedByDisk: false })
})

it.each([
  ['running', { phase: 'Running', isStoppedByDisk: false }],
  ['paused', { phase: 'Paused', isStoppedByDisk: false }],
  ['io-error', { phase: 'Paused', isStoppedByDisk: true }],
])('reads what happened while nobody listened: %s', async (status, expected) => {
  await attach(status)
  expect(machine.state()).toMatchObject(expected)
})
