import type { Schema } from '@weir/api'
import { isJsonObject, type JsonObject, mapItems, mapValues, own } from './json.ts'
import { objectMetaSchema } from './object-meta.ts'
import { fieldOf, type Path } from './path.ts'

interface Pruned {
  readonly object: JsonObject
  readonly unknown: readonly string[]
}

const anything: Schema = { 'x-kubernetes-preserve-unknown-fields': true }
const text: Schema = { type: 'string' }
const embedded: Readonly<Record<string, Schema>> = { apiVersion: text, kind: text, metadata: objectMetaSchema }

/** A function that drops the fields `root` does not know. */
export function createPruner(root: Schema): (object: JsonObject) => Pruned {
  return (object) => {
    const unknown: string[] = []
    return { object: pruneObject(object, { schema: root, path: undefined, unknown }), unknown }
  }
}

interface Place {
  readonly schema: Schema
  readonly path: Path | undefined
  readonly unknown: string[]
}

function pruneValue(value: unknown, place: Place): unknown {
  if (isJsonObject(value)) return pruneObject(value, place)
  if (!Array.isArray(value)) return value
  const items = place.schema.items ?? (keepsUnknown(place.schema) ? anything : {})
  if (items === anything) return value
  return mapItems(value, (item, index) => pruneValue(item, { ...place, schema: items, path: { parent: place.path, key: index } }))
}

function pruneObject(object: JsonObject, place: Place): JsonObject {
  return mapValues(object, (value, key) => {
    const path = { parent: place.path, key }
    const schema = childSchema(place.schema, key)
    if (schema === undefined) {
      place.unknown.push(fieldOf(path))
      return undefined
    }
    return schema === anything ? value : pruneValue(value, { ...place, schema, path })
  })
}

/** The schema of the value under `key`, undefined if the key is unknown. */
function childSchema(schema: Schema, key: string): Schema | undefined {
  const property = own(schema.properties, key)
  if (property !== undefined) return property
  if (schema['x-kubernetes-embedded-resource'] === true) {
    const known = own(embedded, key)
    if (known !== undefined) return known
  }
  const { additionalProperties } = schema
  if (typeof additionalProperties === 'object') return additionalProperties
  return additionalProperties === true || keepsUnknown(schema) ? anything : undefined
}

const keepsUnknown = (schema: Schema): boolean => schema['x-kubernetes-preserve-unknown-fields'] === true
