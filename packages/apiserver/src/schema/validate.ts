import type { Schema } from '@weir/api'
import { type Cause, invalid, notSupported, required, tooMany, wrongType } from './cause.ts'
import { checkArray } from './check-array.ts'
import { checkNumber, checkString } from './check-scalar.ts'
import { isJsonObject, jsonEquals, type JsonObject, own, typeNameOf } from './json.ts'
import { objectMetaSchema } from './object-meta.ts'
import { fieldOf, valueAt } from './path.ts'
import { type Finding, type Place, report } from './place.ts'

const maxCauses = 100

/** A function that says what `root` forbids, and tolerates what `old` had already. */
export const createValidator =
  (root: Schema) =>
  (object: JsonObject, old?: JsonObject): readonly Cause[] => {
    const findings = findAll(object, root)
    const news = old === undefined ? findings : findings.filter(({ path, value }) => !jsonEquals(value, valueAt(old, path)))
    return news.map(({ cause }) => cause)
  }

function findAll(value: unknown, schema: Schema): readonly Finding[] {
  const found: Finding[] = []
  check(value, schema, { path: undefined, add: (finding) => found.push(finding), full: () => found.length >= maxCauses })
  return found
}

/** Checks `value` and what is in it. Recursion ends with the schema, however deep the value is. */
function check(value: unknown, schema: Schema, place: Place): void {
  if (place.full()) return
  if (value === null && schema.nullable === true) return
  if (!checkType(value, schema, place)) return
  if (schema.enum !== undefined && !schema.enum.some((item) => jsonEquals(item, value))) {
    report(place, value, notSupported(fieldOf(place.path), value, schema.enum))
  }
  if (typeof value === 'string') checkString(value, schema, place)
  else if (typeof value === 'number') checkNumber(value, schema, place)
  else if (Array.isArray(value)) checkItems(value, schema, place)
  else if (isJsonObject(value)) checkObject(value, schema, place)
  checkCombinations(value, schema, place)
}

/** False if the type is wrong: then nothing else is worth saying. */
function checkType(value: unknown, schema: Schema, place: Place): boolean {
  const actual = typeNameOf(value)
  if (isType(actual, schema)) return true
  const expected = schema['x-kubernetes-int-or-string'] === true ? 'integer,string' : (schema.type ?? '')
  report(place, value, wrongType(fieldOf(place.path), expected, actual))
  return false
}

function isType(actual: string, { type, 'x-kubernetes-int-or-string': intOrString }: Schema): boolean {
  if (intOrString === true) return actual === 'integer' || actual === 'string'
  return type === undefined || type === actual || (type === 'number' && actual === 'integer')
}

function checkItems(items: readonly unknown[], schema: Schema, place: Place): void {
  checkArray(items, schema, place)
  if (schema.items === undefined) return
  for (const [key, item] of items.entries()) check(item, schema.items, { ...place, path: { parent: place.path, key } })
}

function checkObject(object: JsonObject, schema: Schema, place: Place): void {
  checkSize(object, schema, place)
  for (const key of schema.required ?? []) {
    if (!Object.hasOwn(object, key)) report(place, object, required(fieldOf({ parent: place.path, key })))
  }
  const rest = typeof schema.additionalProperties === 'object' ? schema.additionalProperties : undefined
  for (const key of Object.keys(object)) {
    const property = own(schema.properties, key) ?? rest
    if (property !== undefined) check(object[key], property, { ...place, path: { parent: place.path, key } })
  }
  if (schema['x-kubernetes-embedded-resource'] === true) checkEmbedded(object, place)
}

function checkSize(object: JsonObject, { minProperties, maxProperties }: Schema, place: Place): void {
  if (minProperties === undefined && maxProperties === undefined) return
  const size = Object.keys(object).length
  const field = fieldOf(place.path)
  if (maxProperties !== undefined && size > maxProperties) report(place, object, tooMany(field, size, maxProperties))
  if (minProperties !== undefined && size < minProperties) {
    report(place, object, invalid(field, object, `${field} in body should have at least ${minProperties} properties`))
  }
}

/** An object inside an object says what it is, as one at the root does. */
function checkEmbedded(object: JsonObject, place: Place): void {
  for (const key of ['apiVersion', 'kind']) {
    const value = own(object, key)
    const path = { parent: place.path, key }
    if (value === undefined) report(place, object, required(fieldOf(path), 'must not be empty'))
    else if (typeof value !== 'string') place.add({ cause: wrongType(fieldOf(path), 'string', typeNameOf(value)), path, value })
  }
  const metadata = own(object, 'metadata')
  if (metadata !== undefined) check(metadata, objectMetaSchema, { ...place, path: { parent: place.path, key: 'metadata' } })
}

/** allOf says what exactly is wrong; the others only that nothing (or too much) fits. */
function checkCombinations(value: unknown, schema: Schema, place: Place): void {
  for (const part of schema.allOf ?? []) check(value, part, place)
  const { anyOf, oneOf, not } = schema
  if (anyOf === undefined && oneOf === undefined && not === undefined) return
  const field = fieldOf(place.path)
  const say = (words: string): void => report(place, value, invalid(field, value, `"${field}" ${words}`))
  const fits = (part: Schema): boolean => findAll(value, part).length === 0
  if (anyOf !== undefined && !anyOf.some(fits)) say('must validate at least one schema (anyOf)')
  if (oneOf !== undefined) {
    const count = oneOf.filter(fits).length
    const words = 'must validate one and only one schema (oneOf).'
    if (count !== 1) say(count === 0 ? `${words} Found none valid` : `${words} Found ${count} valid alternatives`)
  }
  if (not !== undefined && fits(not)) say('must not validate the schema (not)')
}
