type Json = Readonly<Record<string, unknown>>

/**
 * The RFC 7386 patch that turns `before` into `after`, undefined if they are equal. Fields that are undefined count as absent;
 * arrays are replaced whole. `after` must not contain null.
 */
export function mergePatchOf(before: Json, after: Json): Json | undefined {
  const names = new Set([...Object.keys(before), ...Object.keys(after)])
  const fields = [...names].flatMap((name) => {
    const change = changeOf(own(before, name), own(after, name))
    return change === undefined ? [] : [[name, change] as const]
  })
  return fields.length === 0 ? undefined : Object.fromEntries(fields)
}

/** What a patch says of a field; undefined: nothing. */
function changeOf(from: unknown, to: unknown): unknown {
  if (to === undefined) return from === undefined ? undefined : null
  if (isRecord(from) && isRecord(to)) return mergePatchOf(from, to)
  return isEqual(from, to) ? undefined : to
}

/** Names may come from users: `__proto__` is one like others. */
const own = (record: Json, name: string): unknown => (Object.hasOwn(record, name) ? record[name] : undefined)

/** Equality of JSON values; the order of fields does not count, undefined fields count as absent. */
function isEqual(a: unknown, b: unknown): boolean {
  if (Array.isArray(a) && Array.isArray(b)) return a.length === b.length && a.every((item, at) => isEqual(item, b[at]))
  if (isRecord(a) && isRecord(b)) return mergePatchOf(a, b) === undefined
  return a === b
}

const isRecord = (value: unknown): value is Json => typeof value === 'object' && value !== null && !Array.isArray(value)
