import type { FieldCause } from '@weir/base'

/** Collects what is wrong with an unknown value, field by field. */
export interface Fields {
  readonly causes: FieldCause[]
  /** Notes that `field` is wrong. After `mostCauses` it only counts. */
  readonly refuse: (field: string, message: string) => void
}

/** More causes than these help nobody, and a hostile document could hold millions. */
const mostCauses = 100

/** A collector with nothing in it. */
export function createFields(): Fields {
  const causes: FieldCause[] = []
  return {
    causes,
    refuse: (field, message) => {
      if (causes.length < mostCauses) causes.push({ field, message })
    },
  }
}

/** A JSON object whose own fields alone are looked at. */
export type JsonObject = Readonly<Record<string, unknown>>

/** `value` as an object, or undefined with a cause. */
export function parseObject(fields: Fields, value: unknown, at: string): JsonObject | undefined {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as JsonObject
  fields.refuse(at, 'must be an object')
  return undefined
}

/** Own field `key`, or undefined. */
export const fieldOf = (object: JsonObject, key: string): unknown => (Object.hasOwn(object, key) ? object[key] : undefined)

/** Notes each own field of `object` that is not in `known`. */
export function refuseUnknown(
  fields: Fields,
  object: JsonObject,
  { at, known }: { readonly at: string; readonly known: readonly string[] },
): void {
  for (const key of Object.keys(object)) {
    if (!known.includes(key))
      fields.refuse(at === '' ? quote(key) : `${at}.${quote(key)}`, `is not a field here; must be one of: ${known.join(', ')}`)
  }
}

/** A field name of a document as it may be shown: short, one line. */
export const quote = (key: string): string => (/^[\w./-]{1,80}$/u.test(key) ? key : JSON.stringify(key.slice(0, 80)))

/** What a list may hold. */
interface ListLimits {
  readonly least?: number
  readonly most: number
}

/** `value` as a list parsed entry by entry; absent is an empty list unless `least` asks for more. */
export function parseList<T>(
  fields: Fields,
  source: { readonly value: unknown; readonly at: string; readonly limits: ListLimits },
  parse: (entry: unknown, at: string) => T | undefined,
): readonly T[] {
  const { value, at, limits } = source
  if (value === undefined && (limits.least ?? 0) === 0) return []
  if (!Array.isArray(value)) {
    fields.refuse(at, 'must be a list')
    return []
  }
  const entries: readonly unknown[] = value
  if (entries.length < (limits.least ?? 0) || entries.length > limits.most) {
    fields.refuse(at, `must have from ${limits.least ?? 0} to ${limits.most} entries, but has ${entries.length}`)
    return []
  }
  return entries.flatMap((entry, index) => {
    const parsed = parse(entry, `${at}[${index}]`)
    return parsed === undefined ? [] : [parsed]
  })
}

/** A non-empty string of at most 253 characters without control characters, or undefined with a cause. */
export function parseName(fields: Fields, value: unknown, at: string): string | undefined {
  // oxlint-disable-next-line no-control-regex -- these are what is refused
  if (typeof value === 'string' && value.length > 0 && value.length <= 253 && !/[\u0000-\u001f\u007f]/u.test(value)) return value
  fields.refuse(at, 'must be a string of 1 to 253 characters without control characters')
  return undefined
}

/** A whole number from `least` (0) to `most` (2^53 - 1); absent is undefined. */
export function parseWhole(
  fields: Fields,
  value: unknown,
  { at, least = 0, most = Number.MAX_SAFE_INTEGER }: { readonly at: string; readonly least?: number; readonly most?: number },
): number | undefined {
  if (value === undefined) return undefined
  if (typeof value === 'number' && Number.isSafeInteger(value) && value >= least && value <= most) return value
  fields.refuse(at, `must be a whole number from ${least} to ${most}`)
  return undefined
}

/** True, false, or undefined if absent. */
export function parseFlag(fields: Fields, value: unknown, at: string): boolean | undefined {
  if (value === undefined || typeof value === 'boolean') return value
  fields.refuse(at, 'must be true or false')
  return undefined
}

/** One of `choices`, or undefined if absent. */
export function parseChoice<T extends string>(
  fields: Fields,
  value: unknown,
  { at, choices }: { readonly at: string; readonly choices: readonly T[] },
): T | undefined {
  if (value === undefined) return undefined
  const found = choices.find((choice) => choice === value)
  if (found === undefined) fields.refuse(at, `must be one of: ${choices.map((choice) => `'${choice}'`).join(', ')}`)
  return found
}

/** A map parsed value by value, its own fields alone; absent is undefined. Keys such as `__proto__` are keys like any other. */
export function parseMap<T>(
  fields: Fields,
  { value, at }: { readonly value: unknown; readonly at: string },
  parse: (entry: unknown, at: string, key: string) => T | undefined,
): Readonly<Record<string, T>> | undefined {
  if (value === undefined) return undefined
  const object = parseObject(fields, value, at)
  if (object === undefined) return undefined
  const keys = Object.keys(object)
  if (keys.length > 256) {
    fields.refuse(at, `must have at most 256 entries, but has ${keys.length}`)
    return undefined
  }
  const pairs = keys.flatMap((key): [string, T][] => {
    const parsed = parse(object[key], `${at}.${quote(key)}`, key)
    return parsed === undefined ? [] : [[key, parsed]]
  })
  return Object.fromEntries(pairs)
}

/** Notes names that occur twice. */
export function refuseDuplicates(fields: Fields, names: readonly string[], at: string): void {
  const seen = new Set<string>()
  names.forEach((name, index) => {
    if (seen.has(name)) fields.refuse(`${at}[${index}].name`, `must be unique, but '${name}' was used before`)
    seen.add(name)
  })
}

/** `entries` without those that are undefined, so that absent stays absent. */
export function present<T extends object>(entries: T): { [K in keyof T]: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(entries).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]: Exclude<T[K], undefined>
  }
}
