import { type ByteChannel, type ExtensionAnswer, type ExtensionCall, virtualMachine } from '@weir/api'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { createByteQueue } from '../machine/byte-queue.ts'
import { aMachine } from '../simulation/objects.fixture.ts'
import { EngineWorld } from '../simulation/world.fixture.ts'
import { createSubresources } from './subresources.ts'

let world: EngineWorld
beforeEach(async () => {
  world = await EngineWorld.create({ hosts: 2, cpuCount: 2, memoryBytes: 8 * 2 ** 30 })
  await world.client.create(virtualMachine, aMachine({ name: 'vm' }))
  await world.settle()
})
afterEach(() => world.close())

async function* parts(...texts: readonly string[]): AsyncGenerator<Uint8Array> {
  for (const text of texts) yield Buffer.from(text)
}
const call = (path: string, more: Partial<ExtensionCall> = {}): Promise<ExtensionAnswer> => {
  const [resource = '', subresource = ''] = path.split('/')
  return createSubresources(() => ({ client: world.client, machines: world.machines })).handle({
    method: 'PUT',
    resource,
    subresource,
    namespace: 'default',
    name: 'vm',
    tail: '',
    user: 'admin',
    query: new Map(),
    headers: {},
    body: parts(),
    signal: new AbortController().signal,
    ...more,
  })
}
/** A client at the other end of a WebSocket; `heard` is what it was sent so far. */
function aChannel() {
  const { promise: closed, resolve } = Promise.withResolvers<void>()
  const said = createByteQueue(1 << 16, () => {})
  let text = ''
  const channel: ByteChannel = {
    protocol: 'plain.kubevirt.io',
    incoming: said.incoming,
    send: async (bytes) => void (text += Buffer.from(bytes).toString('latin1')),
    close: () => {
      said.end()
      resolve()
    },
  }
  return { channel, say: (words: string) => said.push(Buffer.from(words)), closed, heard: () => text }
}
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

it('does a verb for a PUT, with a body in parts or none', async () => {
  expect(await call('virtualmachines/stop', { body: parts('{"grace', 'Period":0}') })).toEqual({
    kind: 'Json',
    code: 202,
    body: {},
  })
  const { spec } = await world.client.get(virtualMachine, { namespace: 'default', name: 'vm' })
  expect(spec.runStrategy).toBe('Halted')
})

it('refuses other methods, and bodies that are no JSON or too long', async () => {
  await expect(call('virtualmachines/stop', { method: 'POST' })).rejects.toMatchObject({ code: 'API_BAD_REQUEST' })
  await expect(call('virtualmachines/stop', { body: parts('{') })).rejects.toMatchObject({ code: 'API_BAD_REQUEST' })
  await expect(call('virtualmachines/stop', { body: parts('x'.repeat(70_000)) })).rejects.toThrow('too long')
  await expect(call('virtualmachines/start', { name: 'none' })).rejects.toMatchObject({ code: 'API_NOT_FOUND' })
})

it.each([
  ['console', 'console of vm\r\n'],
  ['vnc', 'RFB 003.008\n'],
])('joins a WebSocket to the %s of the guest, both ways, until the client goes', async (name, greeting) => {
  const answer = await call(`virtualmachineinstances/${name}`, { method: 'GET' })
  if (answer.kind !== 'Channel') throw new Error('no conversation')
  expect(answer.protocols).toEqual(['plain.kubevirt.io'])
  const { channel, say, closed, heard } = aChannel()
  const running = answer.run(channel)
  say('hello')
  for (let round = 0; round < 20; round++) await turn()
  expect(heard()).toBe(`${greeting}hello`)
  channel.close()
  await Promise.all([running, closed])
})

it('has no conversation with a guest that does not run', async () => {
  for (const { id } of world.processes.alive()) world.processes.crash(id)
  for (const name of ['console', 'vnc'])
    await expect(call(`virtualmachineinstances/${name}`, { method: 'GET' })).rejects.toMatchObject({ code: 'MACHINE_STATE' })
})
