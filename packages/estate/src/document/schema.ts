import type { FieldCause } from '@weir/base'
import type { Value, Values } from '../sentences/template.ts'

/** Checks a value and copies what it knows of it. Problems go to `causes`, with the path of the field; then the result is of no use. */
export type Check<T> = (value: unknown, path: string, causes: FieldCause[]) => T

/** At most this many problems are collected: a file of another kind has millions. */
const causesMax = 100

const fail = (causes: FieldCause[], field: string, message: string): undefined => {
  if (causes.length < causesMax) causes.push({ field, message })
  return undefined
}

const checked =
  <T>(accepts: (value: unknown) => value is T, message: string): Check<T> =>
  (value, path, causes) => {
    if (!accepts(value)) fail(causes, path, message)
    return value as T
  }

/** Text of at most `maxLength` characters; empty only if `maxLength` is given as an explicit allowance elsewhere. */
export const text = (maxLength = 1024): Check<string> =>
  checked(
    (value): value is string => typeof value === 'string' && value.length > 0 && value.length <= maxLength,
    `must be a text of 1 to ${maxLength} characters`,
  )

/** A whole number from 0 to `max`. */
export const whole = (max: number = Number.MAX_SAFE_INTEGER): Check<number> =>
  checked(
    (value): value is number => typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 && value <= max,
    `must be a whole number from 0 to ${max}`,
  )

/** A finite number from 0 to `max`. */
export const amount = (max = 1e18): Check<number> =>
  checked(
    (value): value is number => typeof value === 'number' && Number.isFinite(value) && value >= 0 && value <= max,
    `must be a number from 0 to ${max}`,
  )

/** True or false. */
export const flag: Check<boolean> = checked((value): value is boolean => typeof value === 'boolean', 'must be true or false')

/** A moment, RFC 3339 with a zone. */
export const time: Check<string> = checked(
  (value): value is string =>
    typeof value === 'string' &&
    /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d{1,9})?(?:Z|[+-]\d{2}:\d{2})$/u.test(value) &&
    !Number.isNaN(Date.parse(value)),
  "must be a time as '2026-01-31T12:00:00Z'",
)

/** One of some texts. */
export const oneOf = <const T extends string>(...values: readonly T[]): Check<T> =>
  checked(
    (value): value is T => values.some((each) => each === value),
    `must be one of ${values.map((each) => `'${each}'`).join(', ')}`,
  )

/** A list of at most `maxLength` items. */
export const list =
  <T>(item: Check<T>, maxLength = 10_000): Check<readonly T[]> =>
  (value, path, causes) => {
    if (!Array.isArray(value) || value.length > maxLength) {
      fail(causes, path, `must be a list of at most ${maxLength} items`)
      return []
    }
    return value.map((each: unknown, index) =>
      causes.length < causesMax ? item(each, `${path}[${index}]`, causes) : (each as T),
    )
  }

/** A number or null, for points of a curve that nobody measured. */
export const point: Check<number | null> = (value, path, causes) => (value === null ? null : amount()(value, path, causes))

/** At most `countMax` values of a sentence by name: figures, texts of at most 16384 characters, lists of such texts. */
export const values =
  (countMax: number): Check<Values> =>
  (value, path, causes) => {
    if (typeof value !== 'object' || value === null || Array.isArray(value) || Object.keys(value).length > countMax) {
      fail(causes, path, `must be an object of at most ${countMax} values`)
      return {}
    }
    const result: Record<string, Value> = {}
    for (const [name, each] of Object.entries(value))
      if (!/^[a-z]\w{0,31}$/iu.test(name)) fail(causes, `${path}.${name.slice(0, 64)}`, 'must be named by letters and digits')
      else if (isValue(each)) result[name] = each
      else fail(causes, `${path}.${name}`, 'must be a number, a text of at most 16384 characters or a list of such texts')
    return result
  }

const isShort = (value: unknown): value is string => typeof value === 'string' && value.length <= 16_384
const isValue = (value: unknown): value is Value =>
  Number.isFinite(value) || isShort(value) || (Array.isArray(value) && value.length <= 100 && value.every(isShort))

type Shape = Readonly<Record<string, Check<unknown>>>
type Required<S extends Shape> = { readonly [K in keyof S]: ReturnType<S[K]> }
type Optional<S extends Shape> = { readonly [K in keyof S]?: ReturnType<S[K]> }

/** An object of these fields and no others; those of `optional` may be absent, but not null. */
export const object =
  <R extends Shape, O extends Shape>(required: R, optional: O): Check<Required<R> & Optional<O>> =>
  (value, path, causes) => {
    const result: Record<string, unknown> = {}
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      fail(causes, path, 'must be an object')
      return result as Required<R> & Optional<O>
    }
    const known = new Map([...Object.entries<Check<unknown>>(required), ...Object.entries<Check<unknown>>(optional)])
    const at = (field: string): string => (path === '' ? field : `${path}.${field}`)
    for (const field of Object.keys(required)) if (!Object.hasOwn(value, field)) fail(causes, at(field), 'is required')
    for (const [field, each] of Object.entries(value)) {
      const check = known.get(field)
      if (check === undefined) fail(causes, at(field.slice(0, 64)), 'is not a field of this version')
      else result[field] = check(each, at(field), causes)
    }
    return result as Required<R> & Optional<O>
  }
