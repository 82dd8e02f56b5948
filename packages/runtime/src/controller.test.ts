import { configMap, node, type KubernetesObject, type OwnerReference } from '@weir/api'
import { expect, it } from 'vitest'
import { toOwner } from './index.ts'
import { pool } from './sample/pool.ts'

const ownedBy = (...owners: readonly Partial<OwnerReference>[]): KubernetesObject => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: {
    name: 'child',
    namespace: 'web',
    ownerReferences: owners.map((owner) => ({ apiVersion: 'sample.weir.dev/v1', kind: 'Pool', name: 'p', uid: 'u', ...owner })),
  },
})

it.each([
  ['its controlling owner', ownedBy({ controller: true }), [{ namespace: 'web', name: 'p' }]],
  ['no owner that does not control it', ownedBy({}), []],
  ['no owner of another kind', ownedBy({ controller: true, kind: 'Puddle' }), []],
  ['no owner of a group of the same name', ownedBy({ controller: true, apiVersion: 'other.dev/v1' }), []],
  [
    'an owner of another version',
    ownedBy({ controller: true, apiVersion: 'sample.weir.dev/v2' }),
    [{ namespace: 'web', name: 'p' }],
  ],
  ['nobody', { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'child' } }, []],
])('maps an object to %s', (_name, object, expected) => {
  expect(toOwner(pool)(object)).toEqual(expected)
})

it('maps to an owner of the cluster without a namespace', () => {
  const object = ownedBy({ controller: true, apiVersion: 'v1', kind: 'Node', name: 'n1' })
  expect(toOwner(node)(object)).toEqual([{ namespace: '', name: 'n1' }])
  expect(toOwner(configMap)(object)).toEqual([])
})
