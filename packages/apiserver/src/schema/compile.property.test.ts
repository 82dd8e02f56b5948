import type { Schema } from '@weir/api'
import {
  type Arbitrary,
  assert,
  boolean,
  constantFrom,
  dictionary,
  integer,
  jsonValue,
  letrec,
  property,
  record,
  string,
} from 'fast-check'
import { it } from 'vitest'
import { compileSchema } from './compile.ts'
import { type JsonObject, jsonEquals } from './json.ts'

const key = constantFrom('a', 'b', 'c', '__proto__', 'constructor', 'toString')

/** Structural schemas whose defaults obey them. */
const { schema } = letrec<{ schema: Schema }>((tie) => ({
  schema: (() => {
    const leaf: Arbitrary<Schema> = constantFrom<Schema>(
      { type: 'string' },
      { type: 'string', default: 'x' },
      { type: 'integer', default: 3, minimum: 0 },
      { type: 'integer', nullable: true },
      { type: 'object', 'x-kubernetes-preserve-unknown-fields': true, default: { any: [{ thing: null }] } },
      { 'x-kubernetes-int-or-string': true, default: '10%' },
    )
    const nested = record({ properties: dictionary(key, tie('schema'), { maxKeys: 3 }), empty: boolean() }).map(
      ({ properties, empty }): Schema => ({ type: 'object', properties, ...(empty ? { default: {} } : {}) }),
    )
    const list = tie('schema').map((items): Schema => ({ type: 'array', items }))
    const map = tie('schema').map((additionalProperties): Schema => ({ type: 'object', additionalProperties }))
    return integer({ min: 0, max: 9 }).chain((choice) => (choice < 4 ? leaf : choice < 7 ? nested : choice < 9 ? list : map))
  })(),
}))

const rootSchema = schema.map((spec): Schema => ({ type: 'object', properties: { spec } }))
const value = jsonValue({ maxDepth: 4 })
const shaped = letrec<{ value: unknown }>((tie) => ({
  value: integer({ min: 0, max: 5 }).chain((choice): Arbitrary<unknown> =>
    choice < 2 ? dictionary(key, tie('value'), { maxKeys: 3 }) : choice === 2 ? string() : choice === 3 ? value : integer(),
  ),
})).value
const object = shaped.map((spec): JsonObject => JSON.parse(JSON.stringify({ metadata: { name: 'x' }, spec })) as JsonObject)

it('prunes once for all', () => {
  assert(
    property(rootSchema, object, (root, given) => {
      const rules = compileSchema(root)
      const once = rules.prune(given)
      const twice = rules.prune(once.object)
      return twice.unknown.length === 0 && twice.object === once.object
    }),
  )
})

it('defaults once for all', () => {
  assert(
    property(rootSchema, object, (root, given) => {
      const rules = compileSchema(root)
      const once = rules.applyDefaults(given)
      return rules.applyDefaults(once) === once
    }),
  )
})

it('finds nothing unknown in its own defaults', () => {
  assert(
    property(rootSchema, object, (root, given) => {
      const rules = compileSchema(root)
      const defaulted = rules.applyDefaults(rules.prune(given).object)
      return rules.prune(defaulted).unknown.length === 0
    }),
  )
})

it('still validates a valid object after pruning and defaulting', () => {
  assert(
    property(rootSchema, object, (root, given) => {
      const rules = compileSchema(root)
      if (rules.validate(given).length > 0) return true
      return rules.validate(rules.applyDefaults(rules.prune(given).object)).length === 0
    }),
    { numRuns: 500 },
  )
})

it('tolerates everything that was there before', () => {
  assert(
    property(rootSchema, object, (root, given) => {
      const rules = compileSchema(root)
      return rules.validate(structuredClone(given), given).length === 0
    }),
  )
})

it('touches neither what it is given nor the prototype', () => {
  assert(
    property(rootSchema, object, (root, given) => {
      const before = JSON.stringify(given)
      const rules = compileSchema(root)
      rules.validate(rules.applyDefaults(rules.prune(given).object))
      return JSON.stringify(given) === before && !('polluted' in {}) && jsonEquals(given, JSON.parse(before))
    }),
  )
})
