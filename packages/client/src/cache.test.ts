import type { KubernetesObject } from '@weir/api'
import { array, assert, constantFrom, integer, oneof, property, record } from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Cache, type CacheChange, createCache } from './index.ts'

interface Vm extends KubernetesObject {
  readonly spec: { readonly node?: string; readonly disks: readonly string[] }
}

const aVm = (name: string, resourceVersion: string, spec: Partial<Vm['spec']> = {}, namespace = 'web'): Vm => ({
  apiVersion: 'v1',
  kind: 'Vm',
  metadata: { name, namespace, resourceVersion },
  spec: { disks: [], ...spec },
})
const namesOf = (objects: readonly KubernetesObject[]): readonly string[] =>
  objects.map(({ metadata }) => metadata.name).toSorted()
const listen = (cache: Cache<Vm>): string[] => {
  const heard: string[] = []
  cache.subscribe(({ kind, object, previous }) =>
    heard.push(
      `${kind} ${object.metadata.name}@${object.metadata.resourceVersion} was ${previous?.metadata.resourceVersion ?? 'new'}`,
    ),
  )
  return heard
}

describe('createCache', () => {
  it('gives objects by name and by namespace', () => {
    const cache = createCache<Vm>()
    cache.put(aVm('a', '1'))
    cache.put(aVm('a', '2', {}, 'db'))
    cache.put({ ...aVm('node', '3'), metadata: { name: 'node', resourceVersion: '3' } })
    expect(cache.get({ namespace: 'db', name: 'a' })?.metadata.resourceVersion).toBe('2')
    expect(cache.get({ name: 'node' })?.metadata.resourceVersion).toBe('3')
    expect(cache.get({ namespace: 'web', name: 'b' })).toBeUndefined()
    expect([cache.list('web').length, cache.list().length, cache.list('none').length]).toEqual([1, 3, 0])
  })

  it('tells of changes in order, with what was there before', () => {
    const cache = createCache<Vm>()
    const heard = listen(cache)
    cache.put(aVm('a', '1'))
    cache.put(aVm('a', '2'))
    cache.put(aVm('a', '2'))
    cache.remove(aVm('a', '3'))
    cache.remove(aVm('a', '4'))
    expect(heard).toEqual(['Put a@1 was new', 'Put a@2 was 1', 'Delete a@3 was 2'])
  })

  it('tells nobody who has ended it', () => {
    const cache = createCache<Vm>()
    const heard: CacheChange<Vm>[] = []
    const end = cache.subscribe((change) => heard.push(change))
    end()
    cache.put(aVm('a', '1'))
    expect(heard).toEqual([])
  })

  it('shows a change to whoever is told of it', () => {
    const cache = createCache<Vm>()
    cache.addIndex('node', ({ spec }) => (spec.node === undefined ? [] : [spec.node]))
    const seen: (readonly string[])[] = []
    cache.subscribe(() => seen.push(namesOf(cache.byIndex('node', 'n1'))))
    cache.put(aVm('a', '1', { node: 'n1' }))
    cache.put(aVm('a', '2', { node: 'n2' }))
    expect(seen).toEqual([['a'], []])
  })

  it('replaces everything by a list: puts before deletes, and silence about what is unchanged', () => {
    const cache = createCache<Vm>()
    cache.put(aVm('same', '1'))
    cache.put(aVm('gone', '2'))
    cache.put(aVm('changed', '3'))
    const heard = listen(cache)
    cache.replace([aVm('same', '1'), aVm('changed', '5'), aVm('fresh', '4')], '9', cache.beginList())
    expect(heard).toEqual(['Put changed@5 was 3', 'Put fresh@4 was new', 'Delete gone@2 was 2'])
    expect(namesOf(cache.list())).toEqual(['changed', 'fresh', 'same'])
    expect(cache.isAt(cache.mark('9'))).toBe(true)
  })

  it('indexes what is there and what comes, by several values', () => {
    const cache = createCache<Vm>()
    cache.put(aVm('a', '1', { disks: ['d1', 'd2'] }))
    cache.addIndex('disk', ({ spec }) => spec.disks)
    cache.put(aVm('b', '2', { disks: ['d2', 'd2'] }))
    expect(namesOf(cache.byIndex('disk', 'd2'))).toEqual(['a', 'b'])
    cache.remove(aVm('a', '3', { disks: [] }))
    expect([namesOf(cache.byIndex('disk', 'd1')), namesOf(cache.byIndex('disk', 'd2'))]).toEqual([[], ['b']])
  })

  it('keeps the first function of an index, and names one that there is not', () => {
    const cache = createCache<Vm>()
    cache.put(aVm('a', '1', { node: 'n1' }))
    cache.addIndex('node', ({ spec }) => (spec.node === undefined ? [] : [spec.node]))
    cache.addIndex('node', () => [])
    expect(namesOf(cache.byIndex('node', 'n1'))).toEqual(['a'])
    expect(() => cache.byIndex('host', 'n1')).toThrow(/no index 'host'/u)
  })

  it('lets nobody write into what it holds, however deep', () => {
    const cache = createCache<Vm>()
    cache.put(aVm('a', '1', { disks: ['d1'] }))
    const found = cache.get({ namespace: 'web', name: 'a' }) as unknown as { spec: { disks: string[] } }
    expect(() => found.spec.disks.push('d2')).toThrow(TypeError)
  })

  it('reaches the version of every put, deletion and bookmark', () => {
    const cache = createCache<Vm>()
    const isAt = (version: string) => cache.isAt(cache.mark(version))
    cache.put(aVm('a', '3'))
    expect([isAt('3'), isAt('4')]).toEqual([true, false])
    cache.remove(aVm('a', '4'))
    expect([isAt('4'), isAt('5')]).toEqual([true, false])
    cache.advance('5')
    expect([isAt('5'), isAt('6')]).toEqual([true, false])
  })

  it('finds by index what a search would find, whatever happened', () => {
    const name = constantFrom('a', 'b', 'c')
    const node = constantFrom('n1', 'n2')
    const spec = record({ node, disks: array(constantFrom('d1', 'd2', 'd3'), { maxLength: 3 }) })
    const step = oneof(
      record({ kind: constantFrom('put' as const), name, spec, namespace: constantFrom('web', 'db') }),
      record({ kind: constantFrom('remove' as const), name, namespace: constantFrom('web', 'db') }),
      record({ kind: constantFrom('replace' as const), objects: array(record({ name, spec }), { maxLength: 3 }) }),
    )
    assert(
      property(array(step, { maxLength: 30 }), integer({ min: 0, max: 30 }), (steps, indexAt) => {
        const cache = createCache<Vm>()
        const model = new Map<string, Vm>()
        const addIndexes = (): void => {
          cache.addIndex('node', ({ spec }) => [spec.node ?? ''])
          cache.addIndex('disk', ({ spec }) => spec.disks)
        }
        steps.forEach((step, at) => {
          if (at === indexAt) addIndexes()
          const version = String(at + 1)
          if (step.kind === 'put') {
            const object = aVm(step.name, version, step.spec, step.namespace)
            cache.put(object)
            model.set(`${step.namespace}/${step.name}`, object)
          } else if (step.kind === 'remove') {
            cache.remove(aVm(step.name, version, {}, step.namespace))
            model.delete(`${step.namespace}/${step.name}`)
          } else {
            const objects = new Map(step.objects.map((each) => [`web/${each.name}`, aVm(each.name, version, each.spec)]))
            cache.replace([...objects.values()], version, cache.beginList())
            model.clear()
            for (const [key, object] of objects) model.set(key, object)
          }
        })
        addIndexes()
        const all = [...model.values()]
        const sorted = (objects: readonly Vm[]) => objects.map((each) => JSON.stringify(each)).toSorted()
        expect(sorted(cache.list())).toEqual(sorted(all))
        expect(sorted(cache.list('db'))).toEqual(sorted(all.filter(({ metadata }) => metadata.namespace === 'db')))
        for (const value of ['n1', 'n2'])
          expect(sorted(cache.byIndex('node', value))).toEqual(sorted(all.filter(({ spec }) => spec.node === value)))
        for (const value of ['d1', 'd2', 'd3'])
          expect(sorted(cache.byIndex('disk', value))).toEqual(sorted(all.filter(({ spec }) => spec.disks.includes(value))))
      }),
    )
  })
})
