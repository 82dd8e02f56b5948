import {
  persistentVolumeClaim,
  secret,
  type VirtualMachine,
  virtualMachine,
  type VirtualMachineInstance,
  virtualMachineInstance,
} from '@weir/api'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { aClaim, aMachine, type MachineWish } from '../simulation/objects.fixture.ts'
import { EngineWorld } from '../simulation/world.fixture.ts'

let world: EngineWorld
let isDeaf = false
beforeEach(async () => {
  isDeaf = false
  world = await EngineWorld.create({ hosts: 1, cpuCount: 2, memoryBytes: 8 * 2 ** 30, obeys: () => !isDeaf })
})
afterEach(() => world.close())

const key = { namespace: 'default', name: 'vm' }
const create = (wish: Partial<MachineWish> = {}): Promise<VirtualMachine> =>
  world.client.create(virtualMachine, aMachine({ name: 'vm', runStrategy: 'Once', ...wish }))
type Spec = VirtualMachineInstance['spec']
const createWith = (change: (spec: Spec) => Spec): Promise<VirtualMachine> => {
  const machine = aMachine({ name: 'vm' })
  return world.client.create(virtualMachine, {
    ...machine,
    spec: { ...machine.spec, template: { spec: change(machine.spec.template.spec) } },
  })
}
const instance = (): Promise<VirtualMachineInstance> => world.client.get(virtualMachineInstance, key)
const uid = async (): Promise<string> => (await instance()).metadata.uid ?? ''
const conditionsOf = ({ status }: VirtualMachineInstance) =>
  Object.fromEntries((status?.conditions ?? []).map(({ type, status: value, reason }) => [type, `${value}/${reason}`]))
const word = async () => (await world.client.get(virtualMachine, key)).status?.printableStatus

describe('an instance from birth to end', () => {
  it('is placed, started and watched, and says so in phases and conditions', async () => {
    await create()
    await world.settle()
    const { status, metadata } = await instance()
    expect(status).toMatchObject({
      phase: 'Running',
      nodeName: 'host',
      phaseTransitionTimestamps: [{ phase: 'Scheduled' }, { phase: 'Running' }],
      guestOSInfo: { name: 'Imaginary Linux' },
    })
    expect(metadata.finalizers).toEqual(['weir.dev/machine'])
    expect(conditionsOf(await instance())).toEqual({
      PodScheduled: 'True/Scheduled',
      Ready: 'True/GuestRunning',
      Synchronized: 'True/MachineRunning',
      Paused: 'False/NotPaused',
      AgentConnected: 'True/AgentConnected',
    })
  })

  it('is Paused by its disk, not by its user, where a disk failed, and runs again when it is unpaused', async () => {
    await create()
    await world.settle()
    world.processes.failDisk(await uid())
    await world.settle()
    expect(conditionsOf(await instance())).toMatchObject({ Paused: 'True/PausedIOError', Ready: 'False/GuestPaused' })
    expect(await word()).toBe('Paused')
    await world.machines.unpause(await uid())
    await world.settle()
    expect(conditionsOf(await instance())).toMatchObject({ Paused: 'False/NotPaused', Ready: 'True/GuestRunning' })
    await world.machines.pause(await uid())
    await world.settle()
    expect(conditionsOf(await instance())).toMatchObject({ Paused: 'True/PausedByUser' })
  })

  it('is Paused while its CPUs stand still', async () => {
    await create()
    await world.settle()
    await world.machines.pause(await uid())
    await world.work(6)
    expect(conditionsOf(await instance())).toMatchObject({ Paused: 'True/PausedByUser', Ready: 'False/GuestPaused' })
    expect([(await instance()).status?.phase, await word()]).toEqual(['Running', 'Paused'])
    await world.machines.unpause(await uid())
    await world.work(6)
    expect([conditionsOf(await instance())['Ready'], await word()]).toEqual(['True/GuestRunning', 'Running'])
  })

  it.each([
    ['shutDown', 'Succeeded', 'GuestShutdown'],
    ['crash', 'Failed', 'Crashed'],
  ] as const)('that ends by %s is %s, and its process is cleared away', async (end, phase, reason) => {
    await create()
    await world.settle()
    world.processes[end](await uid())
    await world.settle()
    expect((await instance()).status).toMatchObject({ phase, reason })
    expect(conditionsOf(await instance())).toMatchObject({ Ready: 'False/GuestNotRunning', Synchronized: `False/${reason}` })
    expect(world.processes.traces()).toEqual([])
  })

  it('that ran and of which nothing is left has failed; it is not started a second time', async () => {
    await create()
    await world.settle()
    world.processes.forget(await uid())
    await world.settle()
    expect((await instance()).status).toMatchObject({ phase: 'Failed', reason: 'MachineMissing' })
    expect(world.processes.alive()).toEqual([])
  })

  it('goes on as it was when the engine dies', async () => {
    await create()
    await world.settle()
    const before = [await uid(), world.processes.alive()]
    await world.restart()
    await world.settle()
    expect([await uid(), world.processes.alive()]).toEqual(before)
  })

  it('that ended while nobody watched is known to have ended', async () => {
    await create()
    await world.settle()
    const id = await uid()
    world.processes.shutDown(id)
    await world.restart()
    await world.settle()
    expect((await instance()).status).toMatchObject({ phase: 'Succeeded', reason: 'GuestShutdown' })
  })
})

describe('what a host cannot do', () => {
  it('a containerDisk is refused in a condition, and no host is chosen', async () => {
    await createWith((spec) => ({ ...spec, volumes: [{ name: 'root', containerDisk: { image: 'quay.io/x' } }] }))
    await world.settle()
    const { status } = await instance()
    const message =
      'no host can run it: `spec.volumes[0].containerDisk` is not supported on this host; use one of persistentVolumeClaim, dataVolume, cloudInitNoCloud, emptyDisk'
    expect(status?.conditions).toContainEqual(
      expect.objectContaining({ type: 'Synchronized', status: 'False', reason: 'InvalidSpec', message }),
    )
    expect([status?.nodeName, status?.phase, await word()]).toEqual([undefined, 'Scheduling', 'ErrorUnschedulable'])
    const machine = await world.client.get(virtualMachine, key)
    expect(machine.status?.conditions).toContainEqual(
      expect.objectContaining({ type: 'Synchronized', reason: 'InvalidSpec', message }),
    )
    expect(world.events).toContainEqual(expect.objectContaining({ reason: 'FailedScheduling', message }))
  })

  it('a disk that is not there is waited for', async () => {
    const volumes: Spec['volumes'] = [{ name: 'root', persistentVolumeClaim: { claimName: 'data' } }]
    const { spec } = aMachine({ name: 'vm' })
    const domain = { ...spec.template.spec.domain, devices: { disks: [{ name: 'root', disk: {} }] } }
    await world.client.create(virtualMachineInstance, {
      apiVersion: 'kubevirt.io/v1',
      kind: 'VirtualMachineInstance',
      metadata: key,
      spec: { domain, volumes },
    })
    await world.settle()
    expect((await instance()).status?.phase).toBe('Scheduled')
    expect(conditionsOf(await instance())).toMatchObject({
      Synchronized: 'False/FailedPvcNotFound',
      Ready: 'False/GuestNotRunning',
    })
    await world.client.create(persistentVolumeClaim, aClaim('data'))
    await world.settle()
    expect((await instance()).status?.phase).toBe('Running')
  })

  it('a QEMU that does not start is a failed life, in QEMU’s words', async () => {
    await create({ disks: [{ kind: 'blank', name: 'root' }] })
    await world.work(7)
    world.lockDisk((await world.list(persistentVolumeClaim))[0]?.metadata.uid ?? '')
    await world.settle()
    expect((await instance()).status?.phase).toBe('Failed')
    expect((await instance()).status?.conditions).toContainEqual(
      expect.objectContaining({ type: 'Synchronized', reason: 'StartFailed', message: expect.stringContaining('write') }),
    )
  })

  it('user data of a Secret is waited for, and not kept', async () => {
    await createWith((spec) => ({
      ...spec,
      volumes: [{ name: 'seed', cloudInitNoCloud: { secretRef: { name: 'seed' } } }],
      domain: { ...spec.domain, devices: { disks: [{ name: 'seed', disk: {} }] } },
    }))
    await world.work(12)
    expect((await instance()).status?.phase).toBe('Scheduled')
    await world.client.create(secret, {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { namespace: 'default', name: 'seed' },
      data: { userdata: Buffer.from('#cloud-config').toString('base64') },
    })
    await world.settle()
    expect(world.processes.alive()[0]?.noCloud).toMatchObject({ userData: '#cloud-config' })
  })
})

it('an API that is out of reach says nothing of a machine: its start is tried again', async () => {
  await world.client.create(secret, {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { namespace: 'default', name: 'seed' },
    data: { userdata: Buffer.from('#cloud-config').toString('base64') },
  })
  await createWith((spec) => ({ ...spec, volumes: [{ name: 'seed', cloudInitNoCloud: { secretRef: { name: 'seed' } } }] }))
  await world.workUntil(async () => {
    const [only] = await world.list(virtualMachineInstance)
    return only?.metadata.finalizers?.includes('weir.dev/machine') === true
  })
  for (const kind of world.loop.kinds()) await world.loop.sync(kind)
  const [start] = world.loop.pending().filter(({ controller }) => controller.name === 'machines/host')
  if (start === undefined) throw new Error('nothing is to be started')
  world.faults.push('unreachable')
  await world.run(start)
  expect([world.faults, world.processes.alive(), (await instance()).status?.phase]).toEqual([[], [], 'Scheduled'])
  await world.settle()
  expect((await instance()).status?.phase).toBe('Running')
})

describe('the end of an instance that is deleted', () => {
  const del = () => world.client.delete(virtualMachine, key)

  it('is asked of the guest first', async () => {
    await create()
    await world.settle()
    await del()
    await world.settle()
    expect([world.processes.kills(), world.processes.traces(), await world.list(virtualMachineInstance)]).toEqual([[], [], []])
  })

  it('is asked of a paused guest too', async () => {
    await create()
    await world.settle()
    await world.machines.pause(await uid())
    await del()
    await world.settle()
    expect([world.processes.kills(), world.processes.traces()]).toEqual([[], []])
  })

  it('is forced after the grace period, and not before', async () => {
    isDeaf = true
    await create({ graceSeconds: 60 })
    await world.settle()
    const id = await uid()
    await del()
    await world.work(4)
    await world.advance(59_000)
    await world.work(4)
    expect([world.processes.alive().length, world.processes.kills()]).toEqual([1, []])
    await world.advance(1000)
    await world.work(4)
    expect([world.processes.alive(), world.processes.kills()]).toEqual([[], [{ id, reason: 'Killed' }]])
    expect(world.violations).toEqual([])
  })

  it('is forced after 30 seconds where nothing is said', async () => {
    isDeaf = true
    await create()
    await world.settle()
    await del()
    await world.work(4)
    await world.advance(29_000)
    await world.work(4)
    expect(world.processes.alive()).toHaveLength(1)
    await world.advance(1000)
    await world.work(4)
    expect(world.processes.alive()).toEqual([])
  })

  it('is forced at once when the grace period is cut to nothing', async () => {
    isDeaf = true
    await create({ graceSeconds: 3600 })
    await world.settle()
    await del()
    await world.work(4)
    await world.client.patch(virtualMachineInstance, key, { type: 'merge', body: { spec: { terminationGracePeriodSeconds: 0 } } })
    await world.work(4)
    expect(world.processes.alive()).toEqual([])
  })

  it('goes on over the death of the engine, from the same beginning', async () => {
    isDeaf = true
    await create({ graceSeconds: 60 })
    await world.settle()
    await del()
    await world.work(4)
    await world.advance(40_000)
    await world.restart()
    await world.work(2)
    await world.advance(20_000)
    await world.work(4)
    expect([world.processes.alive(), world.violations]).toEqual([[], []])
  })
})

it('a guest is known by the same UUID, addresses and cloud-init instance in every life', async () => {
  const cloudInit = { name: 'seed', cloudInitNoCloud: { userData: '#cloud-config' } }
  const machine = aMachine({ name: 'vm', ports: [22] })
  const { template } = machine.spec
  const spec = { ...template.spec, volumes: [...(template.spec.volumes ?? []), cloudInit] }
  const { metadata } = await world.client.create(virtualMachine, { ...machine, spec: { ...machine.spec, template: { spec } } })
  await world.settle()
  const first = world.processes.alive()[0]
  world.processes.shutDown(await uid())
  await world.settle()
  const second = world.processes.alive()[0]
  const marks = (of: typeof first) => [of?.uuid, of?.nics.map(({ mac }) => mac), of?.noCloud]
  expect(second?.id).not.toBe(first?.id)
  expect(marks(second)).toEqual(marks(first))
  expect(first?.uuid).toBe(metadata.uid)
})

describe('what lives as long as the instance', () => {
  it('empty disks: each life has new ones', async () => {
    await create({ runStrategy: 'Always', disks: [{ kind: 'scratch', name: 'tmp' }] })
    await world.settle()
    const first = await uid()
    expect(world.disk.ids()).toEqual([`${first}-tmp`])
    world.processes.shutDown(first)
    await world.settle()
    expect(world.disk.ids()).toEqual([`${await uid()}-tmp`])
    expect(await uid()).not.toBe(first)
  })

  it('empty disks with names longer than an image may have do not share one', async () => {
    const name = 'a-name-of-which-only-the-last-letter-differs-from-the-other-'
    await create({
      disks: [
        { kind: 'scratch', name: `${name}a` },
        { kind: 'scratch', name: `${name}b` },
      ],
    })
    await world.settle()
    expect([world.disk.ids().length, world.processes.alive().length]).toEqual([2, 1])
    await world.client.delete(virtualMachine, key)
    await world.settle()
    expect(world.disk.ids()).toEqual([])
  })

  it('ports of the host: kept for life, and nobody else’s', async () => {
    await create({ ports: [22, 80] })
    await world.client.create(virtualMachine, aMachine({ name: 'other', ports: [22] }))
    await world.settle()
    const ports = async () =>
      (await world.list(virtualMachineInstance)).map(({ status }) =>
        status?.interfaces?.[0]?.ports?.map(({ hostPort }) => hostPort),
      )
    const before = await ports()
    expect(new Set(before.flat()).size).toBe(3)
    await world.restart()
    await world.settle()
    expect(await ports()).toEqual(before)
    const forwards = world.processes
      .alive()
      .flatMap(({ nics }) => nics.flatMap((nic) => nic.forwards.map(({ hostPort }) => hostPort)))
    expect(forwards.toSorted()).toEqual(before.flat().toSorted())
  })
})
