import { lease, node, virtualMachine, virtualMachineInstance } from '@weir/api'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { aMachine } from '../simulation/objects.fixture.ts'
import { EngineWorld } from '../simulation/world.fixture.ts'

let world: EngineWorld
beforeEach(async () => {
  world = await EngineWorld.create({ hosts: 2, cpuCount: 2, memoryBytes: 8 * 2 ** 30 })
  await world.work(4)
})
afterEach(() => world.close())

const ready = async (name: string) =>
  (await world.client.get(node, { name })).status?.conditions?.find(({ type }) => type === 'Ready')
/** Lets time pass in steps in which everybody works. */
async function pass(seconds: number): Promise<void> {
  for (let left = seconds; left > 0; left -= 5) {
    await world.advance(Math.min(5, left) * 1000)
    await world.work(3)
  }
}

it('takes a silent host for lost after forty seconds, not before, and no other', async () => {
  world.silent.add('host-2')
  await pass(35)
  expect([(await ready('host'))?.status, (await ready('host-2'))?.status]).toEqual(['True', 'True'])
  await pass(10)
  expect(await ready('host-2')).toMatchObject({
    status: 'Unknown',
    reason: 'NodeStatusUnknown',
    message: 'The node agent stopped posting node status.',
  })
  expect((await ready('host'))?.status).toBe('True')
  expect(world.events).toContainEqual({
    reason: 'NodeNotReady',
    message: 'Node host-2 status is now: NodeNotReady',
    name: 'host-2',
  })
})

it('believes the host as soon as it is heard again', async () => {
  world.silent.add('host-2')
  await pass(50)
  world.silent.clear()
  await pass(5)
  expect(await ready('host-2')).toMatchObject({ status: 'True', reason: 'NodeAgentReady' })
})

it('does not fight with an agent that can write but not renew its Lease', async () => {
  world.silent.add('host-2')
  await pass(50)
  const before = (await world.client.get(node, { name: 'host-2' })).metadata.resourceVersion
  world.loop.wakeAll()
  await pass(120)
  expect((await ready('host-2'))?.status).toBe('Unknown')
  expect((await world.client.get(node, { name: 'host-2' })).metadata.resourceVersion).toBe(before)
})

it('gives every host its time after a restart, whatever the clocks in the Leases say', async () => {
  await world.clock.advance(3_600_000)
  await world.restart()
  world.silent.add('host-2')
  await pass(35)
  expect((await ready('host-2'))?.status).toBe('True')
  await pass(10)
  expect((await ready('host-2'))?.status).toBe('Unknown')
})

it('takes a host whose clock is wrong for alive as long as its Lease changes', async () => {
  world.silent.add('host-2')
  for (let beat = 0; beat < 12; beat++) {
    const spec = { renewTime: new Date(Date.UTC(2001, 0, 1) + beat * 1000).toISOString() }
    await world.client.patch(lease, { namespace: 'kube-node-lease', name: 'host-2' }, { type: 'merge', body: { spec } })
    await pass(10)
    expect((await ready('host-2'))?.status).toBe('True')
  }
})

it('knows a Node of which nothing was ever heard', async () => {
  await world.client.create(node, { apiVersion: 'v1', kind: 'Node', metadata: { name: 'ghost' } })
  await pass(50)
  expect(await ready('ghost')).toMatchObject({ status: 'Unknown', reason: 'NodeStatusNeverUpdated' })
})

it('tells of the machines of a lost host that nothing is known; they stay where they are', async () => {
  for (const name of ['a', 'b']) await world.client.create(virtualMachine, aMachine({ name, memory: '3Gi' }))
  await world.settle()
  const places = async () => (await world.list(virtualMachineInstance)).map(({ status }) => [status?.nodeName, status?.phase])
  const before = await places()
  const lost = (await world.list(virtualMachineInstance)).find(({ status }) => status?.nodeName === 'host-2')?.metadata.name
  world.silent.add('host-2')
  await pass(60)
  const words = Object.fromEntries((await world.list(virtualMachine)).map(({ metadata, status }) => [metadata.name, status]))
  expect(words[lost ?? '']).toMatchObject({ printableStatus: 'Unknown', ready: false })
  expect(words[lost === 'a' ? 'b' : 'a']).toMatchObject({ printableStatus: 'Running', ready: true })
  expect([await places(), world.processes.alive().length]).toEqual([before, 2])
  world.silent.clear()
  await pass(10)
  expect((await world.list(virtualMachine)).map(({ status }) => status?.printableStatus)).toEqual(['Running', 'Running'])
})
