import {
  dataVolume,
  persistentVolumeClaim,
  type RunStrategy,
  type VirtualMachine,
  virtualMachine,
  type VirtualMachineInstance,
  virtualMachineInstance,
} from '@weir/api'
import { isWeirError } from '@weir/base'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { aClaim, aMachine, type MachineWish } from '../simulation/objects.fixture.ts'
import { EngineWorld } from '../simulation/world.fixture.ts'

let world: EngineWorld
beforeEach(async () => {
  world = await EngineWorld.create({ hosts: 1, cpuCount: 2, memoryBytes: 8 * 2 ** 30 })
})
afterEach(() => world.close())

const key = { namespace: 'default', name: 'vm' }
const create = (wish: Partial<MachineWish> = {}): Promise<VirtualMachine> =>
  world.client.create(virtualMachine, aMachine({ name: 'vm', ...wish }))
const machine = (): Promise<VirtualMachine> => world.client.get(virtualMachine, key)
const word = async (): Promise<string | undefined> => (await machine()).status?.printableStatus
const instance = (): Promise<VirtualMachineInstance | undefined> =>
  world.client.get(virtualMachineInstance, key).catch((error: unknown) => {
    if (isWeirError(error, 'API_NOT_FOUND')) return undefined
    throw error
  })
const setStrategy = (runStrategy: RunStrategy) =>
  world.client.patch(virtualMachine, key, { type: 'merge', body: { spec: { runStrategy } } })
const uid = async (): Promise<string> => (await instance())?.metadata.uid ?? 'none'
const conditionOf = async (type: string) => (await machine()).status?.conditions?.find((each) => each.type === type)

describe('run strategies', () => {
  it.each<[RunStrategy, string, string, string]>([
    ['Always', 'Running', 'Running', 'Running'],
    ['RerunOnFailure', 'Running', 'Stopped', 'Running'],
    ['Once', 'Running', 'Stopped', 'Stopped'],
    ['Manual', 'Stopped', 'Stopped', 'Stopped'],
    ['Halted', 'Stopped', 'Stopped', 'Stopped'],
  ])(
    '%s: at first %s; when the guest powers off %s; when QEMU dies %s',
    async (runStrategy, first, afterShutdown, afterCrash) => {
      for (const [end, expected] of [
        ['shutDown', afterShutdown],
        ['crash', afterCrash],
      ] as const) {
        await create({ runStrategy, disks: [{ kind: 'http', name: 'root' }] })
        expect(await world.settle()).toBe(true)
        expect(await word()).toBe(first)
        const before = await uid()
        if (first === 'Running') world.processes[end](before)
        expect(await world.settle()).toBe(true)
        expect(await word()).toBe(expected)
        expect(world.processes.alive()).toHaveLength(expected === 'Running' ? 1 : 0)
        if (expected === 'Running') expect(await uid()).not.toBe(before)
        await world.client.delete(virtualMachine, key)
        await world.settle()
      }
    },
  )

  it.each([0, 1, 2].flatMap((requests) => [true, false].map((isLost) => ({ requests, isLost }))))(
    'RerunOnFailure runs again though the engine died over the failure, at %j',
    async (moment) => {
      await create({ runStrategy: 'RerunOnFailure' })
      await world.settle()
      const failed = await uid()
      world.processes.crash(failed)
      await world.workUntil(async () => (await instance())?.status?.phase === 'Failed')
      // Each of its first looks at the failed machine is the one that dies; the others do their work in between.
      for (let look = 0; look < 4; look++) {
        for (const kind of world.loop.kinds()) await world.loop.sync(kind)
        const [own] = world.loop.pending().filter(({ controller }) => controller.name === 'virtualmachine')
        if (own !== undefined) await world.crashDuring(own, moment)
        await world.run(...world.loop.pending().filter(({ controller }) => controller.name !== 'virtualmachine'))
      }
      expect(await world.settle()).toBe(true)
      expect([await word(), (await uid()) === failed]).toEqual(['Running', false])
    },
  )

  it('change while the machine runs: only Halted ends it', async () => {
    await create()
    await world.settle()
    const before = await uid()
    for (const strategy of ['Manual', 'Once', 'RerunOnFailure', 'Always'] as const) {
      await setStrategy(strategy)
      await world.settle()
      expect([await uid(), (await machine()).status?.runStrategy]).toEqual([before, strategy])
    }
    await setStrategy('Halted')
    await world.settle()
    expect([await instance(), await word(), world.processes.traces()]).toEqual([undefined, 'Stopped', []])
  })

  it('spec.running is the older way to say it', async () => {
    await create({ running: true })
    await world.settle()
    expect(await word()).toBe('Running')
    await world.client.patch(virtualMachine, key, { type: 'merge', body: { spec: { running: false } } })
    await world.settle()
    expect(await word()).toBe('Stopped')
  })
})

describe('a start', () => {
  it('waits for the disks of the machine, which it makes', async () => {
    await create({ disks: [{ kind: 'http', name: 'root' }] })
    await world.work(8)
    expect([await word(), await instance(), world.imports()]).toEqual(['Provisioning', undefined, ['http://vm/root']])
    await world.finishImport(0)
    await world.work(10)
    expect(await word()).toBe('Running')
    expect((await world.list(dataVolume))[0]?.metadata.ownerReferences).toMatchObject([{ kind: 'VirtualMachine', name: 'vm' }])
  })

  it('says which claim it misses, and goes on when it comes', async () => {
    await create({ disks: [{ kind: 'claim', name: 'data', claim: 'data' }] })
    await world.settle()
    expect([await word(), await instance()]).toEqual(['ErrorPvcNotFound', undefined])
    expect(await conditionOf('Failure')).toMatchObject({
      status: 'True',
      reason: 'FailedPvcNotFound',
      message: expect.stringContaining("'data'"),
    })
    await world.client.create(persistentVolumeClaim, aClaim('data'))
    await world.settle()
    expect([await word(), await conditionOf('Failure')]).toEqual(['Running', undefined])
  })

  it('says what the API has against a disk that it asks for, and goes on when that is mended', async () => {
    const wish = aMachine({ name: 'vm', disks: [{ kind: 'blank', name: 'root' }] })
    const wrong = JSON.parse(JSON.stringify(wish).replaceAll('vm-root', 'VM_root')) as VirtualMachine
    await world.client.create(virtualMachine, wrong)
    expect(await world.settle()).toBe(true)
    expect(await word()).toBe('Provisioning')
    expect(await conditionOf('Failure')).toMatchObject({
      status: 'True',
      reason: 'FailedCreate',
      message: expect.stringContaining('VM_root'),
    })
    await world.client.patch(virtualMachine, key, { type: 'merge', body: { spec: wish.spec } })
    await world.settle()
    expect([await word(), await conditionOf('Failure')]).toEqual(['Running', undefined])
  })

  it('does not take an instance that somebody else made', async () => {
    const { spec } = aMachine({ name: 'vm' })
    await world.client.create(virtualMachineInstance, {
      apiVersion: 'kubevirt.io/v1',
      kind: 'VirtualMachineInstance',
      metadata: { name: 'vm', namespace: 'default' },
      spec: spec.template.spec,
    })
    await world.settle()
    const theirs = await uid()
    await create()
    await world.settle()
    expect(await conditionOf('Failure')).toMatchObject({ reason: 'FailedCreate' })
    expect(world.processes.alive().map(({ id }) => id)).toEqual([theirs])
    await world.client.delete(virtualMachineInstance, key)
    await world.settle()
    expect([await word(), (await uid()) === theirs, await conditionOf('Failure')]).toEqual(['Running', false, undefined])
  })

  it('of a machine whose instance was deleted by hand happens again', async () => {
    await create()
    await world.settle()
    const before = await uid()
    await world.client.delete(virtualMachineInstance, key)
    await world.settle()
    expect(await word()).toBe('Running')
    expect(await uid()).not.toBe(before)
  })
})

it('leaves a disk alone whose DataVolume is gone and whose claim is there', async () => {
  await create({ disks: [{ kind: 'blank', name: 'root' }] })
  await world.settle()
  const images = world.disk.ids()
  await world.client.delete(dataVolume, { namespace: 'default', name: 'vm-root' }, { propagationPolicy: 'Orphan' })
  await world.settle()
  world.processes.shutDown(await uid())
  await world.settle()
  expect([await word(), await world.list(dataVolume), world.disk.ids()]).toEqual(['Running', [], images])
})

it('makes an instance again that went before anybody saw it', async () => {
  await create()
  await world.workUntil(async () => (await instance()) !== undefined)
  await world.client.delete(virtualMachineInstance, key)
  expect(await instance()).toBeUndefined()
  await world.settle()
  expect(await word()).toBe('Running')
})

describe('a machine that cannot start', () => {
  it('is tried again, later each time, and says so', async () => {
    await create({ disks: [{ kind: 'blank', name: 'root' }] })
    await world.settle()
    const root = (await world.list(persistentVolumeClaim))[0]?.metadata.uid ?? ''
    // Somebody else has opened the disk for writing: QEMU refuses to.
    world.lockDisk(root)
    world.processes.crash(await uid())
    await world.work(16)
    const counts: number[] = []
    for (let round = 0; round < 4; round++) {
      const { consecutiveFailCount = 0, retryAfterTimestamp = '' } = (await machine()).status?.startFailure ?? {}
      expect(await word()).toBe('CrashLoopBackOff')
      expect(await instance()).toBeUndefined()
      counts.push(consecutiveFailCount)
      await world.advance(Math.max(1000, Date.parse(retryAfterTimestamp) - world.clock.now()))
      await world.work(16)
    }
    expect(counts).toEqual([1, 2, 3, 4])
    world.unlockDisk(root)
    expect(await world.settle()).toBe(true)
    expect([await word(), (await machine()).status?.startFailure]).toEqual(['Running', undefined])
  })
})

describe('deletion', () => {
  it('ends the guest, then takes instance, disks and images along', async () => {
    await create({
      disks: [
        { kind: 'blank', name: 'root' },
        { kind: 'scratch', name: 'tmp' },
      ],
    })
    await world.settle()
    expect(world.disk.ids()).toHaveLength(2)
    await world.client.delete(virtualMachine, key)
    await world.work(1)
    expect(await word()).toBe('Terminating')
    await world.settle()
    const kinds = [virtualMachine, virtualMachineInstance, dataVolume, persistentVolumeClaim]
    expect(await Promise.all(kinds.map((kind) => world.list(kind as typeof virtualMachine)))).toEqual([[], [], [], []])
    expect([world.processes.traces(), world.disk.ids()]).toEqual([[], []])
  })

  it('that orphans leaves the instance running', async () => {
    await create()
    await world.settle()
    const before = await uid()
    await world.client.delete(virtualMachine, key, { propagationPolicy: 'Orphan' })
    // The controller comes before the garbage collector, which takes the owner out of the instance.
    await world.loop.sync(virtualMachine)
    await world.run(...world.loop.pending())
    await world.settle()
    expect(await world.list(virtualMachine)).toEqual([])
    expect(world.processes.alive().map(({ id }) => id)).toEqual([before])
    expect((await instance())?.metadata.ownerReferences ?? []).toEqual([])
  })

  it('does not touch the instance of somebody else', async () => {
    await create({ runStrategy: 'Halted' })
    await world.settle()
    const { spec } = aMachine({ name: 'vm' })
    const theirs = { apiVersion: 'kubevirt.io/v1', kind: 'VirtualMachineInstance', metadata: key, spec: spec.template.spec }
    await world.client.create(virtualMachineInstance, theirs)
    await world.settle()
    await world.client.delete(virtualMachine, key)
    await world.settle()
    expect([(await world.list(virtualMachine)).length, world.processes.alive().length]).toEqual([0, 1])
  })
})
