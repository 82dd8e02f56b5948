import type { Schema } from '@weir/api'
import { isJsonObject, type JsonObject, mapItems, mapValues, own } from './json.ts'

/** A function that fills in the defaults of `root` and drops nulls that may not be. */
export const createDefaulter =
  (root: Schema): ((object: JsonObject) => JsonObject) =>
  (object) =>
    fillObject(object, root)

function fill(value: unknown, schema: Schema): unknown {
  if (isJsonObject(value)) return fillObject(value, schema)
  const { items } = schema
  if (!Array.isArray(value) || items === undefined) return value
  return mapItems(value, (item) => (item === null && items.nullable !== true ? (defaultOf(items) ?? item) : fill(item, items)))
}

function fillObject(object: JsonObject, schema: Schema): JsonObject {
  const { properties, additionalProperties } = schema
  const rest = typeof additionalProperties === 'object' ? additionalProperties : undefined
  const present = mapValues(object, (value, key) => {
    const property = own(properties, key) ?? rest
    if (property === undefined) return value
    if (value === null && property.nullable !== true && !isFree(property)) return defaultOf(property)
    return fill(value, property)
  })
  const missing = Object.entries(defaultedProperties(schema)).filter(([key]) => !Object.hasOwn(present, key))
  if (missing.length === 0) return present
  return Object.fromEntries([...Object.entries(present), ...missing.map(([key, property]) => [key, defaultOf(property)])])
}

/** Null is a value where anything goes. */
const isFree = (schema: Schema): boolean => schema.type === undefined && schema['x-kubernetes-int-or-string'] !== true

/** A fresh copy of the default with its own nested defaults, undefined if there is none. */
function defaultOf(schema: Schema): unknown {
  return schema.default === undefined ? undefined : fill(structuredClone(schema.default), schema)
}

const defaulted = new WeakMap<Schema, Readonly<Record<string, Schema>>>()

/** The properties that have a default: few, so that filling costs by the object's size and not by the schema's. */
function defaultedProperties(schema: Schema): Readonly<Record<string, Schema>> {
  const known = defaulted.get(schema)
  if (known !== undefined) return known
  const found = Object.fromEntries(
    Object.entries(schema.properties ?? {}).filter(([, { default: value }]) => value !== undefined),
  )
  defaulted.set(schema, found)
  return found
}
