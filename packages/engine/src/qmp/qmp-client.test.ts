import { mkdtempSync, rmSync } from 'node:fs'
import { createServer, type Server, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { isWeirError } from '@weir/base'
import { afterEach, beforeEach, expect, it } from 'vitest'

import { connectQmp, type QmpEvent } from './qmp-client.ts'

let directory = ''
let server: Server | undefined
const never = new AbortController().signal

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'qmp-'))
})
afterEach(() => {
  server?.close()
  rmSync(directory, { recursive: true })
})

/** A fake QEMU that answers each command line with what `answer` returns. */
async function fakeQemu(answer: (line: { execute: string; id: string }, socket: Socket) => unknown): Promise<string> {
  const path = join(directory, 's')
  const { promise, resolve } = Promise.withResolvers<void>()
  server = createServer((socket) => {
    socket.write('{"QMP": {"version": {}, "capabilities": []}}\r\n')
    socket.on('error', () => {})
    socket.on('data', (chunk) => {
      for (const line of chunk.toString().trim().split('\n')) {
        const command = JSON.parse(line) as { execute: string; id: string }
        const reply = command.execute === 'qmp_capabilities' ? { return: {}, id: command.id } : answer(command, socket)
        if (reply !== undefined) socket.write(`${JSON.stringify(reply)}\r\n`)
      }
    })
  }).listen(path, resolve)
  await promise
  return path
}

const codeOf = async (promise: Promise<unknown>): Promise<string> =>
  promise.then(
    () => 'resolved',
    (error: unknown) => (isWeirError(error) ? error.code : String(error)),
  )

it('matches overlapping answers by id, whatever their order', async () => {
  const held: { execute: string; id: string }[] = []
  const path = await fakeQemu((command, socket) => {
    held.push(command)
    if (held.length === 2) for (const each of held.toReversed()) socket.write(`{"return":"${each.execute}","id":"${each.id}"}\n`)
  })
  const client = await connectQmp({ path, onEvent: () => {} }, never)
  expect(await Promise.all([client.execute('one'), client.execute('two')])).toEqual(['one', 'two'])
  client.close()
})

it('hands events on in order, also those cut in the middle', async () => {
  const events: QmpEvent[] = []
  const path = await fakeQemu((command, socket) => {
    socket.write('{"event":"STOP","timestamp":{}}\n{"event":"SHUTD')
    setImmediate(() => socket.write(`OWN","data":{"guest":true}}\n{"return":{},"id":"${command.id}"}\n`))
  })
  const client = await connectQmp({ path, onEvent: (event) => events.push(event) }, never)
  await client.execute('x')
  expect(events).toEqual([
    { event: 'STOP', data: {} },
    { event: 'SHUTDOWN', data: { guest: true } },
  ])
  client.close()
})

it("rejects with QEMU's reason and goes on", async () => {
  const path = await fakeQemu(({ execute, id }) =>
    execute === 'bad' ? { error: { class: 'GenericError', desc: 'no such thing' }, id } : { return: 1, id },
  )
  const client = await connectQmp({ path, onEvent: () => {} }, never)
  await expect(client.execute('bad')).rejects.toThrow('QEMU refused: no such thing')
  expect(await client.execute('good')).toBe(1)
  client.close()
})

it('rejects what is open when QEMU goes away, and says that it is closed', async () => {
  const path = await fakeQemu((_command, socket) => void socket.destroy())
  const client = await connectQmp({ path, onEvent: () => {} }, never)
  expect(await codeOf(client.execute('query-status'))).toBe('MACHINE_UNRESPONSIVE')
  await client.closed
  expect(await codeOf(client.execute('query-status'))).toBe('MACHINE_UNRESPONSIVE')
})

it('gives up on a command and on a greeting that never come', async () => {
  const path = await fakeQemu(() => undefined)
  const client = await connectQmp({ path, onEvent: () => {} }, never)
  expect(await codeOf(client.execute('slow', {}, 20))).toBe('MACHINE_UNRESPONSIVE')
  client.close()
  const mute = join(directory, 'mute')
  const muteServer = createServer((socket) => socket.on('error', () => {})).listen(mute)
  expect(await codeOf(connectQmp({ path: mute, onEvent: () => {}, timeoutMillis: 20 }, never))).toBe('MACHINE_UNRESPONSIVE')
  const abort = new AbortController()
  const pending = codeOf(connectQmp({ path: mute, onEvent: () => {} }, abort.signal))
  abort.abort()
  expect(await pending).toBe('MACHINE_UNRESPONSIVE')
  muteServer.close()
})

it('refuses a peer that does not speak QMP, and a socket that is not there', async () => {
  const path = join(directory, 'x')
  const other = createServer((socket) => void socket.on('error', () => {}).write('RFB 003.008\n')).listen(path)
  expect(await codeOf(connectQmp({ path, onEvent: () => {} }, never))).toBe('MACHINE_UNRESPONSIVE')
  expect(await codeOf(connectQmp({ path: join(directory, 'none'), onEvent: () => {} }, never))).toBe('MACHINE_UNRESPONSIVE')
  other.close()
})
