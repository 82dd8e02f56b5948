type Json = Readonly<Record<string, unknown>>

/**
 * The RFC 7386 patch that turns `before` into `after`, undefined if they are equal. Fields that are undefined count as absent;
 * arrays are replaced whole. `after` must not contain null.
 */
export function mergePatchOf(before: Json, after: Json): Json | undefined {
  const patch: Record<string, unknown> = {}
  for (const name of new Set([...Object.keys(before), ...Object.keys(after)])) {
    const from = before[name]
    const to = after[name]
    if (to === undefined) {
      if (from !== undefined) patch[name] = null
    } else if (isRecord(from) && isRecord(to)) {
      const inner = mergePatchOf(from, to)
      if (inner !== undefined) patch[name] = inner
    } else if (!isEqual(from, to)) patch[name] = to
  }
  return Object.keys(patch).length === 0 ? undefined : patch
}

/** Equality of JSON values; the order of fields does not count, undefined fields count as absent. */
function isEqual(a: unknown, b: unknown): boolean {
  if (Array.isArray(a) && Array.isArray(b)) return a.length === b.length && a.every((item, at) => isEqual(item, b[at]))
  if (isRecord(a) && isRecord(b)) return mergePatchOf(a, b) === undefined
  return a === b
}

const isRecord = (value: unknown): value is Json => typeof value === 'object' && value !== null && !Array.isArray(value)
