import type { KindDefinition } from '@weir/api'
import { expect, it } from 'vitest'
import { createKindRegistry } from './registry.ts'

const kind = (group: string, plural: string): KindDefinition => ({
  group,
  version: 'v1',
  kind: plural,
  plural,
  singular: plural,
  namespaced: true,
  schema: { type: 'object' },
})

it('finds kinds by path and by group version', () => {
  const registry = createKindRegistry([kind('', 'configmaps'), kind('kubevirt.io', 'virtualmachines')])
  expect(registry.find('', 'v1', 'configmaps')?.plural).toBe('configmaps')
  expect(registry.find('', 'v1', 'virtualmachines')).toBeUndefined()
  expect(registry.ofGroupVersion('kubevirt.io/v1').map(({ plural }) => plural)).toEqual(['virtualmachines'])
  expect(registry.ofGroupVersion('v1').map(({ plural }) => plural)).toEqual(['configmaps'])
})

it('tells of additions and removals until the listener leaves', () => {
  const registry = createKindRegistry([])
  const seen: number[] = []
  const end = registry.onChange(() => seen.push(registry.kinds().length))
  registry.add(kind('a.io', 'things'))
  registry.remove('a.io', 'v1', 'others')
  registry.remove('a.io', 'v1', 'things')
  end()
  registry.add(kind('a.io', 'things'))
  expect(seen).toEqual([1, 0])
  expect(registry.generation()).toBe(3)
})
