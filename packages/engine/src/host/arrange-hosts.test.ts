import { lease, node, virtualMachine, virtualMachineInstance } from '@weir/api'
import { array, assert, asyncProperty, integer } from 'fast-check'
import { afterEach, describe, expect, it } from 'vitest'
import { restBreaches, safetyBreaches } from '../simulation/laws.fixture.ts'
import { aMachine } from '../simulation/objects.fixture.ts'
import { EngineWorld } from '../simulation/world.fixture.ts'

let world: EngineWorld
afterEach(() => world.close())

const begin = async (hosts: number, gibibytes = 12): Promise<void> => {
  world = await EngineWorld.create({ hosts, cpuCount: 8, memoryBytes: gibibytes * 2 ** 30 })
}
const create = (name: string, memory: string) => world.client.create(virtualMachine, aMachine({ name, memory }))
const names = async () => (await world.list(node)).map(({ metadata }) => metadata.name)
const places = async () =>
  Object.fromEntries((await world.list(virtualMachineInstance)).map(({ metadata, status }) => [metadata.name, status?.nodeName]))
const processes = () => world.processes.alive().map(({ id }) => id)

describe('more hosts', () => {
  it('take their share of the machine; guests stay where they are, and where they are too much nothing is added', async () => {
    await begin(1)
    await create('big', '8Gi')
    await world.settle()
    const before = processes()
    await world.restart(3)
    await create('small', '1Gi')
    await world.settle()
    expect([await names(), await places()]).toEqual([['host', 'host-2', 'host-3'], { big: 'host', small: 'host-2' }])
    expect(processes().slice(0, 1)).toEqual(before)
    expect((await world.client.get(node, { name: 'host' })).status?.allocatable?.['memory']).toBe('3686Mi')
  })
})

describe('fewer hosts', () => {
  it('take over the guests of those that go, running and untouched', async () => {
    await begin(3)
    for (const name of ['a', 'b', 'c']) await create(name, '2Gi')
    await world.settle()
    expect(new Set(Object.values(await places()))).toEqual(new Set(['host', 'host-2', 'host-3']))
    const before = processes()
    await world.restart(1)
    expect([await names(), (await world.list(lease)).map(({ metadata }) => metadata.name)]).toEqual([['host'], ['host']])
    expect(await places()).toEqual({ a: 'host', b: 'host', c: 'host' })
    expect(await world.settle()).toBe(true)
    expect([processes(), world.processes.kills()]).toEqual([before, []])
    expect(await restBreaches(world)).toEqual([])
    await world.client.delete(virtualMachine, { namespace: 'default', name: 'c' })
    await world.settle()
    expect(processes()).toHaveLength(2)
  })

  it('are refused if the guests do not fit, and nothing is changed', async () => {
    await begin(2)
    for (const name of ['a', 'b']) await create(name, '4Gi')
    await world.settle()
    const machine = await world.client.get(node, { name: 'host' })
    await world.client.patch(node, { name: 'host' }, { type: 'merge', body: { spec: { unschedulable: true } } })
    const [before, guests] = [await places(), processes()]
    await expect(world.restart(1)).rejects.toMatchObject({
      code: 'UP_HOSTS_IN_USE',
      message:
        "with 1 host(s) there is no place for 'default/b' (0/1 nodes are available: 1 node(s) were unschedulable); start with the number of hosts of before and stop these machines, or choose more hosts",
    })
    expect([await places(), await names(), processes()]).toEqual([before, ['host', 'host-2'], guests])
    expect((await world.client.get(node, { name: 'host' })).status).toEqual(machine.status)
    await world.restart(2)
    expect(await world.settle()).toBe(true)
    expect(processes()).toEqual(guests)
  })

  it('are the business of a repeat if the first try was interrupted', async () => {
    await begin(3)
    for (const name of ['a', 'b', 'c']) await create(name, '2Gi')
    await world.settle()
    // One guest was moved already, and one Node is gone, whose guest was not.
    await world.client.patch(
      virtualMachineInstance,
      { namespace: 'default', name: 'b' },
      { type: 'merge', subresource: 'status', body: { status: { nodeName: 'host' } } },
    )
    await world.client.delete(node, { name: 'host-3' })
    await world.restart(1)
    expect([await names(), await places()]).toEqual([['host'], { a: 'host', b: 'host', c: 'host' }])
  })
})

it('keeps the number of hosts if none is asked for', async () => {
  await begin(3)
  await world.restart(undefined)
  expect(await names()).toHaveLength(3)
})

it('leaves Nodes of others alone', async () => {
  await begin(2)
  await world.client.create(node, { apiVersion: 'v1', kind: 'Node', metadata: { name: 'theirs' } })
  await world.restart(1)
  expect(await names()).toEqual(['host', 'theirs'])
})

it('never stops a guest nor crowds a host, whatever numbers of hosts follow each other', async () => {
  await assert(
    asyncProperty(
      array(integer({ min: 1, max: 5 }), { minLength: 1, maxLength: 4 }),
      array(integer({ min: 1, max: 5 }), { maxLength: 5 }),
      async (counts, gibibytes) => {
        await begin(counts[0] ?? 1)
        let count = counts[0] ?? 1
        for (const [index, memory] of gibibytes.entries()) await create(`vm-${index}`, `${memory}Gi`)
        await world.settle()
        for (const next of counts.slice(1)) {
          const guests = processes()
          try {
            await world.restart(next)
            count = next
          } catch (error) {
            expect(error).toMatchObject({ code: 'UP_HOSTS_IN_USE' })
            await world.restart(count)
          }
          expect(processes()).toEqual(guests)
          expect(await world.settle()).toBe(true)
          expect(processes()).toEqual(expect.arrayContaining(guests))
          expect(await names()).toHaveLength(count)
          const hosts = await names()
          for (const host of Object.values(await places())) if (host !== undefined) expect(hosts).toContain(host)
        }
        expect([world.processes.kills(), world.violations]).toEqual([[], []])
        if (counts.every((each) => each >= count)) expect(await safetyBreaches(world)).toEqual([])
        await world.close()
      },
    ),
    { numRuns: 25 },
  )
  await begin(1)
}, 120_000)
