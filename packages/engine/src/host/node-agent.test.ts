import { node, virtualMachine, virtualMachineInstance } from '@weir/api'
import { type LogFields, type Logger, WeirError } from '@weir/base'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createTestClock } from '@weir/testkit'
import { createFakeProcessTable } from '../machine/fake-machines.ts'
import { aMachine } from '../simulation/objects.fixture.ts'
import { EngineWorld } from '../simulation/world.fixture.ts'
import { createFakeDisk } from '../volume/fake-volumes.ts'
import { createNodeAgent } from './node-agent.ts'

let world: EngineWorld
beforeEach(async () => {
  world = await EngineWorld.create({ hosts: 3, cpuCount: 6, memoryBytes: 12 * 2 ** 30 })
})
afterEach(() => world.close())

const host = (name: string) => world.client.get(node, { name })

describe('the Node of a host', () => {
  it('is registered with its share, its labels and its conditions', async () => {
    const { metadata, status } = await host('host-2')
    expect(metadata.labels).toEqual({
      'kubernetes.io/hostname': 'host-2',
      'kubernetes.io/os': 'linux',
      'kubernetes.io/arch': 'amd64',
      'kubevirt.io/schedulable': 'true',
    })
    expect(status).toMatchObject({
      capacity: { cpu: '2', memory: '4Gi', pods: '110' },
      allocatable: { cpu: '2', memory: '3686Mi' },
    })
    expect(status?.conditions).toMatchObject([
      { type: 'Ready', status: 'True', reason: 'NodeAgentReady' },
      { type: 'KvmUsable', status: 'False', reason: 'ProbeFailed', message: 'Guests run in software emulation. a test.' },
    ])
  })

  it('comes back when it is deleted, and is set right when it is changed', async () => {
    await world.client.delete(node, { name: 'host-2' })
    await world.settle()
    expect((await host('host-2')).status?.conditions?.[0]).toMatchObject({ type: 'Ready', status: 'True' })
    await world.client.patch(
      node,
      { name: 'host-2' },
      { type: 'merge', body: { metadata: { labels: { 'kubernetes.io/os': 'beos', mine: 'kept' } } } },
    )
    await world.settle()
    expect((await host('host-2')).metadata.labels).toMatchObject({ 'kubernetes.io/os': 'linux', mine: 'kept' })
  })

  it('stays cordoned if somebody cordoned it', async () => {
    await world.client.patch(node, { name: 'host-2' }, { type: 'merge', body: { spec: { unschedulable: true } } })
    await world.restart()
    await world.settle()
    expect((await host('host-2')).spec?.unschedulable).toBe(true)
  })
})

describe('many agents', () => {
  it('each touch the instances of their own host alone, and say who they are', async () => {
    for (const name of ['a', 'b', 'c', 'd']) await world.client.create(virtualMachine, aMachine({ name, memory: '1536Mi' }))
    await world.settle()
    const instances = await world.list(virtualMachineInstance)
    expect(new Set(instances.map(({ status }) => status?.nodeName)).size).toBeGreaterThan(1)
    for (const { metadata } of instances) world.processes.shutDown(metadata.uid ?? '')
    await world.settle()
    await world.client.delete(virtualMachine, { namespace: 'default', name: 'a' })
    await world.settle()
    expect(world.violations).toEqual([])
    const started = world.events.filter(({ reason }) => reason === 'Started')
    expect(started.length).toBeGreaterThan(4)
    for (const { message, host: from } of started) expect(message).toBe(`VirtualMachineInstance started on ${from ?? ''}`)
  })

  it('are woken by the instances of their own host alone', async () => {
    for (const name of ['a', 'b']) await world.client.create(virtualMachine, aMachine({ name, memory: '2Gi' }))
    await world.settle()
    const [first] = await world.list(virtualMachineInstance)
    world.processes.shutDown(first?.metadata.uid ?? '')
    const woken = world.loop.pending().filter(({ controller }) => controller.name.startsWith('machines/'))
    expect(woken.map(({ controller }) => controller.name)).toEqual([`machines/${first?.status?.nodeName}`])
  })
})

it('names its host in every line of its log', async () => {
  const lines: (readonly [string, LogFields | undefined])[] = []
  const logger: Logger = {
    info: (message, fields) => void lines.push([message, fields]),
    warn: (message, fields) => void lines.push([message, fields]),
    error: (message, _, fields) => void lines.push([message, fields]),
  }
  const clock = createTestClock()
  const kvm = { usable: false, reason: '' }
  const share = { name: 'host-7', count: 1, resources: { cpuCount: 1, memoryBytes: 2 ** 30 }, kvm, version: '' }
  const refusing = () => Promise.reject(new WeirError('API_UNAVAILABLE', 'busy'))
  const client = { ...world.client, patch: refusing }
  const agent = createNodeAgent({
    client,
    clock,
    logger,
    share,
    machines: createFakeProcessTable().open(),
    volumes: createFakeDisk().open(),
  })
  const stopping = new AbortController()
  const beating = agent.heartbeat.run(stopping.signal)
  await clock.advance(10_000)
  await clock.advance(2000)
  stopping.abort()
  await beating
  expect(lines.length).toBeGreaterThan(0)
  for (const line of lines) expect(line).toEqual(['A heartbeat failed', { host: 'host-7' }])
})
