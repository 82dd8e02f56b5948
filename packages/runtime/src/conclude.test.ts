import { crdOf } from '@weir/api'
import { WeirError } from '@weir/base'
import { createTestClock, startTestApi, type TestApi } from '@weir/testkit'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { cleanedUp, concludeDeletion, concludeRun, createObjectWriter, type ObjectWriter, type Run } from './index.ts'
import { aPool, type Pool, pool, poolFinalizer, type PoolStatus } from './sample/pool.ts'

let api: TestApi
let writer: ObjectWriter<Pool>
let object: Pool
const { signal } = new AbortController()
beforeEach(async () => {
  const clock = createTestClock()
  api = await startTestApi({ clock })
  await api.server.install([crdOf(pool)])
  writer = createObjectWriter({ client: api.client, clock, kind: pool, finalizer: poolFinalizer })
  const made = await api.client.create(pool, aPool('p', { size: 1, text: 'x' }))
  await writer.ensureFinalizer(made)
  object = await now()
})
afterEach(async () => api.close())

const now = (): Promise<Pool> => api.client.get(pool, { namespace: 'default', name: 'p' })
const aRun = (more: Partial<Run<PoolStatus>> = {}): Run<PoolStatus> => ({
  conditions: [{ type: 'Ready', status: 'True', reason: 'Because', message: '' }],
  status: { members: 1 },
  next: { kind: 'PollAfter', seconds: 5, reason: 'why not' },
  errors: [],
  ...more,
})
const failure = new WeirError('VOLUME_NO_SPACE', 'full')
const clean = (status: 'True' | 'False') => [{ type: cleanedUp, status, reason: 'Because', message: '' }] as const

describe('concludeRun', () => {
  it('writes the status, and says when to look again', async () => {
    expect(await concludeRun({ writer, object, run: aRun() }, signal)).toEqual({
      kind: 'PollAfter',
      seconds: 5,
      reason: 'why not',
    })
    expect((await now()).status).toMatchObject({ members: 1, conditions: [{ type: 'Ready' }] })
  })

  it('writes the status though steps failed, and then throws all that they threw', async () => {
    const conclusion = concludeRun({ writer, object, run: aRun({ errors: [failure] }) }, signal)
    await expect(conclusion).rejects.toMatchObject({
      name: 'AggregateError',
      message: 'Pool default/p could not be reconciled',
      errors: [failure],
    })
    expect((await now()).status?.members).toBe(1)
  })

  it('adds a status write that failed to what the steps threw', async () => {
    await concludeRun({ writer, object, run: aRun() }, signal)
    const stale = concludeRun({ writer, object, run: aRun({ status: { members: 2 }, errors: [failure] }) }, signal)
    await expect(stale).rejects.toMatchObject({ errors: [failure, { code: 'API_CONFLICT' }] })
  })

  it('is content if the object is gone', async () => {
    await api.client.patch(pool, object.metadata, { type: 'merge', body: { metadata: { finalizers: null } } })
    await api.client.delete(pool, object.metadata)
    await expect(concludeRun({ writer, object, run: aRun() }, signal)).resolves.toMatchObject({ kind: 'PollAfter' })
  })
})

describe('concludeDeletion', () => {
  beforeEach(async () => {
    await api.client.delete(pool, object.metadata)
    object = await now()
  })
  const conclude = (conditions: Run<PoolStatus>['conditions'], errors: readonly unknown[] = []) =>
    concludeDeletion({ writer, object, run: aRun({ conditions, errors }) }, signal)

  it('holds the object until it is clean', async () => {
    await conclude(clean('False'))
    object = await now()
    await conclude(clean('False'))
    expect((await now()).metadata.finalizers).toEqual([poolFinalizer])
  })

  it('lets the object go when its status has been written, in a run of its own', async () => {
    await conclude(clean('True'))
    object = await now()
    expect([object.metadata.finalizers, object.status?.conditions]).toEqual([
      [poolFinalizer],
      [expect.objectContaining(clean('True')[0])],
    ])
    await conclude(clean('True'))
    await expect(now()).rejects.toMatchObject({ code: 'API_NOT_FOUND' })
    await expect(conclude(clean('True'))).resolves.toBeDefined()
  })

  it('does not let it go in a run in which something failed', async () => {
    await conclude(clean('True'))
    object = await now()
    await expect(conclude(clean('True'), [failure])).rejects.toMatchObject({ errors: [failure] })
    expect((await now()).metadata.finalizers).toEqual([poolFinalizer])
  })
})
