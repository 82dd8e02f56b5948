import { type DataVolume, dataVolume, persistentVolumeClaim, virtualMachine } from '@weir/api'
import { WeirError } from '@weir/base'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { aClaim, aDataVolume, aMachine } from '../simulation/objects.fixture.ts'
import { EngineWorld } from '../simulation/world.fixture.ts'

let world: EngineWorld
beforeEach(async () => {
  world = await EngineWorld.create({ hosts: 1, cpuCount: 2, memoryBytes: 8 * 2 ** 30 })
})
afterEach(() => world.close())

const make = (name: string, source: DataVolume['spec']['source']) => world.client.create(dataVolume, aDataVolume(name, source))
const volume = (name: string) => world.client.get(dataVolume, { namespace: 'default', name })
const claim = (name: string) => world.client.get(persistentVolumeClaim, { namespace: 'default', name })
const statusOf = async (name: string) => {
  const { phase, progress, restartCount } = (await volume(name)).status ?? {}
  return { phase, progress, restartCount }
}
const conditionsOf = async (name: string) =>
  Object.fromEntries(((await volume(name)).status?.conditions ?? []).map(({ type, status }) => [type, status]))
const http = { http: { url: 'http://images/root' } }
const lost = new WeirError('VOLUME_SOURCE_FAILED', 'the source went away')

describe('sources', () => {
  it('blank: an empty disk, at once', async () => {
    await make('disk', { blank: {} })
    await world.work(8)
    expect(await statusOf('disk')).toEqual({ phase: 'Succeeded', progress: '100.0%', restartCount: 0 })
    expect(await conditionsOf('disk')).toEqual({ Bound: 'True', Ready: 'True', Running: 'False' })
    expect(world.disk.ids()).toEqual([(await claim('disk')).metadata.uid])
  })

  it('http: a download, which is complete or not there', async () => {
    await make('disk', http)
    await world.work(8)
    expect(world.imports()).toEqual(['http://images/root'])
    expect(await statusOf('disk')).toMatchObject({ phase: 'ImportInProgress' })
    expect(await conditionsOf('disk')).toEqual({ Bound: 'True', Ready: 'False', Running: 'True' })
    expect(world.disk.ids()).toEqual([])
    await world.finishImport(0)
    await world.work(4)
    expect(await statusOf('disk')).toMatchObject({ phase: 'Succeeded', restartCount: 0 })
  })

  it('http: its progress is told', async () => {
    await make('disk', http)
    await world.work(8)
    world.reportProgress(0, 41.666)
    await world.work(2)
    expect(await statusOf('disk')).toMatchObject({ phase: 'ImportInProgress', progress: '41.67%' })
  })

  it('upload: waits for one', async () => {
    await make('disk', { upload: {} })
    await world.work(8)
    expect(await statusOf('disk')).toEqual({ phase: 'UploadReady', progress: 'N/A', restartCount: 0 })
    expect(await conditionsOf('disk')).toEqual({ Bound: 'True', Ready: 'False', Running: 'False' })
  })

  it('pvc: a clone, once nobody uses the source', async () => {
    await world.client.create(virtualMachine, aMachine({ name: 'vm', disks: [{ kind: 'blank', name: 'root' }] }))
    await world.settle()
    await make('copy', { pvc: { namespace: 'default', name: 'vm-root' } })
    await world.settle()
    expect(await statusOf('copy')).toMatchObject({ phase: 'CloneScheduled' })
    const machine = await world.client.get(virtualMachine, { namespace: 'default', name: 'vm' })
    await world.client.update(virtualMachine, { ...machine, spec: { ...machine.spec, runStrategy: 'Halted' } })
    await world.settle()
    expect(await statusOf('copy')).toMatchObject({ phase: 'Succeeded' })
  })

  it('pvc: waits for a claim that is not there yet', async () => {
    await make('copy', { pvc: { namespace: 'default', name: 'later' } })
    await world.work(8)
    expect((await volume('copy')).status?.conditions).toContainEqual(
      expect.objectContaining({ type: 'Ready', message: "there is no claim 'later' to clone" }),
    )
    await world.client.create(persistentVolumeClaim, aClaim('later'))
    await world.work(8)
    expect(await statusOf('copy')).toMatchObject({ phase: 'Succeeded' })
  })

  it.each([
    ['names no size', {}],
    ['asks for nothing', { storage: { resources: { requests: { storage: '0' } } } }],
  ])('a claim that %s is refused, and that is told', async (_, wanted) => {
    const { storage: _storage, ...spec } = aDataVolume('disk', { blank: {} }).spec
    await world.client.create(dataVolume, { ...aDataVolume('disk', { blank: {} }), spec: { ...spec, ...wanted } })
    await world.work(8)
    expect(await statusOf('disk')).toMatchObject({ phase: 'Pending' })
    expect((await volume('disk')).status?.conditions).toContainEqual(
      expect.objectContaining({
        type: 'Ready',
        message: expect.stringMatching(/^the claim is refused: .*(?:storage|resources)/u),
      }),
    )
  })

  it.each<[string, DataVolume['spec']['source'], string]>([
    [
      'of another namespace',
      { pvc: { namespace: 'other', name: 'x' } },
      '`spec.source.pvc.namespace` must be the namespace of the DataVolume',
    ],
    ['that nobody knows', {}, "`spec.source` must be one of 'upload', 'blank', 'http', 'pvc'"],
  ])('a source %s is refused for good', async (_, source, message) => {
    await make('disk', source)
    await world.work(8)
    expect(await statusOf('disk')).toMatchObject({ phase: 'Failed' })
    expect((await volume('disk')).status?.conditions).toContainEqual(expect.objectContaining({ type: 'Running', message }))
    await world.restart()
    await world.work(8)
    expect(await statusOf('disk')).toMatchObject({ phase: 'Failed' })
  })

  it('a claim of another storage class is somebody else’s to fill', async () => {
    const object = aDataVolume('disk', { blank: {} })
    await world.client.create(dataVolume, {
      ...object,
      spec: { ...object.spec, storage: { ...object.spec.storage, storageClassName: 'ceph' } },
    })
    await world.work(8)
    expect(await statusOf('disk')).toMatchObject({ phase: 'Pending' })
    expect(world.disk.ids()).toEqual([])
  })
})

describe('an import that does not go well', () => {
  it('is tried again after a while, and counted', async () => {
    await make('disk', http)
    await world.work(8)
    await world.finishImport(0, lost)
    await world.work(8)
    expect(await statusOf('disk')).toEqual({ phase: 'ImportScheduled', progress: 'N/A', restartCount: 0 })
    expect(world.imports()).toEqual([])
    await world.advance(9000)
    await world.work(8)
    expect(world.imports()).toEqual([])
    await world.advance(1000)
    await world.work(8)
    expect(world.imports()).toHaveLength(1)
    expect(await statusOf('disk')).toMatchObject({ phase: 'ImportInProgress', restartCount: 1 })
    await world.finishImport(0)
    await world.work(8)
    expect(await statusOf('disk')).toMatchObject({ phase: 'Succeeded', restartCount: 1 })
  })

  it('fails for good if another try would fail as well', async () => {
    await make('disk', http)
    await world.work(8)
    await world.finishImport(0, new WeirError('VOLUME_IMAGE_REFUSED', 'this is no image'))
    await world.work(8)
    expect(await statusOf('disk')).toMatchObject({ phase: 'Failed' })
    await world.restart()
    await world.settle()
    expect(await statusOf('disk')).toMatchObject({ phase: 'Failed' })
    expect(world.imports()).toEqual([])
  })

  it('begins again when the engine died in the middle', async () => {
    await make('disk', http)
    await world.work(8)
    await world.restart()
    expect(world.imports()).toEqual([])
    await world.work(8)
    expect(world.imports()).toHaveLength(1)
    expect(await statusOf('disk')).toMatchObject({ phase: 'ImportInProgress', restartCount: 1 })
    await world.finishImport(0)
    await world.work(8)
    expect(await statusOf('disk')).toMatchObject({ phase: 'Succeeded', restartCount: 1 })
  })
})

describe('deletion', () => {
  it('calls off an import, and leaves nothing', async () => {
    await make('disk', http)
    await world.work(8)
    await world.client.delete(dataVolume, { namespace: 'default', name: 'disk' })
    await world.settle()
    expect(await world.list(dataVolume)).toEqual([])
    expect(await world.list(persistentVolumeClaim)).toEqual([])
    expect(world.disk.ids()).toEqual([])
  })

  it('of the claim alone calls the import off and begins anew', async () => {
    await make('disk', http)
    await world.work(8)
    const before = (await claim('disk')).metadata.uid
    await world.client.delete(persistentVolumeClaim, { namespace: 'default', name: 'disk' })
    await world.settle()
    const after = (await claim('disk')).metadata.uid
    expect(after).not.toBe(before)
    expect(world.disk.ids()).toEqual([after])
    expect(await statusOf('disk')).toMatchObject({ phase: 'Succeeded' })
  })
})

it('does not take a claim that was there before', async () => {
  await world.client.create(persistentVolumeClaim, aClaim('disk'))
  await world.work(8)
  await make('disk', http)
  await world.settle()
  expect(await statusOf('disk')).toMatchObject({ phase: 'Pending' })
  expect((await volume('disk')).status?.conditions?.find(({ type }) => type === 'Bound')?.message).toContain(
    'belongs to somebody else',
  )
  expect(world.imports()).toEqual([])
})
