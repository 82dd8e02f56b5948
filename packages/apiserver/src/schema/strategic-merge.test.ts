import type { Schema } from '@weir/api'
import { expect, it } from 'vitest'
import { applyStrategicMerge } from './strategic-merge.ts'

const schema: Schema = {
  type: 'object',
  properties: {
    data: { type: 'object', additionalProperties: { type: 'string' } },
    modes: { type: 'array', items: { type: 'string' } },
    tags: { type: 'array', 'x-kubernetes-list-type': 'set', items: { type: 'string' } },
    ports: {
      type: 'array',
      'x-kubernetes-list-type': 'map',
      'x-kubernetes-list-map-keys': ['name'],
      items: { type: 'object', properties: { name: { type: 'string' }, port: { type: 'integer' }, more: { type: 'object' } } },
    },
  },
}
const ports = [
  { name: 'a', port: 1 },
  { name: 'b', port: 2 },
]

it.each<[string, object, object, object]>([
  ['sets and removes fields', { data: { a: '1', b: '2' } }, { data: { a: null, c: '3' } }, { data: { b: '2', c: '3' } }],
  ['replaces lists without a list type', { modes: ['a', 'b'] }, { modes: ['c'] }, { modes: ['c'] }],
  ['merges sets', { tags: ['a', 'b'] }, { tags: ['b', 'c'] }, { tags: ['a', 'b', 'c'] }],
  ['deletes from sets', { tags: ['a', 'b'] }, { '$deleteFromPrimitiveList/tags': ['a'] }, { tags: ['b'] }],
  ['merges list maps by key', { ports }, { ports: [{ name: 'b', port: 9 }] }, { ports: [ports[0], { name: 'b', port: 9 }] }],
  ['deletes from list maps', { ports }, { ports: [{ name: 'a', $patch: 'delete' }] }, { ports: [ports[1]] }],
  [
    'orders list maps',
    { ports },
    { ports: [{ name: 'c', port: 3 }], '$setElementOrder/ports': [{ name: 'c' }, { name: 'b' }, { name: 'a' }] },
    { ports: [{ name: 'c', port: 3 }, ports[1], ports[0]] },
  ],
  ['replaces a list map', { ports }, { ports: [{ $patch: 'replace' }, { name: 'c' }] }, { ports: [{ name: 'c' }] }],
  ['replaces an object', { data: { a: '1' } }, { data: { $patch: 'replace', b: '2' } }, { data: { b: '2' } }],
  [
    'retains only the keys it is told',
    { data: { a: '1', b: '2' } },
    { data: { $retainKeys: ['a'], a: '3' } },
    { data: { a: '3' } },
  ],
  [
    'merges finalizers and owners of any kind',
    { metadata: { finalizers: ['x.dev/a'], ownerReferences: [{ uid: '1' }] } },
    { metadata: { finalizers: ['x.dev/b'], ownerReferences: [{ uid: '2' }] } },
    { metadata: { finalizers: ['x.dev/a', 'x.dev/b'], ownerReferences: [{ uid: '1' }, { uid: '2' }] } },
  ],
])('%s', (_, object, patch, expected) => {
  const before = JSON.stringify(object)
  expect(applyStrategicMerge({ ...object }, { ...patch }, schema)).toEqual(expected)
  expect(JSON.stringify(object)).toBe(before)
})

it('takes __proto__ for data', () => {
  const patch = JSON.parse('{"data":{"__proto__":"x"},"__proto__":{"polluted":true}}') as Readonly<Record<string, unknown>>
  const merged = applyStrategicMerge({ data: {} }, patch, schema)
  expect(JSON.stringify(merged['data'])).toBe('{"__proto__":"x"}')
  expect('polluted' in {}).toBe(false)
})

it('refuses unknown directives and endless nesting', () => {
  expect(() => applyStrategicMerge({}, { $patch: 'explode' }, schema)).toThrow("'$patch' must be")
  const deep = JSON.parse('{"a":'.repeat(500) + '1' + '}'.repeat(500)) as Readonly<Record<string, unknown>>
  expect(() => applyStrategicMerge({}, deep, schema)).toThrow('nested deeper')
})
