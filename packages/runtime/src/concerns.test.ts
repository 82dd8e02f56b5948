import { type Node, node } from '@weir/api'
import { silentLogger } from '@weir/base'
import { createTestClock, eventually, startTestApi } from '@weir/testkit'
import { expect, it } from 'vitest'
import { defineConcern } from './controller.ts'
import { createEventRecorder } from './events.ts'
import { createManager } from './manager.ts'
import { createObjectWriter } from './object-writer.ts'

const aNode = (name: string, zone: string): Node => ({ apiVersion: 'v1', kind: 'Node', metadata: { name, labels: { zone } } })

it('wakes a controller for its own objects, once more for one that ceases to be, and for no other', async () => {
  const api = await startTestApi()
  const stopping = new AbortController()
  const seen = { a: new Set<string>(), b: new Set<string>() }
  const manager = createManager({
    client: api.client,
    clock: createTestClock(),
    random: () => 0.5,
    logger: silentLogger,
    controllers: ({ cacheOf }) =>
      (['a', 'b'] as const).map((zone) => ({
        name: zone,
        kind: node,
        concerns: defineConcern(node, ({ metadata }) => metadata.labels?.['zone'] === zone),
        watches: [],
        reconcile: async ({ name }) => {
          seen[zone].add(`${name} in ${cacheOf(node).get({ name })?.metadata.labels?.['zone'] ?? 'none'}`)
          return { kind: 'Wait' }
        },
      })),
  })
  const running = manager.run(stopping.signal)
  await api.client.create(node, aNode('one', 'a'))
  await api.client.create(node, aNode('two', 'b'))
  await eventually(() => seen.a.has('one in a') && seen.b.has('two in b'))
  await api.client.patch(node, { name: 'one' }, { type: 'merge', body: { metadata: { labels: { zone: 'b' } } } })
  await eventually(() => seen.a.has('one in b') && seen.b.has('one in b'))
  await api.client.delete(node, { name: 'two' })
  await eventually(() => seen.b.has('two in none'))
  expect(seen).toEqual({ a: new Set(['one in a', 'one in b']), b: new Set(['two in b', 'one in b', 'two in none']) })
  stopping.abort()
  await running
  await api.close()
})

it('stops a reconciler whose object went before it had its finalizer', async () => {
  const api = await startTestApi()
  const writer = createObjectWriter({ client: api.client, clock: createTestClock(), kind: node, finalizer: 'weir.dev/x' })
  const created = await api.client.create(node, aNode('one', 'a'))
  expect(await writer.ensureFinalizer(created)).toBe(true)
  const finalized = await api.client.get(node, { name: 'one' })
  expect(await writer.ensureFinalizer(finalized)).toBe(false)
  await writer.removeFinalizer(finalized)
  await api.client.delete(node, { name: 'one' })
  expect(await writer.ensureFinalizer(created)).toBe(true)
  await api.close()
})

it('tells from which host an event was reported', async () => {
  const api = await startTestApi()
  const clock = createTestClock()
  const created = await api.client.create(node, aNode('one', 'a'))
  for (const host of ['one', 'two']) {
    const recorder = createEventRecorder({ client: api.client, clock, logger: silentLogger, component: 'agent', host })
    recorder.record(created, { type: 'Normal', reason: 'Here', message: 'I am here' })
    await recorder.flush()
  }
  const list = (await api.client.raw('GET', '/api/v1/events')) as { readonly items: readonly { readonly source: object }[] }
  expect(list.items.map(({ source }) => source)).toEqual(
    expect.arrayContaining([
      { component: 'agent', host: 'one' },
      { component: 'agent', host: 'two' },
    ]),
  )
  await api.close()
})
