import type { KindDefinition, KubernetesObject } from '@weir/api'
import { describe, expect, it } from 'vitest'
import { formatAge } from './age.ts'
import { findByPath, parseJsonPath } from './json-path.ts'
import { renderTable } from './render.ts'

const now = Date.parse('2026-01-01T01:00:00Z')
const kind = (group: string, name: string, columns?: KindDefinition['columns']): KindDefinition => ({
  group,
  version: 'v1',
  kind: name,
  plural: 'xs',
  singular: 'x',
  namespaced: true,
  schema: { type: 'object' },
  ...(columns === undefined ? {} : { columns }),
})
const object = (more: object = {}): KubernetesObject => ({
  apiVersion: 'v1',
  kind: 'X',
  metadata: { name: 'a', creationTimestamp: '2026-01-01T00:00:00Z' },
  ...more,
})
const cells = (definition: KindDefinition, value: KubernetesObject) => renderTable(definition, [value], { now }).rows[0]?.cells

describe('formatAge', () => {
  it.each([
    [-5, '<invalid>'],
    [0, '0s'],
    [119, '119s'],
    [120, '2m'],
    [200, '3m20s'],
    [3600, '60m'],
    [3 * 3600 + 60, '3h1m'],
    [9 * 3600, '9h'],
    [2 * 86_400 + 3600, '2d1h'],
    [40 * 86_400, '40d'],
    [800 * 86_400, '2y70d'],
    [3000 * 86_400, '8y'],
  ])('prints %d seconds as %s', (seconds, text) => {
    expect(formatAge(seconds)).toBe(text)
  })
})

describe('findByPath', () => {
  const value = { a: { b: [{ t: 'x', n: 1 }, { t: 'y' }], 'c.d/e': 2 }, __proto__: { inherited: 1 } }
  it.each<[string, unknown[]]>([
    ['.a.b[0].n', [1]],
    ['.a.b[-1].t', ['y']],
    ['.a.b[*].t', ['x', 'y']],
    ['.a.b[?(@.t=="y")].t', ['y']],
    ['.a.b[?(@.n==1)].t', ['x']],
    [`.a['c.d/e']`, [2]],
    ['.a.c\\.d/e', [2]],
    ['.a.missing.deep', []],
    ['.inherited', []],
    ['{.a.b[0].t}', ['x']],
  ])('follows %s', (path, expected) => {
    expect(findByPath(value, parseJsonPath(path) ?? [])).toEqual(expected)
  })

  it.each(['.a[', '.a[?(@.x=~"y")]', '.a b', '..a'])('does not know %s', (path) => {
    expect(parseJsonPath(path)).toBeUndefined()
  })
})

describe('renderTable', () => {
  it('shows name and age where a kind names no columns', () => {
    const table = renderTable(kind('x.dev', 'X'), [object()], { now, metadata: { resourceVersion: '7' } })
    expect(table.columnDefinitions.map(({ name }) => name)).toEqual(['Name', 'Age'])
    expect(table.metadata).toEqual({ resourceVersion: '7' })
    expect(table.rows).toEqual([
      {
        cells: ['a', '60m'],
        object: { kind: 'PartialObjectMetadata', apiVersion: 'meta.k8s.io/v1', metadata: object().metadata },
      },
    ])
  })

  it('shows the columns of a kind', () => {
    const definition = kind('x.dev', 'X', [
      { name: 'Ready', type: 'string', jsonPath: '.status.conditions[?(@.type=="Ready")].status' },
      { name: 'Size', type: 'integer', jsonPath: '.spec.size' },
      { name: 'Since', type: 'date', jsonPath: '.status.since', priority: 1 },
    ])
    const status = { conditions: [{ type: 'Ready', status: 'True' }], since: '2026-01-01T00:59:00Z' }
    expect(cells(definition, object({ status, spec: { size: 3 } }))).toEqual(['a', 'True', 3, '60s'])
    expect(cells(definition, object())).toEqual(['a', null, null, null])
  })

  it.each<[string, KindDefinition, object, unknown[]]>([
    ['a Namespace', kind('', 'Namespace'), { status: { phase: 'Active' } }, ['a', 'Active', '60m']],
    ['a ConfigMap', kind('', 'ConfigMap'), { data: { x: '' }, binaryData: { y: '' } }, ['a', 2, '60m']],
    ['a Secret', kind('', 'Secret'), { data: { x: '' } }, ['a', 'Opaque', 1, '60m']],
    ['a Lease', kind('coordination.k8s.io', 'Lease'), { spec: { holderIdentity: 'me' } }, ['a', 'me', '60m']],
    [
      'a StorageClass',
      kind('storage.k8s.io', 'StorageClass'),
      {
        metadata: { ...object().metadata, annotations: { 'storageclass.kubernetes.io/is-default-class': 'true' } },
        provisioner: 'p',
      },
      ['a (default)', 'p', 'Delete', '<unset>', false, '60m'],
    ],
    [
      'a PersistentVolumeClaim',
      kind('', 'PersistentVolumeClaim'),
      {
        spec: { volumeName: 'v', storageClassName: 's' },
        status: { phase: 'Bound', capacity: { storage: '1Gi' }, accessModes: ['ReadWriteOnce', 'ReadWriteMany'] },
      },
      ['a', 'Bound', 'v', '1Gi', 'RWO,RWX', 's', '<unset>', '60m', '<unset>'],
    ],
  ])('shows %s as kubectl users know it', (_, definition, more, expected) => {
    expect(cells(definition, object(more))).toEqual(expected)
  })

  it('shows a Node', () => {
    const node = object({
      metadata: { ...object().metadata, labels: { 'node-role.kubernetes.io/host': '' } },
      spec: { unschedulable: true },
      status: { conditions: [{ type: 'Ready', status: 'True' }], addresses: [{ type: 'InternalIP', address: '127.0.0.1' }] },
    })
    const row = cells(kind('', 'Node'), node)
    expect(row?.slice(0, 6)).toEqual(['a', 'Ready,SchedulingDisabled', 'host', '60m', '', '127.0.0.1'])
  })

  it('shows an Event by what happened last', () => {
    const event = object({
      involvedObject: { kind: 'VirtualMachine', name: 'vm' },
      lastTimestamp: '2026-01-01T00:59:30Z',
      type: 'Normal',
      reason: 'Started',
      message: 'It runs.',
    })
    const row = cells(kind('', 'Event'), event)
    expect(row?.slice(0, 4)).toEqual(['30s', 'Normal', 'Started', 'virtualmachine/vm'])
  })
})
