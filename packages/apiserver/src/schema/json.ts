/** A JSON object as it came from a parser: its keys may be anything, `__proto__` and `constructor` included. */
export type JsonObject = Readonly<Record<string, unknown>>

/** True for objects, not for arrays and null. */
export const isJsonObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** The own property, never one of the prototype. */
export const own = <V>(object: Readonly<Record<string, V>> | undefined, key: string): V | undefined =>
  object !== undefined && Object.hasOwn(object, key) ? object[key] : undefined

/** The JSON type as schemas name it. */
export function typeNameOf(value: unknown): string {
  if (value === null || value === undefined) return 'null'
  if (Array.isArray(value)) return 'array'
  if (typeof value === 'number') return Number.isInteger(value) ? 'integer' : 'number'
  return typeof value
}

/** True if both are the same JSON, keys in any order. Stops (false) below 500 levels. */
export function jsonEquals(a: unknown, b: unknown, depth = 0): boolean {
  if (a === b) return true
  if (depth > 500 || typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false
  if (Array.isArray(a) || Array.isArray(b)) {
    if (!Array.isArray(a) || !Array.isArray(b) || a.length !== b.length) return false
    return a.every((item, index) => jsonEquals(item, b[index], depth + 1))
  }
  const [left, right] = [a as JsonObject, b as JsonObject]
  const keys = Object.keys(left)
  if (keys.length !== Object.keys(right).length) return false
  return keys.every((key) => Object.hasOwn(right, key) && jsonEquals(left[key], right[key], depth + 1))
}

/** Text that is equal exactly for equal JSON (keys sorted), to find duplicates by a Set. Below 100 levels everything is one. */
export function canonicalJson(value: unknown, depth = 0): string {
  if (depth > 100) return '"..."'
  if (Array.isArray(value)) return `[${value.map((item) => canonicalJson(item, depth + 1)).join(',')}]`
  if (!isJsonObject(value)) return JSON.stringify(value) ?? 'null'
  const keys = Object.keys(value).toSorted()
  return `{${keys.map((key) => `${JSON.stringify(key)}:${canonicalJson(value[key], depth + 1)}`).join(',')}}`
}

/** `object` with the values that `change` returns (`undefined` drops the key); the same object if nothing changed. */
export function mapValues(object: JsonObject, change: (value: unknown, key: string) => unknown): JsonObject {
  let changed = false
  const entries: [string, unknown][] = []
  for (const key of Object.keys(object)) {
    const before = object[key]
    const after = change(before, key)
    if (after !== before) changed = true
    if (after !== undefined) entries.push([key, after])
  }
  // Object.fromEntries defines properties: a key `__proto__` stays data.
  return changed ? Object.fromEntries(entries) : object
}

/** As `mapValues`, for arrays; no item is dropped. */
export function mapItems(items: readonly unknown[], change: (item: unknown, index: number) => unknown): readonly unknown[] {
  const mapped = items.map(change)
  return mapped.some((item, index) => item !== items[index]) ? mapped : items
}
