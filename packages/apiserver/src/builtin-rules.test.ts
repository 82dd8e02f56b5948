import { configMap, namespace, node, persistentVolumeClaim, secret } from '@weir/api'
import { describe, expect, it } from 'vitest'
import { builtinCauses, prepare } from './builtin-rules.ts'
import type { JsonObject } from './schema/json.ts'

const fieldsOf = (object: JsonObject, old?: JsonObject, kind = configMap): readonly string[] =>
  builtinCauses(kind, object, old).map(({ field }) => field)
const base64 = (bytes: number): string => Buffer.alloc(bytes).toString('base64')

describe('keys of data', () => {
  it.each([
    ['', ['data[]']],
    ['a/b', ['data[a/b]']],
    ['ü', ['data[ü]']],
    ['.', ['data[.]']],
    ['..', ['data[..]']],
    ['..x', ['data[..x]']],
    ['x'.repeat(254), [`data[${'x'.repeat(254)}]`]],
    ['a', []],
    ['.env', []],
    ['A_b-c.d', []],
    ['__proto__', []],
  ])('%s', (key, fields) => {
    const object = { data: Object.fromEntries([[key, 'v']]) as JsonObject }
    expect(fieldsOf(object)).toEqual(fields)
    expect(fieldsOf(object, undefined, secret)).toEqual(fields)
    expect(fieldsOf(object, undefined, node)).toEqual([])
  })

  it('stand in one of the two maps', () => {
    expect(fieldsOf({ data: { a: '1', b: '2' }, binaryData: { b: '', c: '' } })).toEqual(['binaryData[b]'])
  })
})

describe('the size of data', () => {
  const mebibyte = 1024 * 1024
  it.each([
    ['text of a ConfigMap', configMap, { data: { a: 'x'.repeat(mebibyte) } }, 0],
    ['more text of a ConfigMap', configMap, { data: { a: 'x'.repeat(mebibyte), b: 'y' } }, 1],
    ['text that is longer as UTF-8', configMap, { data: { a: 'ü'.repeat(mebibyte / 2 + 1) } }, 1],
    ['bytes of a ConfigMap', configMap, { binaryData: { a: base64(mebibyte) } }, 0],
    ['both', configMap, { data: { b: 'x' }, binaryData: { a: base64(mebibyte) } }, 1],
    ['bytes of a Secret', secret, { data: { a: base64(mebibyte) } }, 0],
    ['more bytes of a Secret', secret, { data: { a: base64(mebibyte), b: base64(1) } }, 1],
  ])('%s', (_, kind, object, count) => {
    expect(builtinCauses(kind, object, undefined)).toHaveLength(count)
  })
})

describe('what may not change', () => {
  it('is everything of an object that says it is immutable', () => {
    const old = { data: { a: '1' }, immutable: true }
    expect(fieldsOf({ data: { a: '1' }, immutable: true }, old)).toEqual([])
    expect(fieldsOf({ data: { a: '2' }, immutable: true }, old)).toEqual(['data'])
    expect(fieldsOf({ data: { a: '1' } }, old)).toEqual(['immutable'])
    expect(fieldsOf({ data: { a: '2' } }, { data: { a: '1' }, immutable: false })).toEqual([])
  })

  it('is the type of a Secret', () => {
    expect(fieldsOf({ type: 'a' }, { type: 'b' }, secret)).toEqual(['type'])
    expect(fieldsOf({ type: 'a' }, { type: 'b' }, configMap)).toEqual([])
  })
})

describe('a claim', () => {
  const claim = (storage: unknown, more: object = {}) => ({ spec: { resources: { requests: { storage } }, ...more } })
  const wrong = (object: JsonObject, old?: JsonObject): readonly string[] => fieldsOf(object, old, persistentVolumeClaim)

  it.each(['0', 0, '00', '0.0', '-1Gi', -1, '+0Mi', '.0', '0e3'])('asks for more than nothing: %s', (storage) => {
    expect(wrong(claim(storage))).toEqual(['spec.resources[storage]'])
  })

  it.each(['1', 1, '0.5Gi', '+1Mi', '.5Gi', '10Gi', '1e9', '0.001'])('may ask for %s', (storage) => {
    expect(wrong(claim(storage))).toEqual([])
  })

  it('may grow once it is bound, and nothing else', () => {
    const bound = claim('1Gi', { volumeName: 'pvc-1', accessModes: ['ReadWriteOnce'] })
    expect(wrong(claim('2Gi', { volumeName: 'pvc-1', accessModes: ['ReadWriteOnce'] }), bound)).toEqual([])
    expect(wrong(claim('1Gi', { volumeName: 'pvc-2', accessModes: ['ReadWriteOnce'] }), bound)).toEqual(['spec'])
    expect(wrong(claim('1Gi', { volumeName: 'pvc-1', storageClassName: 'x' }), claim('1Gi'))).toEqual([])
  })
})

describe('what writing fills in', () => {
  it('encodes plain values of a Secret, over those that are there', () => {
    expect(prepare(secret, { data: { a: 'MQ==', b: 'Mg==' }, stringData: { b: 'ü' } })).toEqual({
      data: { a: 'MQ==', b: 'w7w=' },
    })
    expect(prepare(secret, { data: { a: 'MQ==' } })).toEqual({ data: { a: 'MQ==' } })
  })

  it('labels a Namespace with its name', () => {
    expect(prepare(namespace, { metadata: { name: 'x', labels: { a: 'b', 'kubernetes.io/metadata.name': 'y' } } })).toEqual({
      metadata: { name: 'x', labels: { a: 'b', 'kubernetes.io/metadata.name': 'x' } },
    })
  })

  it('leaves other kinds as they are', () => {
    const object = { stringData: { a: 'b' }, metadata: { name: 'x' } }
    expect(prepare(configMap, object)).toBe(object)
  })
})
