import { lease } from '@weir/api'
import { silentLogger } from '@weir/base'
import { createClient } from '@weir/client'
import { createFaultyTransport, createTestClock, eventually, type Fault, startTestApi, type TestApi } from '@weir/testkit'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { createHeartbeat, type Heartbeat, leaseNamespace } from './heartbeat.ts'

const clock = createTestClock()
let api: TestApi
let heartbeat: Heartbeat
let fault: Fault = 'pass'
beforeEach(async () => {
  fault = 'pass'
  api = await startTestApi({ clock })
  const client = createClient(createFaultyTransport(api.transport, () => fault))
  heartbeat = createHeartbeat({ client, clock, logger: silentLogger, host: 'host-1' })
})
afterEach(() => api.close())

const renewedAt = async (): Promise<number> => {
  const { spec } = await api.client.get(lease, { namespace: leaseNamespace, name: 'host-1' })
  return Date.parse(spec?.renewTime ?? '')
}

it('makes the Lease, then renews it', async () => {
  await heartbeat.beat()
  expect(await api.client.get(lease, { namespace: leaseNamespace, name: 'host-1' })).toMatchObject({
    spec: { holderIdentity: 'host-1', leaseDurationSeconds: 40 },
  })
  await clock.advance(5000)
  await heartbeat.beat()
  expect(await renewedAt()).toBe(clock.now())
})

it('is fresh for forty seconds after a renewal, counted from before it', async () => {
  expect(heartbeat.isFresh()).toBe(false)
  await heartbeat.beat()
  await clock.advance(39_999)
  expect(heartbeat.isFresh()).toBe(true)
  await clock.advance(1)
  expect(heartbeat.isFresh()).toBe(false)
  fault = 'lost'
  await expect(heartbeat.beat()).rejects.toMatchObject({ code: 'CLIENT_UNREACHABLE' })
  expect(heartbeat.isFresh()).toBe(false)
})

it('tells when it is heard again', async () => {
  let told = 0
  const stop = heartbeat.onRecovery(() => told++)
  await heartbeat.beat()
  await heartbeat.beat()
  expect(told).toBe(1)
  await clock.advance(60_000)
  await heartbeat.beat()
  expect(told).toBe(2)
  stop()
  await clock.advance(60_000)
  await heartbeat.beat()
  expect(told).toBe(2)
})

it('beats every ten seconds, and after a failure every two, until it is told to stop', async () => {
  const stopping = new AbortController()
  const running = heartbeat.run(stopping.signal)
  await clock.advance(10_000)
  const first = clock.now()
  await eventually(async () => (await renewedAt()) === first)
  fault = 'unreachable'
  await eventually(() => clock.sleepers() === 1)
  await clock.advance(10_000)
  await eventually(() => clock.sleepers() === 1)
  fault = 'pass'
  await clock.advance(2000)
  await eventually(async () => (await renewedAt()) === clock.now())
  stopping.abort()
  await running
})
