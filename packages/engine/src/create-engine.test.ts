import {
  cdiConfig,
  lease,
  node,
  storageClass,
  type VirtualMachine,
  virtualMachine,
  type VirtualMachineInstance,
  virtualMachineInstance,
} from '@weir/api'
import { silentLogger } from '@weir/base'
import { createTestClock, eventually, startTestApi, type TestApi, type TestClock } from '@weir/testkit'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { createEngine, type Engine } from './create-engine.ts'
import { createFakeProcessTable, type FakeProcessTable } from './machine/fake-machines.ts'
import { aMachine } from './simulation/objects.fixture.ts'
import { createFakeDisk, type FakeDisk } from './volume/fake-volumes.ts'

/** The engine as it is put together, over a real manager with its watches: what the simulated world leaves out. */
let api: TestApi
let clock: TestClock
let processes: FakeProcessTable
let disk: FakeDisk
let engine: Engine

const begin = async (hosts?: number): Promise<void> => {
  engine = createEngine({
    clock,
    logger: silentLogger,
    random: () => 0.5,
    volumes: disk.open(),
    machines: processes.open(),
    kvm: { usable: false, reason: 'a test.' },
    hosts,
    version: 'v1',
    resources: { cpuCount: 4, memoryBytes: 8 * 2 ** 30 },
    machineName: 'rack',
    importImage: async (volumes, { id, sizeBytes }) => void (await volumes.ensureBlank(id, sizeBytes)),
  })
  await engine.start(api.client, { uploadUrl: 'https://127.0.0.1:1' })
}
beforeEach(async () => {
  clock = createTestClock()
  api = await startTestApi({ clock })
  processes = createFakeProcessTable()
  disk = createFakeDisk()
})
afterEach(async () => {
  await engine.stop()
  await api.close()
})

const key = { namespace: 'default', name: 'vm' }
const machine = (): Promise<VirtualMachine> => api.client.get(virtualMachine, key)
const isCalled = (word: string) => eventually(async () => (await machine()).status?.printableStatus === word)
const instances = async (): Promise<readonly VirtualMachineInstance[]> => (await api.client.list(virtualMachineInstance)).items

it('has its hosts ready when it has started, each with a Lease of its own', async () => {
  await begin(3)
  const { items } = await api.client.list(node)
  expect(items.map(({ metadata }) => metadata.name).toSorted()).toEqual(['rack', 'rack-2', 'rack-3'])
  for (const { status } of items) expect(status?.conditions?.[0]).toMatchObject({ type: 'Ready', status: 'True' })
  const leases = await api.client.list(lease)
  expect(leases.items.map(({ spec }) => spec?.holderIdentity).toSorted()).toEqual(['rack', 'rack-2', 'rack-3'])
  expect(await api.client.get(storageClass, { name: 'weir-local' })).toMatchObject({ provisioner: 'local.weir.dev' })
  expect(await api.client.get(cdiConfig, { name: 'config' })).toMatchObject({ status: { uploadProxyURL: 'https://127.0.0.1:1' } })
  await engine.stop()
  await begin()
  expect((await api.client.list(node)).items).toHaveLength(3)
})

it('keeps the heart of every host beating', async () => {
  await begin(2)
  const renewals = async () => (await api.client.list(lease)).items.map(({ spec }) => spec?.renewTime)
  const before = await renewals()
  await clock.advance(10_000)
  await eventually(async () => (await renewals()).every((each, at) => each !== before[at]))
})

it('runs a machine from its disks to its end', async () => {
  await begin(2)
  await api.client.create(
    virtualMachine,
    aMachine({
      name: 'vm',
      disks: [
        { kind: 'http', name: 'root' },
        { kind: 'blank', name: 'data' },
        { kind: 'scratch', name: 'tmp' },
      ],
      ports: [22],
    }),
  )
  await isCalled('Running')
  expect(processes.alive()).toHaveLength(1)
  expect(disk.ids()).toHaveLength(3)
  await api.client.delete(virtualMachine, key)
  await eventually(async () => (await api.client.list(virtualMachine)).items.length === 0)
  expect([processes.traces(), await instances()]).toEqual([[], []])
  await eventually(async () => {
    await api.server.housekeeping.settle()
    return disk.ids().length === 0
  })
})

it('takes up its machines again after it stopped, and did not touch them', async () => {
  await begin(2)
  await api.client.create(virtualMachine, aMachine({ name: 'vm' }))
  await isCalled('Running')
  const before = processes.alive()
  await engine.stop()
  expect(processes.alive()).toEqual(before)
  processes.shutDown(before[0]?.id ?? '')
  await begin()
  await eventually(async () => {
    const [only] = await instances()
    return only !== undefined && only.metadata.uid !== before[0]?.id && only.status?.phase === 'Running'
  })
})

it('powers guests off at its end when it is asked to, paused ones too, and ends those that do not hear', async () => {
  processes = createFakeProcessTable({ obeys: ({ name }) => name !== 'deaf' })
  await begin(1)
  for (const name of ['vm', 'paused', 'deaf']) await api.client.create(virtualMachine, aMachine({ name, memory: '256Mi' }))
  await eventually(() => processes.alive().length === 3)
  const hand = processes.open()
  await hand.adopt()
  await hand.pause(processes.alive().find(({ name }) => name === 'paused')?.id ?? '')
  await engine.stop()
  const ending = engine.shutDownGuests(5000)
  const isDone = ending.then(() => true)
  for (let isOver = false; !isOver;) {
    await clock.advance(100)
    isOver = await Promise.race([isDone, new Promise<boolean>((resolve) => setImmediate(() => resolve(false)))])
  }
  expect(processes.alive()).toEqual([])
  expect(processes.kills().map(({ id }) => hand.state(id)?.phase)).toEqual(['Exited'])
  const deaf = (await instances()).find(({ metadata }) => metadata.name === 'deaf')
  expect(processes.kills().map(({ id }) => id)).toEqual([deaf?.metadata.uid])
})

it('starts nowhere if its hosts cannot be arranged', async () => {
  await begin(2)
  await api.client.create(virtualMachine, aMachine({ name: 'vm', memory: '2Gi' }))
  await isCalled('Running')
  await engine.stop()
  const [only] = await instances()
  await api.client.patch(virtualMachineInstance, key, {
    type: 'merge',
    subresource: 'status',
    body: { status: { nodeName: 'rack-2' } },
  })
  await api.client.patch(node, { name: 'rack' }, { type: 'merge', body: { spec: { unschedulable: true } } })
  await expect(begin(1)).rejects.toMatchObject({ code: 'UP_HOSTS_IN_USE' })
  expect(processes.alive().map(({ id }) => id)).toEqual([only?.metadata.uid])
})
