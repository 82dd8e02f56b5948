import { builtinKinds, configMap, type ConfigMap, type KubernetesObject, namespace, type OwnerReference } from '@weir/api'
import { systemClock } from '@weir/base'
import { createMemoryDriver, openRevisionLog } from '@weir/store'
import { startTestApi, type TestApi } from '@weir/testkit'
import { array, assert, asyncProperty, constantFrom, integer, record } from 'fast-check'
import { beforeEach, describe, expect, it } from 'vitest'
import type { ObjectApi, ObjectChange } from './housekeeping/object-api.ts'
import { createObjectApi } from './housekeeping-objects.ts'
import { createObjects } from './objects.ts'
import { createKindRegistry } from './registry.ts'

const aMap = (name: string, more: Partial<KubernetesObject['metadata']> = {}): ConfigMap => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name, namespace: 'default', ...more },
})
const ownerOf = ({ metadata }: KubernetesObject, block = false): OwnerReference => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  name: metadata.name,
  uid: metadata.uid ?? '',
  ...(block ? { blockOwnerDeletion: true } : {}),
})

describe('owners, past the whole API server', () => {
  const key = (name: string) => ({ namespace: 'default', name })
  const names = async ({ client }: TestApi): Promise<readonly string[]> =>
    (await client.list(configMap, { namespace: 'default' })).items.map(({ metadata }) => metadata.name)

  it.each(['Background', 'Foreground', 'Orphan'] as const)('%s deletion', async (propagationPolicy) => {
    const api = await startTestApi()
    const owner = await api.client.create(configMap, aMap('owner'))
    const child = await api.client.create(configMap, aMap('child', { ownerReferences: [ownerOf(owner, true)] }))
    await api.client.create(configMap, aMap('grandchild', { ownerReferences: [ownerOf(child, true)] }))
    await api.client.delete(configMap, key('owner'), { propagationPolicy })
    await api.server.housekeeping.settle()
    expect(await names(api)).toEqual(propagationPolicy === 'Orphan' ? ['child', 'grandchild'] : [])
    await api.close()
  })

  it('leaves no object whose owners are all gone and none without owners out, whatever happens when', async () => {
    const name = integer({ min: 0, max: 6 })
    const what = constantFrom('create', 'create', 'delete', 'foreground', 'orphan', 'disown', 'touch', 'settle')
    await assert(
      asyncProperty(array(record({ what, name, owner: name }), { maxLength: 40, size: 'max' }), async (steps) => {
        const api = await startTestApi()
        const { client } = api
        const find = (n: number) => client.get(configMap, key(`m${n}`)).catch(() => undefined)
        const change = (n: number, body: unknown) =>
          client.patch(configMap, key(`m${n}`), { type: 'merge', body }).catch(() => undefined)
        const policies = { delete: 'Background', foreground: 'Foreground', orphan: 'Orphan' } as const
        const free = new Set<string>()
        for (const { what, name: n, owner } of steps) {
          if (what === 'settle') await api.server.housekeeping.settle()
          else if (what === 'touch') await change(n, { data: { at: String(owner) } })
          else if (what === 'disown') {
            const changed = await change(n, { metadata: { ownerReferences: null } })
            if (changed !== undefined && changed.metadata.deletionTimestamp === undefined) free.add(`m${n}`)
          } else if (what === 'create') {
            const parent = await find(owner)
            const ownerReferences = parent === undefined ? {} : { ownerReferences: [ownerOf(parent, owner % 2 === 0)] }
            const made = await client.create(configMap, aMap(`m${n}`, ownerReferences)).catch(() => undefined)
            if (made !== undefined && parent === undefined) free.add(`m${n}`)
            else if (made !== undefined) free.delete(`m${n}`)
          } else {
            await client.delete(configMap, key(`m${n}`), { propagationPolicy: policies[what] }).catch(() => undefined)
            free.delete(`m${n}`)
          }
        }
        await api.server.housekeeping.settle()
        const { items } = await client.list(configMap, { namespace: 'default' })
        const uids = new Set(items.map(({ metadata }) => metadata.uid))
        for (const { metadata } of items) {
          const { ownerReferences = [], deletionTimestamp } = metadata
          expect(deletionTimestamp).toBeUndefined()
          expect(ownerReferences.length === 0 || ownerReferences.some(({ uid }) => uids.has(uid))).toBe(true)
        }
        expect(await names(api)).toEqual(expect.arrayContaining([...free]))
        await api.close()
      }),
      { numRuns: 40 },
    )
  })
})

describe('the port', () => {
  let api: ObjectApi
  const changes: ObjectChange[] = []
  beforeEach(async () => {
    const log = await openRevisionLog(createMemoryDriver())
    let uids = 0
    const objects = createObjects({
      log,
      clock: systemClock,
      newUid: () => `uid-${++uids}`,
      newSuffix: () => 'x',
      onWritten: () => {},
    })
    api = createObjectApi({ log, objects, registry: createKindRegistry(builtinKinds) })
    await api.create(namespace, { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'default' } })
    changes.length = 0
    api.subscribe((change) => changes.push(change))
  })
  const get = (name: string): KubernetesObject => api.get(configMap, { namespace: 'default', name }) ?? aMap(name)

  it('says by the error who was first', async () => {
    await api.create(configMap, aMap('a'))
    const first = get('a')
    await expect(api.create(configMap, aMap('a'))).rejects.toMatchObject({ code: 'API_ALREADY_EXISTS' })
    await api.update(configMap, { ...first, data: { x: '1' } } as ConfigMap)
    await expect(api.update(configMap, { ...first, data: { x: '2' } } as ConfigMap)).rejects.toMatchObject({
      code: 'API_CONFLICT',
    })
    await expect(api.delete(configMap, aMap('a', { uid: 'other' }), 'Background')).rejects.toMatchObject({ code: 'API_CONFLICT' })
    await api.delete(configMap, get('a'), 'Background')
    await expect(api.delete(configMap, first, 'Background')).rejects.toMatchObject({ code: 'API_NOT_FOUND' })
    await expect(api.update(configMap, first)).rejects.toMatchObject({ code: 'API_NOT_FOUND' })
  })

  it('tells of namespaces, of what is or was owned, of what leaves, and of nothing else', async () => {
    await api.create(configMap, aMap('plain'))
    await api.update(configMap, { ...get('plain'), data: { x: '1' } } as ConfigMap)
    await api.create(configMap, aMap('owned', { ownerReferences: [ownerOf(get('plain'))] }))
    const { ownerReferences: _, ...free } = get('owned').metadata
    await api.update(configMap, { ...get('owned'), metadata: free })
    await api.update(configMap, { ...get('owned'), data: { x: '2' } } as ConfigMap)
    await api.create(configMap, aMap('held', { finalizers: ['example.com/hold'] }))
    await api.delete(configMap, get('held'), 'Background')
    await api.delete(configMap, get('plain'), 'Background')
    const seen = changes.map(({ object, deleted }) => `${object.metadata.name}${deleted ? ' gone' : ''}`)
    expect(seen).toEqual(['default', 'owned', 'owned', 'held', 'plain gone'])
  })
})
