import type { Schema } from '@weir/api'
import { duplicate, invalid, tooMany } from './cause.ts'
import { canonicalJson, isJsonObject, own } from './json.ts'
import { fieldOf } from './path.ts'
import { type Place, report } from './place.ts'

/** Sizes of an array and the uniqueness that its list type promises; the items are checked by the caller. */
export function checkArray(items: readonly unknown[], schema: Schema, place: Place): void {
  const { minItems, maxItems } = schema
  const field = fieldOf(place.path)
  if (maxItems !== undefined && items.length > maxItems) report(place, items, tooMany(field, items.length, maxItems))
  if (minItems !== undefined && items.length < minItems) {
    report(place, items, invalid(field, items, `${field} in body should have at least ${minItems} items`))
  }
  const identify = identityOf(schema)
  if (identify !== undefined) reportDuplicates(items, identify, place)
}

/** What must be unique among the items, undefined if nothing. */
function identityOf(schema: Schema): ((item: unknown) => unknown) | undefined {
  if (schema['x-kubernetes-list-type'] === 'set' || schema.uniqueItems === true) return (item) => item
  if (schema['x-kubernetes-list-type'] !== 'map') return undefined
  const keys = schema['x-kubernetes-list-map-keys'] ?? []
  return (item) => (isJsonObject(item) ? Object.fromEntries(keys.map((key) => [key, own(item, key)])) : item)
}

function reportDuplicates(items: readonly unknown[], identify: (item: unknown) => unknown, place: Place): void {
  const seen = new Set<string>()
  for (const [index, item] of items.entries()) {
    const identity = identify(item)
    const text = canonicalJson(identity)
    // About the whole array: moving an item must not make an old duplicate a new one.
    if (seen.has(text)) report(place, items, duplicate(fieldOf({ parent: place.path, key: index }), identity))
    seen.add(text)
  }
}
