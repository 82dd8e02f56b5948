import { type Event, event, type KubernetesObject, node, secret } from '@weir/api'
import { type Logger, silentLogger } from '@weir/base'
import { createClient, type Transport } from '@weir/client'
import { createFaultyTransport, createTestClock, type Fault, startTestApi, type TestApi, type TestClock } from '@weir/testkit'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createEventRecorder, type EventNote } from './index.ts'

let clock: TestClock
let api: TestApi
beforeEach(async () => {
  clock = createTestClock(Date.UTC(2026, 0, 1))
  api = await startTestApi({ clock })
})
afterEach(async () => api.close())

const aSecret = (name: string, namespace = 'default'): KubernetesObject => ({
  apiVersion: 'v1',
  kind: 'Secret',
  metadata: { name, namespace, uid: `uid-${name}`, resourceVersion: '7' },
})
const stalled: EventNote = { type: 'Warning', reason: 'DiskCopyStalled', message: 'No byte came for 60 s.' }
const recorder = (transport: Transport = api.transport, logger: Logger = silentLogger) =>
  createEventRecorder({ client: createClient(transport), clock, logger, component: 'tests' })
const written = async (): Promise<readonly Event[]> => (await api.client.list(event)).items
/** The faults in turn, then none. */
const faulty = (...faults: Fault[]): Transport => createFaultyTransport(api.transport, () => faults.shift() ?? 'pass')

describe('createEventRecorder', () => {
  it('writes who, what, when and by whom', async () => {
    const events = recorder()
    events.record(aSecret('a'), stalled)
    await events.flush()
    expect(await written()).toMatchObject([
      {
        metadata: { namespace: 'default' },
        involvedObject: { apiVersion: 'v1', kind: 'Secret', namespace: 'default', name: 'a', uid: 'uid-a', resourceVersion: '7' },
        ...stalled,
        count: 1,
        firstTimestamp: '2026-01-01T00:00:00Z',
        lastTimestamp: '2026-01-01T00:00:00Z',
        source: { component: 'tests' },
        reportingComponent: 'tests',
      },
    ])
  })

  it('counts repeats in one event, those of before a restart too', async () => {
    const events = recorder()
    events.record(aSecret('a'), stalled)
    events.record(aSecret('a'), stalled)
    await clock.advance(5000)
    await events.flush()
    events.record(aSecret('a'), stalled)
    await events.flush()
    await clock.advance(60_000)
    const restarted = recorder()
    restarted.record(aSecret('a'), stalled)
    await restarted.flush()
    expect(await written()).toMatchObject([
      { count: 4, firstTimestamp: '2026-01-01T00:00:00Z', lastTimestamp: '2026-01-01T00:01:05Z' },
    ])
  })

  it('counts other objects, reasons and messages by themselves', async () => {
    const events = recorder()
    events.record(aSecret('a'), stalled)
    events.record(aSecret('b'), stalled)
    events.record(aSecret('a', 'kube-system'), stalled)
    events.record(aSecret('a'), { ...stalled, reason: 'DiskCopied' })
    events.record(aSecret('a'), { ...stalled, message: 'No byte came for 70 s.' })
    await events.flush()
    expect((await written()).map(({ count }) => count)).toEqual([1, 1, 1, 1, 1])
  })

  it('puts events of the cluster into the namespace default', async () => {
    const events = recorder()
    const made = await api.client.create(node, { apiVersion: 'v1', kind: 'Node', metadata: { name: 'n1' } })
    events.record(made, stalled)
    await events.flush()
    const [found] = await written()
    expect(found).toMatchObject({ metadata: { namespace: 'default' }, involvedObject: { kind: 'Node', name: 'n1' } })
    expect(found?.involvedObject).not.toHaveProperty('namespace')
  })

  it('finds a valid name for an event of any object, and cuts what is too long', async () => {
    const events = recorder()
    events.record(aSecret(`${'a'.repeat(199)}.${'b'.repeat(50)}`), { ...stalled, message: 'm'.repeat(5000) })
    await events.flush()
    const [found] = await written()
    expect([found?.metadata.name.length, found?.message?.length]).toEqual([199 + 17, 1024])
  })

  it('lasts as long as it is repeated, and an hour', async () => {
    const events = recorder()
    events.record(aSecret('a'), stalled)
    await events.flush()
    await clock.advance(3_000_000)
    events.record(aSecret('a'), stalled)
    await events.flush()
    await clock.advance(3_000_000)
    await api.server.housekeeping.sweep()
    expect(await written()).toMatchObject([{ count: 2 }])
    await clock.advance(601_000)
    await api.server.housekeeping.sweep()
    expect(await written()).toEqual([])
    events.record(aSecret('a'), stalled)
    await events.flush()
    expect(await written()).toMatchObject([{ count: 1 }])
  })

  it('does not let one object flood the store', async () => {
    const events = recorder()
    for (let time = 0; time < 100; time++) events.record(aSecret('a'), { ...stalled, message: `time ${time}` })
    events.record(aSecret('b'), stalled)
    await events.flush()
    expect(await written()).toHaveLength(26)
  })
})

describe('a recorder that meets trouble', () => {
  it('tries again when another writer was first, and counts what both saw', async () => {
    const [a, b] = [recorder(), recorder()]
    a.record(aSecret('a'), stalled)
    await a.flush()
    a.record(aSecret('a'), stalled)
    b.record(aSecret('a'), stalled)
    await Promise.all([a.flush(), b.flush()])
    expect(await written()).toMatchObject([{ count: 3 }])
  })

  it.each<[string, Fault[]]>([
    ['a busy server', ['busy']],
    ['a lost line', ['unreachable']],
    ['conflicts without end', ['conflict', 'conflict', 'conflict']],
  ])('gives an event up on %s, says so, and goes on', async (_name, faults) => {
    const lines: unknown[] = []
    const events = recorder(faulty(...faults), {
      ...silentLogger,
      warn: (message, fields) => lines.push([message, fields?.['reason']]),
    })
    events.record(aSecret('lost'), stalled)
    events.record(aSecret('kept'), stalled)
    await events.flush()
    expect((await written()).map(({ involvedObject }) => involvedObject.name)).toEqual(['kept'])
    expect(lines).toEqual([['An event could not be written', 'DiskCopyStalled']])
  })

  it('gives up on a namespace that is gone', async () => {
    const events = recorder()
    events.record(aSecret('a', 'gone'), stalled)
    await events.flush()
    expect(await written()).toEqual([])
  })

  it('keeps so many in memory and no more while the server is silent', async () => {
    const open = Promise.withResolvers<void>()
    const slow: Transport = { request: async (request) => (await open.promise, await api.transport.request(request)) }
    let dropped = 0
    const events = recorder(slow, { ...silentLogger, warn: () => dropped++ })
    for (let number = 0; number < 1200; number++) events.record(aSecret(`s${number}`), stalled)
    events.record(aSecret('s5'), stalled)
    open.resolve()
    await events.flush()
    expect([dropped, (await written()).length]).toEqual([199, 1001])
    expect((await written()).find(({ involvedObject }) => involvedObject.name === 's5')?.count).toBe(2)
  })

  it('has nothing to flush at first', async () => {
    await expect(recorder().flush()).resolves.toBeUndefined()
    expect((await api.client.list(secret)).items).toEqual([])
  })
})
