import { node, virtualMachine, virtualMachineInstance } from '@weir/api'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { safetyBreaches } from '../simulation/laws.fixture.ts'
import { aMachine } from '../simulation/objects.fixture.ts'
import { EngineWorld } from '../simulation/world.fixture.ts'

let world: EngineWorld
/** Two hosts with room for one machine of 2 GiB each. */
beforeEach(async () => {
  world = await EngineWorld.create({ hosts: 2, cpuCount: 2, memoryBytes: 6 * 2 ** 30 })
})
afterEach(() => world.close())

const create = (name: string, memory = '2Gi') => world.client.create(virtualMachine, aMachine({ name, memory }))
const hostOf = async (name: string): Promise<string | undefined> =>
  (await world.client.get(virtualMachineInstance, { namespace: 'default', name })).status?.nodeName
const hosts = (...names: readonly string[]) => Promise.all(names.map(hostOf))
const conditionOf = async (name: string) =>
  (await world.client.get(virtualMachineInstance, { namespace: 'default', name })).status?.conditions?.find(
    ({ type }) => type === 'PodScheduled',
  )
const cordon = (name: string, unschedulable: boolean) =>
  world.client.patch(node, { name }, { type: 'merge', body: { spec: { unschedulable } } })

it('fills one host after the other, and says why nothing is left', async () => {
  for (const name of ['a', 'b', 'c']) await create(name)
  await world.settle()
  const placed = await hosts('a', 'b', 'c')
  expect(placed.filter((each) => each !== undefined).toSorted()).toEqual(['host', 'host-2'])
  const refused = ['a', 'b', 'c'].find((_, at) => placed[at] === undefined) ?? ''
  expect(await conditionOf(refused)).toMatchObject({
    status: 'False',
    reason: 'Unschedulable',
    message: '0/2 nodes are available: 2 Insufficient memory.',
  })
  expect((await world.client.get(virtualMachine, { namespace: 'default', name: refused })).status?.printableStatus).toBe(
    'ErrorUnschedulable',
  )
})

it('does not give the last room twice, however many ask at once', async () => {
  for (const name of ['a', 'b', 'c', 'd']) await create(name)
  await world.work(4)
  for (const kind of world.loop.kinds()) await world.loop.sync(kind)
  // All decisions before any of them is seen.
  for (const job of world.loop.pending().filter(({ controller }) => controller.name === 'placement')) await world.run(job)
  const placed = (await world.list(virtualMachineInstance)).flatMap(({ status }) => status?.nodeName ?? [])
  expect(placed.toSorted()).toEqual(['host', 'host-2'])
  expect(await safetyBreaches(world)).toEqual([])
})

it('places what waited when room becomes free', async () => {
  for (const name of ['a', 'b']) await create(name)
  await world.settle()
  await create('c')
  await world.settle()
  expect(await hostOf('c')).toBeUndefined()
  await world.client.delete(virtualMachine, { namespace: 'default', name: 'a' })
  await world.work(12)
  expect(await hostOf('c')).toBeDefined()
})

it('gives no host to what is being deleted', async () => {
  for (const name of ['a', 'b']) await create(name)
  await world.settle()
  const key = { namespace: 'default', name: 'c' }
  const { spec } = aMachine({ name: 'c', memory: '2Gi' })
  await world.client.create(virtualMachineInstance, {
    apiVersion: 'kubevirt.io/v1',
    kind: 'VirtualMachineInstance',
    metadata: { ...key, finalizers: ['example.com/held'] },
    spec: spec.template.spec,
  })
  await world.work(4)
  await world.client.delete(virtualMachineInstance, key)
  await world.client.delete(virtualMachine, { namespace: 'default', name: 'a' })
  await world.settle()
  expect(await hosts('c')).toEqual([undefined])
})

it('places what waited when a host is uncordoned', async () => {
  for (const name of ['host', 'host-2']) await cordon(name, true)
  await world.work(2)
  await create('a')
  await world.settle()
  expect((await conditionOf('a'))?.message).toBe('0/2 nodes are available: 2 node(s) were unschedulable.')
  await cordon('host-2', false)
  await world.work(8)
  expect(await hostOf('a')).toBe('host-2')
})

it('keeps to the node selector', async () => {
  const machine = aMachine({ name: 'a' })
  const spec = { ...machine.spec.template.spec, nodeSelector: { 'kubernetes.io/hostname': 'host-2' } }
  await world.client.create(virtualMachine, { ...machine, spec: { ...machine.spec, template: { spec } } })
  await world.settle()
  expect(await hostOf('a')).toBe('host-2')
})

it('puts nothing on a host that is not heard', async () => {
  world.silent.add('host')
  await world.advance(45_000)
  await world.work(3)
  await world.advance(45_000)
  await world.work(3)
  await create('a')
  await world.work(12)
  expect(await hostOf('a')).toBe('host-2')
  await create('b')
  await world.work(12)
  expect((await conditionOf('b'))?.message).toBe('0/2 nodes are available: 1 node(s) were not ready, 1 Insufficient memory.')
  world.silent.clear()
  await world.advance(1000)
  await world.work(12)
  expect(await hostOf('b')).toBe('host')
})

it('counts a tenth of a core for a virtual CPU, as KubeVirt does, and what a machine asks for if it says so', async () => {
  const machine = (name: string, cpu: object) => {
    const wish = aMachine({ name, memory: '64Mi' })
    const { spec } = wish.spec.template
    return { ...wish, spec: { ...wish.spec, template: { spec: { ...spec, domain: { ...spec.domain, ...cpu } } } } }
  }
  // A host has one core: ten virtual CPUs.
  await world.client.create(virtualMachine, machine('a', { cpu: { cores: 10 } }))
  await world.settle()
  await world.client.create(virtualMachine, machine('b', { cpu: { cores: 1 } }))
  await world.settle()
  await world.client.create(virtualMachine, machine('c', { cpu: { cores: 1 }, resources: { requests: { cpu: '901m' } } }))
  await world.settle()
  expect(await hosts('a', 'b', 'c')).toEqual(['host', 'host-2', undefined])
  expect((await conditionOf('c'))?.message).toBe('0/2 nodes are available: 2 Insufficient cpu.')
})
