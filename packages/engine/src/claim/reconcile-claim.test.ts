import { persistentVolume, persistentVolumeClaim, virtualMachine } from '@weir/api'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { aClaim, aMachine } from '../simulation/objects.fixture.ts'
import { EngineWorld } from '../simulation/world.fixture.ts'

let world: EngineWorld
beforeEach(async () => {
  world = await EngineWorld.create({ hosts: 1, cpuCount: 2, memoryBytes: 8 * 2 ** 30 })
})
afterEach(() => world.close())

const key = { namespace: 'default', name: 'data' }
const create = () => world.client.create(persistentVolumeClaim, aClaim('data'))
const read = () => world.client.get(persistentVolumeClaim, key)
const grow = (storage: string) =>
  world.client.patch(persistentVolumeClaim, key, { type: 'merge', body: { spec: { resources: { requests: { storage } } } } })

it('binds a claim to a volume of its own', async () => {
  const { uid } = (await create()).metadata
  await world.work(6)
  expect(await read()).toMatchObject({
    spec: { volumeName: `pvc-${uid}`, storageClassName: 'weir-local' },
    status: { phase: 'Bound', accessModes: ['ReadWriteOnce'], capacity: { storage: '1Mi' } },
  })
  expect(await world.list(persistentVolume)).toMatchObject([
    {
      metadata: { name: `pvc-${uid}` },
      spec: { claimRef: { namespace: 'default', name: 'data', uid }, capacity: { storage: '1Mi' } },
      status: { phase: 'Bound' },
    },
  ])
  expect(world.disk.ids()).toEqual([uid])
})

it('leaves claims of other classes alone', async () => {
  const claim = aClaim('data')
  await world.client.create(persistentVolumeClaim, { ...claim, spec: { ...claim.spec, storageClassName: 'ceph' } })
  await world.work(6)
  expect((await read()).status?.phase).toBeUndefined()
  expect([world.disk.ids(), await world.list(persistentVolume)]).toEqual([[], []])
})

it('deletes image and volume with the claim', async () => {
  await create()
  await world.work(6)
  await world.client.delete(persistentVolumeClaim, key)
  await world.work(6)
  expect([await world.list(persistentVolumeClaim), await world.list(persistentVolume), world.disk.ids()]).toEqual([[], [], []])
})

it('keeps the image of a deleted claim until the machine that names it is gone', async () => {
  await create()
  await world.client.create(virtualMachine, aMachine({ name: 'vm', disks: [{ kind: 'claim', name: 'data', claim: 'data' }] }))
  await world.work(12)
  await world.client.delete(persistentVolumeClaim, key)
  await world.settle()
  expect(world.processes.alive()).toHaveLength(1)
  expect(world.disk.ids()).toHaveLength(1)
  await world.client.delete(virtualMachine, { namespace: 'default', name: 'vm' })
  await world.settle()
  expect([await world.list(persistentVolumeClaim), world.disk.ids(), world.processes.traces()]).toEqual([[], [], []])
})

it('grows with its claim while no machine names it, and says how large it really is', async () => {
  await create()
  await world.work(6)
  await grow('2Mi')
  await world.work(6)
  expect((await read()).status?.capacity).toEqual({ storage: '2Mi' })
  await world.client.create(virtualMachine, aMachine({ name: 'vm', disks: [{ kind: 'claim', name: 'data', claim: 'data' }] }))
  await world.work(12)
  await grow('4Mi')
  await world.work(6)
  expect((await read()).status?.capacity).toEqual({ storage: '2Mi' })
  await world.client.delete(virtualMachine, { namespace: 'default', name: 'vm' })
  await world.settle()
  expect((await read()).status?.capacity).toEqual({ storage: '4Mi' })
})
