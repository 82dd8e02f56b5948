import { type ConfigMap, configMap, type DataVolume, dataVolume } from '@weir/api'
import { createTestClock, startTestApi, type TestApi, type TestClock } from '@weir/testkit'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { crdOf } from '@weir/api'
import { createObjectWriter, type ObjectWriter } from './index.ts'
import { aPool, type Pool, pool, poolFinalizer, type PoolStatus } from './sample/pool.ts'

let clock: TestClock
let api: TestApi
let writer: ObjectWriter<Pool>
let made: Pool
beforeEach(async () => {
  clock = createTestClock(Date.UTC(2026, 0, 1))
  api = await startTestApi({ clock })
  await api.server.install([crdOf(pool)])
  writer = createObjectWriter({ client: api.client, clock, kind: pool, finalizer: poolFinalizer })
  made = await api.client.create(pool, aPool('p', { size: 1, text: 'x' }))
})
afterEach(async () => api.close())

const now = (): Promise<Pool> => api.client.get(pool, made.metadata)
const addFinalizers = (...finalizers: readonly string[]): Promise<Pool> =>
  api.client.patch(pool, made.metadata, { type: 'merge', body: { metadata: { finalizers } } })
const others = 'users.example/keep'

describe('ensureFinalizer', () => {
  it('adds it beside others, and then has nothing to do', async () => {
    const held = await addFinalizers(others)
    expect(await writer.ensureFinalizer(held)).toBe(true)
    const after = await now()
    expect(after.metadata.finalizers).toEqual([others, poolFinalizer])
    expect(await writer.ensureFinalizer(after)).toBe(false)
    expect(await now()).toEqual(after)
  })

  it('refuses to build on an object that is stale: it would undo what it does not know', async () => {
    await addFinalizers(others)
    await expect(writer.ensureFinalizer(made)).rejects.toMatchObject({ code: 'API_CONFLICT' })
    expect((await now()).metadata.finalizers).toEqual([others])
  })

  it('tells the caller to return if the object is gone: nothing would undo what is done for it', async () => {
    await api.client.delete(pool, made.metadata)
    expect(await writer.ensureFinalizer(made)).toBe(true)
  })

  it('leaves an object of the same name alone that came later', async () => {
    await api.client.delete(pool, made.metadata)
    const successor = await api.client.create(pool, aPool('p', { size: 2, text: 'y' }))
    await expect(writer.ensureFinalizer(made)).rejects.toMatchObject({ code: 'API_CONFLICT' })
    expect(await now()).toEqual(successor)
  })
})

describe('removeFinalizer', () => {
  it('removes its own only', async () => {
    await writer.removeFinalizer(await addFinalizers(others, poolFinalizer))
    expect((await now()).metadata.finalizers).toEqual([others])
  })

  it('lets an object go that is deleted, and is content if it is gone', async () => {
    const held = await addFinalizers(poolFinalizer)
    await api.client.delete(pool, made.metadata)
    await expect(writer.removeFinalizer(held)).rejects.toMatchObject({ code: 'API_CONFLICT' })
    const deleted = await now()
    await writer.removeFinalizer(deleted)
    await expect(now()).rejects.toMatchObject({ code: 'API_NOT_FOUND' })
    await writer.removeFinalizer(deleted)
  })

  it('writes nothing if it is not there', async () => {
    await writer.removeFinalizer(made)
    expect(await now()).toEqual(made)
  })
})

describe('patchStatus', () => {
  const ready = (status: 'True' | 'False', message = '') => ({ type: 'Ready', status, reason: 'Because', message }) as const
  const patch = (
    object: Pool,
    conditions: readonly ReturnType<typeof ready>[],
    status: PoolStatus | { members?: undefined } = {},
  ) => writer.patchStatus<PoolStatus>(object, { conditions, status })

  it('writes conditions with their time and generation, and fields, in one request', async () => {
    const before = api.log.head()
    expect(await patch(made, [ready('False')], { members: 3 })).toBe(true)
    const { status, metadata } = await now()
    expect(status).toEqual({
      members: 3,
      conditions: [{ ...ready('False'), observedGeneration: 1, lastTransitionTime: '2026-01-01T00:00:00Z' }],
    })
    expect([api.log.head() - before, metadata.generation]).toEqual([1, 1])
  })

  it('writes only what changes anything', async () => {
    await patch(made, [ready('False')], { members: 3 })
    const written = await now()
    await clock.advance(60_000)
    expect(await patch(written, [ready('False')], { members: 3 })).toBe(false)
    expect(await now()).toEqual(written)
  })

  it('says of which generation a condition is, though nothing else has changed', async () => {
    await patch(made, [ready('True')])
    const edited = await api.client.patch(pool, made.metadata, { type: 'merge', body: { spec: { size: 7 } } })
    await clock.advance(60_000)
    expect(await patch(edited, [ready('True')])).toBe(true)
    expect((await now()).status?.conditions).toEqual([
      { ...ready('True'), observedGeneration: 2, lastTransitionTime: '2026-01-01T00:00:00Z' },
    ])
  })

  it('keeps what it is not told of, and removes what is undefined', async () => {
    await patch(made, [ready('True')], { members: 3 })
    await patch(await now(), [{ ...ready('True'), type: 'Other' } as never])
    expect((await now()).status).toMatchObject({ members: 3, conditions: [{ type: 'Ready' }, { type: 'Other' }] })
    await patch(await now(), [], { members: undefined })
    expect((await now()).status).not.toHaveProperty('members')
  })

  it('refuses to build on an object that is stale', async () => {
    await patch(made, [ready('True')])
    await expect(patch(made, [ready('False')])).rejects.toMatchObject({ code: 'API_CONFLICT' })
    expect((await now()).status?.conditions).toMatchObject([{ status: 'True' }])
  })

  it('is content if the object is gone, and spares its successor', async () => {
    await api.client.delete(pool, made.metadata)
    expect(await patch(made, [ready('True')])).toBe(false)
    await api.client.create(pool, aPool('p', { size: 1, text: 'x' }))
    await expect(patch(made, [ready('True')])).rejects.toMatchObject({ code: 'API_CONFLICT' })
    expect((await now()).status).toBeUndefined()
  })

  it('gives kinds whose conditions have no generation none: it would be pruned, and written for ever', async () => {
    const volumes = createObjectWriter<DataVolume>({ client: api.client, clock, kind: dataVolume, finalizer: 'x.dev/y' })
    const object = {
      apiVersion: 'cdi.kubevirt.io/v1beta1',
      kind: 'DataVolume',
      metadata: { name: 'd', namespace: 'default' },
      spec: {},
    }
    const volume = await api.client.create(dataVolume, object)
    await volumes.patchStatus(volume, { conditions: [ready('True')] })
    const written = await api.client.get(dataVolume, volume.metadata)
    expect(written.status?.conditions).toEqual([{ ...ready('True'), lastTransitionTime: '2026-01-01T00:00:00Z' }])
    expect(await volumes.patchStatus(written, { conditions: [ready('True')] })).toBe(false)
  })

  it('passes on what it can not help', async () => {
    const stopped = AbortSignal.abort(new Error('stopped'))
    await expect(writer.patchStatus(made, { conditions: [ready('True')] }, stopped)).rejects.toThrow('stopped')
    const wrong = createObjectWriter<ConfigMap>({ client: api.client, clock, kind: configMap, finalizer: 'x.dev/y' })
    const held: ConfigMap = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'c', namespace: 'default' } }
    const created = await api.client.create(configMap, held)
    await expect(
      createObjectWriter({ client: api.client, clock, kind: configMap, finalizer: 'Not Valid' }).ensureFinalizer(created),
    ).rejects.toMatchObject({ code: 'API_INVALID' })
    expect(await wrong.ensureFinalizer(created)).toBe(true)
  })
})
