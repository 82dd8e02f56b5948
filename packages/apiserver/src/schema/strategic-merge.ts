import type { Schema } from '@weir/api'
import { WeirError } from '@weir/base'
import { canonicalJson, isJsonObject, type JsonObject, own } from './json.ts'
import { asRoot } from './object-meta.ts'

const maxDepth = 100
const orderPrefix = '$setElementOrder/'
const deletePrefix = '$deleteFromPrimitiveList/'
const retainKeys = '$retainKeys'

/**
 * `object` with a Kubernetes strategic merge patch applied. Lists whose schema says list type `map` merge by their keys,
 * those of type `set` as sets; all others are replaced. Knows `$patch` (merge, replace, delete), `$retainKeys`,
 * `$setElementOrder/…` and `$deleteFromPrimitiveList/…`. Nothing given is modified.
 * @throws API_BAD_REQUEST if the patch is nested deeper than 100 levels or a directive is none.
 */
export const applyStrategicMerge = (object: JsonObject, patch: JsonObject, schema: Schema): JsonObject =>
  mergeObject(object, patch, { schema: asRoot(schema), depth: 0 })

interface Place {
  readonly schema: Schema
  readonly depth: number
}

const bad = (message: string): WeirError => new WeirError('API_BAD_REQUEST', message)

function mergeObject(object: JsonObject, patch: JsonObject, place: Place): JsonObject {
  if (place.depth > maxDepth) throw bad(`The patch is nested deeper than ${maxDepth} levels`)
  const directive = own(patch, '$patch') ?? 'merge'
  const content = Object.entries(patch).filter(([key]) => !isDirective(key))
  if (directive === 'replace') return Object.fromEntries(content)
  if (directive === 'delete') return {}
  if (directive !== 'merge') throw bad(`'$patch' must be 'merge', 'replace' or 'delete', not ${canonicalJson(directive)}`)
  const merged = new Map(Object.entries(retained(object, patch)))
  for (const [key, value] of content) {
    if (value === null) merged.delete(key)
    else merged.set(key, mergeValue(merged.get(key), value, childOf(place, key)))
  }
  for (const [key, value] of Object.entries(patch)) applyListDirective(merged, { key, value, place })
  return Object.fromEntries(merged)
}

const isDirective = (key: string): boolean =>
  key === '$patch' || key === retainKeys || key.startsWith(orderPrefix) || key.startsWith(deletePrefix)

function childOf({ schema, depth }: Place, key: string): Place {
  const rest = isJsonObject(schema.additionalProperties) ? schema.additionalProperties : {}
  return { schema: own(schema.properties, key) ?? rest, depth: depth + 1 }
}

function retained(object: JsonObject, patch: JsonObject): JsonObject {
  const keep = own(patch, retainKeys)
  if (!Array.isArray(keep)) return object
  return Object.fromEntries(Object.entries(object).filter(([key]) => keep.includes(key)))
}

function mergeValue(value: unknown, patch: unknown, place: Place): unknown {
  if (isJsonObject(patch)) return mergeObject(isJsonObject(value) ? value : {}, patch, place)
  if (!Array.isArray(patch)) return patch
  const { 'x-kubernetes-list-type': listType } = place.schema
  const items: readonly unknown[] = Array.isArray(value) ? value : []
  if (listType === 'set') return unique([...items, ...patch])
  return listType === 'map' ? mergeByKeys(items, patch, place) : patch
}

function unique(items: readonly unknown[]): readonly unknown[] {
  return [...new Map(items.map((item) => [canonicalJson(item), item])).values()]
}

function mergeByKeys(items: readonly unknown[], patch: readonly unknown[], place: Place): readonly unknown[] {
  const identify = identityOf(place.schema)
  const isAll = patch.some((item) => isJsonObject(item) && own(item, '$patch') === 'replace')
  const merged = new Map(isAll ? [] : items.map((item) => [identify(item), item]))
  const itemPlace = { schema: place.schema.items ?? {}, depth: place.depth + 1 }
  for (const item of patch) {
    if (!isJsonObject(item)) throw bad('A list that merges by key must hold objects only')
    const id = identify(item)
    const directive = own(item, '$patch')
    if (directive === 'delete') merged.delete(id)
    else if (directive !== 'replace') merged.set(id, mergeValue(merged.get(id), item, itemPlace))
  }
  return [...merged.values()]
}

function identityOf(schema: Schema): (item: unknown) => string {
  const keys = schema['x-kubernetes-list-map-keys'] ?? []
  return (item) => canonicalJson(isJsonObject(item) ? keys.map((key) => own(item, key)) : item)
}

interface Directive {
  readonly key: string
  readonly value: unknown
  readonly place: Place
}

/** Deletions from lists of scalars, and the order that a list shall have in the end. */
function applyListDirective(merged: Map<string, unknown>, { key, value, place }: Directive): void {
  if (!Array.isArray(value)) return
  const isOrder = key.startsWith(orderPrefix)
  if (!isOrder && !key.startsWith(deletePrefix)) return
  const name = key.slice(key.indexOf('/') + 1)
  const items = merged.get(name)
  if (!Array.isArray(items)) return
  const { schema } = childOf(place, name)
  const identify = schema['x-kubernetes-list-type'] === 'map' ? identityOf(schema) : canonicalJson
  const ids = value.map((item: unknown) => identify(item))
  if (!isOrder) merged.set(name, items.filter((item: unknown) => !ids.includes(identify(item))) as unknown[])
  else merged.set(name, ordered(items, ids, identify))
}

/** Items that the order names stand in that order; others keep their place behind the item before them. */
function ordered(items: readonly unknown[], ids: readonly string[], identify: (item: unknown) => string): readonly unknown[] {
  const rank = new Map(ids.map((id, index) => [id, index]))
  let last = -1
  const ranked = items.map((item, index) => {
    last = rank.get(identify(item)) ?? last
    return { item, rank: last, index }
  })
  return ranked.toSorted((a, b) => a.rank - b.rank || a.index - b.index).map(({ item }) => item)
}
