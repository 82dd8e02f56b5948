import type { KindDefinition, KubernetesObject, OwnerReference } from '@weir/api'
import { type Clock, silentLogger, WeirError } from '@weir/base'
import { createTestClock } from '@weir/testkit'
import { assert, asyncProperty, constantFrom, array, integer, record } from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type CustomResourceDefinition, kindDefinitionsOf } from '../crd/crd.ts'
import { createCompactionPlan } from './compaction.ts'
import { createHousekeeping } from './housekeeping.ts'
import type { DeletionPolicy, ObjectApi, ObjectChange, ObjectName } from './object-api.ts'

const kind = (name: string, namespaced: boolean, group = ''): KindDefinition => ({
  group,
  version: 'v1',
  kind: name,
  plural: `${name.toLowerCase()}s`,
  singular: name.toLowerCase(),
  namespaced,
  schema: { type: 'object' },
})
const namespaceKind = kind('Namespace', false)
const configMap = kind('ConfigMap', true)
const account = kind('ServiceAccount', true)
const event = kind('Event', true)
const node = kind('Node', false)
const definition = kind('CustomResourceDefinition', false, 'apiextensions.k8s.io')
const builtins = [namespaceKind, configMap, account, event, node, definition]
const startMillis = Date.parse('2026-01-01T00:00:00Z')

/** The port in memory: finalizers, uids and resourceVersions as the API server has them. */
function createFakeApi() {
  const objects = new Map<string, { kind: KindDefinition; object: KubernetesObject }>()
  const listeners = new Set<(change: ObjectChange) => void>()
  let counter = 0
  let extra: readonly KindDefinition[] = []
  const keyOf = ({ group, plural }: KindDefinition, { namespace, name }: ObjectName): string =>
    `${group}/${plural}/${namespace}/${name}`
  const at = (definition: KindDefinition, { metadata }: KubernetesObject): string =>
    keyOf(definition, { namespace: metadata.namespace ?? '', name: metadata.name })
  const tell = (change: ObjectChange): void => listeners.forEach((listener) => listener(change))
  const isFree = (object: KubernetesObject): boolean => {
    const spec = (object as { spec?: { finalizers?: readonly string[] } }).spec
    return (
      (object.metadata.finalizers ?? []).length === 0 && (object.kind !== 'Namespace' || (spec?.finalizers ?? []).length === 0)
    )
  }
  const put = (definition: KindDefinition, object: KubernetesObject): void => {
    const key = at(definition, object)
    const stored = { ...object, metadata: { ...object.metadata, resourceVersion: String(++counter) } }
    const deleted = stored.metadata.deletionTimestamp !== undefined && isFree(stored)
    if (deleted) objects.delete(key)
    else objects.set(key, { kind: definition, object: stored })
    tell({ kind: definition, object: stored, deleted })
  }
  const current = (definition: KindDefinition, object: KubernetesObject): KubernetesObject => {
    const found = objects.get(at(definition, object))?.object
    if (found === undefined) throw new WeirError('API_NOT_FOUND', 'gone')
    return found
  }
  const api: ObjectApi = {
    kinds: () => [...builtins, ...extra],
    get: (definition, name) => objects.get(keyOf(definition, name))?.object,
    list: (definition, namespace) =>
      [...objects.values()]
        .filter((entry) => entry.kind.plural === definition.plural && entry.kind.group === definition.group)
        .map(({ object }) => object)
        .filter(({ metadata }) => namespace === undefined || metadata.namespace === namespace),
    create: async (definition, object) => {
      put(definition, { ...object, metadata: { uid: `uid-${object.metadata.name}-${++counter}`, ...object.metadata } })
    },
    update: async (definition, object) => {
      if (current(definition, object).metadata.resourceVersion !== object.metadata.resourceVersion) {
        throw new WeirError('API_CONFLICT', 'changed')
      }
      put(definition, object)
    },
    delete: async (definition, object, policy) => remove(definition, object, policy),
    subscribe: (listener) => {
      const own = (change: ObjectChange): void => listener(change)
      listeners.add(own)
      for (const entry of objects.values()) own({ ...entry, deleted: false })
      return () => void listeners.delete(own)
    },
  }
  const remove = (definition: KindDefinition, object: KubernetesObject, policy: DeletionPolicy | 'Orphan'): void => {
    const found = current(definition, object)
    if (object.metadata.uid !== undefined && found.metadata.uid !== object.metadata.uid)
      throw new WeirError('API_CONFLICT', 'another')
    const added = policy === 'Foreground' ? ['foregroundDeletion'] : policy === 'Orphan' ? ['orphan'] : []
    const finalizers = [...new Set([...(found.metadata.finalizers ?? []), ...added])]
    put(definition, { ...found, metadata: { deletionTimestamp: '2026-01-01T00:00:00Z', ...found.metadata, finalizers } })
  }
  return {
    api,
    put,
    remove,
    serve: (kinds: readonly KindDefinition[]) => {
      extra = kinds
    },
    names: () => [...objects.keys()].toSorted(),
    listenerCount: () => listeners.size,
  }
}

function setUp() {
  const fake = createFakeApi()
  let millis = startMillis
  const clock: Clock = { now: () => millis, sleep: () => Promise.resolve() }
  const compacted: number[] = []
  let head = 0
  const log = { head: () => head, compact: async (before: number) => void compacted.push(before) }
  const housekeeping = createHousekeeping({ api: fake.api, log, clock, logger: silentLogger })
  return {
    ...fake,
    ...housekeeping,
    compacted,
    advance: (step: number, newHead = head) => {
      millis += step
      head = newHead
    },
  }
}

const aNamespace = (name: string): KubernetesObject =>
  ({
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: { name, uid: `uid-${name}` },
    spec: { finalizers: ['kubernetes'] },
  }) as KubernetesObject
const aMap = (name: string, more: Partial<KubernetesObject['metadata']> = {}): KubernetesObject => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name, namespace: 'a', uid: `uid-${name}`, ...more },
})
const ownedBy = (name: string, more: Partial<OwnerReference> = {}): { ownerReferences: OwnerReference[] } => ({
  ownerReferences: [{ apiVersion: 'v1', kind: 'ConfigMap', name, uid: `uid-${name}`, ...more }],
})

describe('namespaces', () => {
  it('get a default ServiceAccount, also again', async () => {
    const { api, put, remove, settle, names } = setUp()
    put(namespaceKind, aNamespace('a'))
    await settle()
    expect(names()).toContain('/serviceaccounts/a/default')
    for (const object of api.list(account)) remove(account, object, 'Background')
    await settle()
    expect(names()).toContain('/serviceaccounts/a/default')
  })

  it('are emptied and go when they are deleted', async () => {
    const { put, remove, settle, names } = setUp()
    put(namespaceKind, aNamespace('a'))
    put(namespaceKind, aNamespace('b'))
    put(configMap, aMap('x'))
    put(configMap, aMap('y', { namespace: 'b' }))
    await settle()
    remove(namespaceKind, aNamespace('a'), 'Background')
    await settle()
    expect(names()).toEqual(['/configmaps/b/y', '/namespaces//b', '/serviceaccounts/b/default'])
  })

  it('wait for finalizers, say so, and go with the last', async () => {
    const { api, put, remove, settle, names } = setUp()
    put(namespaceKind, aNamespace('a'))
    put(configMap, aMap('x', { finalizers: ['weir.dev/x'] }))
    await settle()
    remove(namespaceKind, aNamespace('a'), 'Background')
    await settle()
    expect(api.get(namespaceKind, { namespace: '', name: 'a' })).toMatchObject({
      status: {
        phase: 'Terminating',
        conditions: [
          {
            type: 'NamespaceContentRemaining',
            status: 'True',
            message: 'Some resources are remaining: configmaps has 1 resource instances',
          },
          { type: 'NamespaceFinalizersRemaining', status: 'True' },
        ],
      },
    })
    const held = api.get(configMap, { namespace: 'a', name: 'x' })
    await api.update(configMap, { ...aMap('x'), metadata: { ...held?.metadata, name: 'x', finalizers: [] } })
    await settle()
    expect(names()).toEqual([])
  })
})

describe('garbage collection', () => {
  it('follows the owner, down to grandchildren', async () => {
    const { put, remove, settle, names } = setUp()
    put(configMap, aMap('owner'))
    put(configMap, aMap('child', ownedBy('owner')))
    put(configMap, aMap('grandchild', ownedBy('child')))
    await settle()
    expect(names()).toHaveLength(3)
    remove(configMap, aMap('owner'), 'Background')
    await settle()
    expect(names()).toEqual([])
  })

  it.each<[string, Partial<OwnerReference>, Partial<KubernetesObject['metadata']>]>([
    ['another uid', { uid: 'former' }, {}],
    ['another namespace', {}, { namespace: 'b' }],
  ])('takes an owner of %s for absent', async (_, reference, metadata) => {
    const { put, settle, names } = setUp()
    put(configMap, aMap('owner'))
    put(configMap, aMap('child', { ...ownedBy('owner', reference), ...metadata }))
    await settle()
    expect(names()).toEqual(['/configmaps/a/owner'])
  })

  it('spares what is owned by a kind that is not served', async () => {
    const { put, settle, names } = setUp()
    put(configMap, aMap('child', ownedBy('owner', { apiVersion: 'kubevirt.io/v1', kind: 'VirtualMachine' })))
    await settle()
    expect(names()).toHaveLength(1)
  })

  it('looks again when the kind of the owner comes to be served', async () => {
    const { put, serve, settle, sweep, names } = setUp()
    put(configMap, aMap('child', ownedBy('owner', { apiVersion: 'x.dev/v1', kind: 'Widget' })))
    await settle()
    serve([kind('Widget', true, 'x.dev')])
    await sweep()
    await settle()
    expect(names()).toEqual([])
  })

  it('drops only the references of owners that are gone', async () => {
    const { api, put, settle } = setUp()
    put(configMap, aMap('owner'))
    const references = [...ownedBy('owner').ownerReferences, ...ownedBy('gone').ownerReferences]
    put(configMap, aMap('child', { ownerReferences: references }))
    await settle()
    expect(api.get(configMap, { namespace: 'a', name: 'child' })?.metadata.ownerReferences).toEqual(
      ownedBy('owner').ownerReferences,
    )
  })

  it('lets a foreground deletion wait for blocking dependents', async () => {
    const { api, put, remove, settle, names } = setUp()
    put(configMap, aMap('owner'))
    put(configMap, aMap('child', { ...ownedBy('owner', { blockOwnerDeletion: true }), finalizers: ['weir.dev/x'] }))
    await settle()
    remove(configMap, aMap('owner'), 'Foreground')
    await settle()
    expect(names()).toEqual(['/configmaps/a/child', '/configmaps/a/owner'])
    const child = api.get(configMap, { namespace: 'a', name: 'child' })
    await api.update(configMap, { ...aMap('child'), metadata: { ...child?.metadata, name: 'child', finalizers: [] } })
    await settle()
    expect(names()).toEqual([])
  })

  it('leaves orphans without their owner', async () => {
    const { api, put, remove, settle, names } = setUp()
    put(configMap, aMap('owner'))
    put(configMap, aMap('child', ownedBy('owner')))
    await settle()
    remove(configMap, aMap('owner'), 'Orphan')
    await settle()
    expect(names()).toEqual(['/configmaps/a/child'])
    expect(api.get(configMap, { namespace: 'a', name: 'child' })?.metadata.ownerReferences).toEqual([])
  })

  it('ends with no object whose owners are all gone, whatever was deleted when', async () => {
    const name = integer({ min: 0, max: 7 })
    const steps = array(record({ what: constantFrom('create', 'delete', 'settle'), name, owner: name }), { maxLength: 40 })
    await assert(
      asyncProperty(steps, async (steps) => {
        const { api, put, remove, settle } = setUp()
        let serial = 0
        for (const { what, name, owner } of steps) {
          const found = api.get(configMap, { namespace: 'a', name: `m${name}` })
          const parent = api.get(configMap, { namespace: 'a', name: `m${owner}` })
          const uid = parent?.metadata.uid
          const owners = uid === undefined ? {} : ownedBy(`m${owner}`, { uid })
          if (what === 'settle') await settle()
          else if (what === 'create' && found === undefined) put(configMap, aMap(`m${name}`, { ...owners, uid: `u${++serial}` }))
          else if (what === 'delete' && found !== undefined)
            remove(configMap, found, owner % 2 === 0 ? 'Background' : 'Foreground')
        }
        await settle()
        const objects = api.list(configMap)
        const uids = new Set(objects.map(({ metadata }) => metadata.uid))
        return objects.every(({ metadata: { ownerReferences = [], deletionTimestamp } }) => {
          return (
            deletionTimestamp === undefined && (ownerReferences.length === 0 || ownerReferences.some(({ uid }) => uids.has(uid)))
          )
        })
      }),
    )
  })
})

describe('CustomResourceDefinitions', () => {
  const crd = {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: 'widgets.x.dev', finalizers: ['customresourcecleanup.apiextensions.k8s.io'] },
    spec: {
      group: 'x.dev',
      scope: 'Namespaced',
      names: { kind: 'Widget', plural: 'widgets' },
      versions: [{ name: 'v1', served: true, storage: true }],
    },
  } as CustomResourceDefinition

  it('are established, and take their objects with them', async () => {
    const { api, put, remove, serve, settle, names } = setUp()
    const [widget = configMap] = kindDefinitionsOf(crd)
    serve([widget])
    put(definition, crd)
    put(widget, {
      apiVersion: 'x.dev/v1',
      kind: 'Widget',
      metadata: { name: 'w', namespace: 'a', uid: 'w', finalizers: ['x.dev/y'] },
    })
    await settle()
    expect(api.get(definition, { namespace: '', name: 'widgets.x.dev' })).toMatchObject({ status: { storedVersions: ['v1'] } })
    remove(definition, crd, 'Background')
    await settle()
    expect(names()).toHaveLength(2)
    const held = api.list(widget)[0]
    if (held !== undefined) await api.update(widget, { ...held, metadata: { ...held.metadata, finalizers: [] } })
    await settle()
    expect(names()).toEqual([])
  })
})

it('deletes Events an hour after they happened last', async () => {
  const { put, sweep, advance, names } = setUp()
  const anEvent = (name: string, lastTimestamp: string) =>
    ({ apiVersion: 'v1', kind: 'Event', metadata: { name, namespace: 'a', uid: name }, lastTimestamp }) as KubernetesObject
  put(event, anEvent('old', '2026-01-01T00:00:00Z'))
  put(event, anEvent('new', '2026-01-01T00:30:00Z'))
  await sweep()
  expect(names()).toHaveLength(2)
  advance(3_600_001)
  await sweep()
  expect(names()).toEqual(['/events/a/new'])
})

it('compacts what is older than five minutes, and keeps 10,000 revisions', async () => {
  const { sweep, advance, compacted } = setUp()
  advance(0, 50_000)
  await sweep()
  advance(299_999, 90_000)
  await sweep()
  expect(compacted).toEqual([])
  advance(1, 90_000)
  await sweep()
  expect(compacted).toEqual([50_000])
  const plan = createCompactionPlan()
  plan.next(1000, 0)
  expect(plan.next(2000, 300_000)).toBe(0)
})

it('hears of every change once, though it was settled before it runs, and of none when it has stopped', async () => {
  const { api, listenerCount } = createFakeApi()
  const log = { head: () => 0, compact: async () => {} }
  const housekeeping = createHousekeeping({ api, log, clock: createTestClock(), logger: silentLogger })
  await housekeeping.settle()
  const stop = new AbortController()
  const running = housekeeping.run(stop.signal)
  expect(listenerCount()).toBe(1)
  stop.abort()
  await running
  expect(listenerCount()).toBe(0)
})
