import type { Schema } from '@weir/api'
import { describe, expect, it } from 'vitest'
import { compileSchema } from './compile.ts'
import type { JsonObject } from './json.ts'

const spec = (schema: Schema): Schema => ({ type: 'object', properties: { spec: schema } })
const rulesOf = (schema: Schema) => compileSchema(spec(schema))
const object = (value: unknown): JsonObject =>
  JSON.parse(JSON.stringify({ apiVersion: 'v1', kind: 'X', metadata: {}, spec: value }))
const messages = (schema: Schema, value: unknown) =>
  rulesOf(schema)
    .validate(object(value))
    .map(({ field, reason, message }) => `${field} ${reason} ${message}`)

describe('validate', () => {
  it.each<[string, Schema, unknown, string[]]>([
    [
      'a wrong type',
      { type: 'integer' },
      'x',
      ['spec FieldValueTypeInvalid Invalid value: "string": spec in body must be of type integer: "string"'],
    ],
    ['an integer for a number', { type: 'number' }, 1, []],
    ['null where it is allowed', { type: 'string', nullable: true }, null, []],
    [
      'null where it is not',
      { type: 'string' },
      null,
      ['spec FieldValueTypeInvalid Invalid value: "null": spec in body must be of type string: "null"'],
    ],
    ['a missing field', { type: 'object', required: ['a'] }, {}, ['spec.a FieldValueRequired Required value']],
    [
      'a required field that only the prototype has',
      { type: 'object', required: ['constructor'] },
      {},
      ['spec.constructor FieldValueRequired Required value'],
    ],
    [
      'an enum',
      { type: 'string', enum: ['a', 'b'] },
      'c',
      ['spec FieldValueNotSupported Unsupported value: "c": supported values: "a", "b"'],
    ],
    [
      'a minimum',
      { type: 'integer', minimum: 1 },
      0,
      ['spec FieldValueInvalid Invalid value: 0: spec in body should be greater than or equal to 1'],
    ],
    [
      'an exclusive maximum',
      { type: 'integer', maximum: 1, exclusiveMaximum: true },
      1,
      ['spec FieldValueInvalid Invalid value: 1: spec in body should be less than 1'],
    ],
    ['lengths in code points', { type: 'string', maxLength: 2, minLength: 2 }, '😀😀', []],
    ['a long text', { type: 'string', maxLength: 2 }, 'abc', ['spec FieldValueTooLong Too long: may not be more than 2 bytes']],
    [
      'a pattern',
      { type: 'string', pattern: '^[a-z]+$' },
      'A',
      [`spec FieldValueInvalid Invalid value: "A": spec in body should match '^[a-z]+$'`],
    ],
    ['a pattern that would backtrack for ever', { type: 'string', pattern: '^(a+)+$' }, 'a'.repeat(5000), []],
    ['int-or-string', { 'x-kubernetes-int-or-string': true }, '5%', []],
    [
      'a boolean for int-or-string',
      { 'x-kubernetes-int-or-string': true },
      true,
      ['spec FieldValueTypeInvalid Invalid value: "boolean": spec in body must be of type integer,string: "boolean"'],
    ],
    [
      'too many items',
      { type: 'array', maxItems: 1, items: { type: 'string' } },
      ['a', 'b'],
      ['spec FieldValueTooMany Too many: 2: must have at most 1 items'],
    ],
    [
      'an item',
      { type: 'array', items: { type: 'object', properties: { n: { type: 'string' } } } },
      [{}, { n: 1 }],
      ['spec[1].n FieldValueTypeInvalid Invalid value: "integer": spec[1].n in body must be of type string: "integer"'],
    ],
    [
      'a set',
      { type: 'array', items: { type: 'string' }, 'x-kubernetes-list-type': 'set' },
      ['a', 'b', 'a'],
      ['spec[2] FieldValueDuplicate Duplicate value: "a"'],
    ],
    [
      'a list map',
      {
        type: 'array',
        items: { type: 'object', properties: { name: { type: 'string' } } },
        'x-kubernetes-list-type': 'map',
        'x-kubernetes-list-map-keys': ['name'],
      },
      [{ name: 'a' }, { name: 'a' }],
      ['spec[1] FieldValueDuplicate Duplicate value: {"name":"a"}'],
    ],
    [
      'oneOf',
      { type: 'object', oneOf: [{ required: ['a'] }, { required: ['b'] }] },
      {},
      ['spec FieldValueInvalid Invalid value: {}: "spec" must validate one and only one schema (oneOf). Found none valid'],
    ],
    ['anyOf', { type: 'object', anyOf: [{ required: ['a'] }, { required: ['b'] }] }, { a: 1, b: 1 }, []],
    [
      'not',
      { type: 'object', not: { required: ['a'] } },
      { a: 1 },
      ['spec FieldValueInvalid Invalid value: {"a":1}: "spec" must not validate the schema (not)'],
    ],
    [
      'an embedded object',
      { type: 'object', 'x-kubernetes-embedded-resource': true, 'x-kubernetes-preserve-unknown-fields': true },
      { kind: 'Pod', metadata: { labels: { a: 1 } } },
      [
        'spec.apiVersion FieldValueRequired Required value: must not be empty',
        'spec.metadata.labels.a FieldValueTypeInvalid Invalid value: "integer": spec.metadata.labels.a in body must be of type string: "integer"',
      ],
    ],
    [
      'a date',
      { type: 'string', format: 'date-time' },
      'today',
      ['spec FieldValueTypeInvalid Invalid value: "today": spec in body must be of type date-time: "today"'],
    ],
    ['an unknown format', { type: 'string', format: 'colour' }, 'x', []],
    [
      'int32',
      { type: 'integer', format: 'int32' },
      2 ** 31,
      ['spec FieldValueTypeInvalid Invalid value: "integer": spec in body must be of type int32: "integer"'],
    ],
  ])('judges %s', (_, schema, value, expected) => {
    expect(messages(schema, value)).toEqual(expected)
  })

  it('stops at 100 causes', () => {
    const items = Array.from({ length: 1000 }, () => 'x')
    expect(messages({ type: 'array', items: { type: 'integer' } }, items)).toHaveLength(100)
  })

  it('tolerates what was wrong before and is unchanged, and nothing else', () => {
    const rules = rulesOf({ type: 'object', required: ['c'], properties: { a: { type: 'integer' }, b: { type: 'integer' } } })
    const old = object({ a: 'x', b: 1, c: 1 })
    expect(rules.validate(object({ a: 'x', b: 2, c: 1 }), old)).toEqual([])
    expect(rules.validate(object({ a: 'y', b: 2, c: 1 }), old).map(({ field }) => field)).toEqual(['spec.a'])
    expect(rules.validate(object({ a: 'x', b: 1 }), old).map(({ field }) => field)).toEqual(['spec.c'])
  })
})

describe('prune', () => {
  it('drops unknown fields and names them', () => {
    const rules = rulesOf({
      type: 'object',
      properties: { a: { type: 'array', items: { type: 'object', properties: { b: {} } } } },
    })
    const { object: pruned, unknown } = rules.prune(object({ a: [{ b: 1, c: 2 }], d: 3 }))
    expect(pruned['spec']).toEqual({ a: [{ b: 1 }] })
    expect(unknown).toEqual(['spec.a[0].c', 'spec.d'])
  })

  it('returns the very object if there is nothing to drop', () => {
    const whole = object({ a: 1 })
    expect(rulesOf({ type: 'object', properties: { a: { type: 'integer' } } }).prune(whole).object).toBe(whole)
  })

  it('keeps what it is told to keep, and the known parts of it clean', () => {
    const rules = rulesOf({
      type: 'object',
      'x-kubernetes-preserve-unknown-fields': true,
      properties: { known: { type: 'object', properties: {} } },
    })
    expect(rules.prune(object({ any: { x: [1] }, known: { gone: 1 } })).object['spec']).toEqual({ any: { x: [1] }, known: {} })
  })

  it('treats __proto__ and constructor as any other key', () => {
    const rules = rulesOf({ type: 'object', additionalProperties: { type: 'string' } })
    const hostile = JSON.parse('{"spec":{"__proto__":"a","constructor":"b","x":"c"},"__proto__":{"polluted":true}}') as JsonObject
    const { object: pruned, unknown } = rules.prune(hostile)
    expect(unknown).toEqual(['__proto__'])
    expect(JSON.stringify(pruned)).toBe('{"spec":{"__proto__":"a","constructor":"b","x":"c"}}')
    expect(Object.getPrototypeOf(pruned['spec'])).toBe(Object.prototype)
  })

  it('knows metadata', () => {
    const rules = rulesOf({ type: 'object' })
    expect(rules.prune({ metadata: { name: 'a', labels: { x: 'y' }, color: 'red' } }).unknown).toEqual(['metadata.color'])
  })
})

describe('applyDefaults', () => {
  const rules = rulesOf({
    type: 'object',
    properties: {
      a: { type: 'integer', default: 1 },
      b: { type: 'object', default: {}, properties: { c: { type: 'string', default: 'x' } } },
      d: { type: 'object', properties: { e: { type: 'string', default: 'y' } } },
      f: { type: 'string' },
      g: { type: 'string', nullable: true },
    },
  })

  it('fills in what is absent, inside filled in objects too', () => {
    expect(rules.applyDefaults(object({}))['spec']).toEqual({ a: 1, b: { c: 'x' } })
  })

  it('leaves what is there', () => {
    const whole = object({ a: 0, b: { c: '' } })
    expect(rules.applyDefaults(whole)).toBe(whole)
  })

  it('takes null for absent where null is not allowed', () => {
    expect(rules.applyDefaults(object({ a: null, b: { c: 'z' }, d: { e: null }, f: null, g: null }))['spec']).toEqual({
      a: 1,
      b: { c: 'z' },
      d: { e: 'y' },
      g: null,
    })
  })

  it('gives every object its own copy', () => {
    const first = rules.applyDefaults(object({}))['spec'] as { b: { c: string } }
    first.b.c = 'changed'
    expect(rules.applyDefaults(object({}))['spec']).toEqual({ a: 1, b: { c: 'x' } })
  })
})
