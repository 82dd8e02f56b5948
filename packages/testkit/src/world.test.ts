import { configMap } from '@weir/api'
import { createClient } from '@weir/client'
import { afterEach, beforeEach, expect, it } from 'vitest'
import {
  createFaultyTransport,
  createLifetime,
  createSeededRandom,
  createTestClock,
  createWatchGate,
  createWorld,
  type Fault,
  settled,
  startTestApi,
  type TestApi,
} from './index.ts'

let api: TestApi
beforeEach(async () => {
  api = await startTestApi({ clock: createTestClock() })
})
afterEach(async () => api.close())

const aConfigMap = (name: string) => ({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace: 'default' } })
const namesNow = async (): Promise<readonly string[]> =>
  (await api.client.list(configMap, { namespace: 'default' })).items.map(({ metadata }) => metadata.name)

it.each<[Fault, string, readonly string[]]>([
  ['unreachable', 'CLIENT_UNREACHABLE', []],
  ['lost', 'CLIENT_UNREACHABLE', ['a']],
  ['cut', 'CLIENT_UNREACHABLE', ['a']],
  ['conflict', 'API_CONFLICT', []],
  ['busy', 'API_UNAVAILABLE', []],
])('fails a write as %s', async (fault, code, left) => {
  const client = createClient(createFaultyTransport(api.transport, () => fault))
  await expect(client.create(configMap, aConfigMap('a'))).rejects.toMatchObject({ code })
  expect(await namesNow()).toEqual(left)
})

it('ends a watch whose answer is lost or cut', async () => {
  const decide = (fault: Fault) => createClient(createFaultyTransport(api.transport, () => fault))
  const first = async (fault: Fault): Promise<unknown> => {
    for await (const event of decide(fault).watch(configMap, {})) return event
  }
  await api.client.create(configMap, aConfigMap('a'))
  await expect(first('lost')).rejects.toMatchObject({ code: 'CLIENT_UNREACHABLE' })
  await expect(first('cut')).rejects.toMatchObject({ code: 'CLIENT_UNREACHABLE' })
  expect(await first('pass')).toMatchObject({ type: 'ADDED' })
})

it('holds up watches at a closed gate, and nothing else', async () => {
  const gate = createWatchGate(api.transport)
  const client = createClient(gate.transport)
  const stop = new AbortController()
  const seen: string[] = []
  const watching = (async () => {
    for await (const { object } of client.watch(configMap, { resourceVersion: String(api.log.head()), signal: stop.signal }))
      seen.push(object.metadata.name)
  })()
  gate.close()
  await client.create(configMap, aConfigMap('a'))
  await settled()
  expect(seen).toEqual([])
  gate.open()
  await settled()
  expect(seen).toEqual(['a'])
  gate.close()
  await client.create(configMap, aConfigMap('b'))
  stop.abort()
  await watching
})

it('breaks the watches there are off, and lets new ones pass', async () => {
  const gate = createWatchGate(api.transport)
  const client = createClient(gate.transport)
  const first = async (): Promise<string | undefined> => {
    for await (const { object } of client.watch(configMap, { resourceVersion: String(api.log.head()) }))
      return object.metadata.name
    return undefined
  }
  const broken = first()
  await settled()
  gate.cut()
  await expect(broken).rejects.toMatchObject({ code: 'CLIENT_UNREACHABLE' })
  const whole = first()
  await settled()
  await client.create(configMap, aConfigMap('a'))
  expect(await whole).toBe('a')
})

it('leaves a dead program without an answer', async () => {
  const life = createLifetime()
  const client = createClient(life.carryTransport(api.transport))
  const clock = createTestClock()
  let steps = 0
  const program = async (): Promise<void> => {
    await client.create(configMap, aConfigMap('a'))
    steps++
    await life.carryClock(clock).sleep(1000)
    steps++
  }
  void program()
  await settled()
  expect(steps).toBe(1)
  life.end()
  await clock.advance(2000)
  void client.create(configMap, aConfigMap('b')).then(() => steps++)
  await settled()
  expect(steps).toBe(1)
  expect(await namesNow()).toEqual(['a'])
})

it('wakes sleepers in the order of their times, each before the next', async () => {
  const clock = createTestClock(0)
  const woken: string[] = []
  void clock.sleep(20).then(() => woken.push(`20 at ${clock.now()}`))
  void clock.sleep(10).then(async () => {
    woken.push(`10 at ${clock.now()}`)
    await clock.sleep(5)
    woken.push(`15 at ${clock.now()}`)
  })
  await clock.advance(100)
  expect(woken).toEqual(['10 at 10', '15 at 15', '20 at 20'])
  expect(clock.now()).toBe(100)
})

it('repeats its chances', () => {
  const [a, b, c] = [createSeededRandom(7), createSeededRandom(7), createSeededRandom(8)]
  const draw = (random: () => number) => Array.from({ length: 5 }, random)
  const numbers = draw(a)
  expect(draw(b)).toEqual(numbers)
  expect(draw(c)).not.toEqual(numbers)
  expect(numbers.every((number) => number >= 0 && number < 1)).toBe(true)
})

it('starts a crashed program anew, which may or may not have done its last request', async () => {
  const outcomes: string[] = []
  const world = await createWorld({
    program: async ({ client, signal }) => {
      outcomes.push('started')
      const name = `p${outcomes.length}`
      await client.create(configMap, aConfigMap(name))
      outcomes.push(`made ${name}`)
      await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()))
      outcomes.push('stopped')
    },
  })
  world.strike(['crash', 'crashAfter'])
  world.restart()
  await world.calm(1000)
  const made = (await world.users.list(configMap, { namespace: 'default' })).items.map(({ metadata }) => metadata.name)
  await world.end()
  expect(outcomes).toEqual(['started', 'started', 'started', 'made p3', 'stopped'])
  expect(made).toEqual(['p2', 'p3'])
})
