/** Why a field is wrong, as clients branch on it (`metav1.CauseType`). */
type CauseReason =
  | 'FieldValueInvalid'
  | 'FieldValueRequired'
  | 'FieldValueNotSupported'
  | 'FieldValueTypeInvalid'
  | 'FieldValueDuplicate'
  | 'FieldValueTooLong'
  | 'FieldValueTooMany'
  | 'FieldValueForbidden'

/** One wrong field, ready for `Status.details.causes`: `field` in JS syntax without a leading dot, `message` as Kubernetes words it. */
export interface Cause {
  readonly field: string
  readonly reason: CauseReason
  readonly message: string
}

const shownLength = 256

/** A value as error messages show it: JSON, cut after 256 characters. Deeply nested values are only named. */
function shown(value: unknown): string {
  if (value === undefined) return 'null'
  if (typeof value === 'object' && value !== null) return cut(safeJson(value))
  return cut(JSON.stringify(value))
}

const cut = (text: string): string => (text.length <= shownLength ? text : `${text.slice(0, shownLength)}...`)

function safeJson(value: object): string {
  try {
    return JSON.stringify(value)
  } catch {
    return Array.isArray(value) ? '[...]' : '{...}'
  }
}

/** The value is not allowed; `detail` says what is. */
export const invalid = (field: string, value: unknown, detail: string): Cause => ({
  field,
  reason: 'FieldValueInvalid',
  message: `Invalid value: ${shown(value)}: ${detail}`,
})

/** The field must be there. */
export const required = (field: string, detail = ''): Cause => ({
  field,
  reason: 'FieldValueRequired',
  message: detail === '' ? 'Required value' : `Required value: ${detail}`,
})

/** The value is none of `supported`. */
export const notSupported = (field: string, value: unknown, supported: readonly unknown[]): Cause => ({
  field,
  reason: 'FieldValueNotSupported',
  message: `Unsupported value: ${shown(value)}: supported values: ${supported.map((item) => shown(item)).join(', ')}`,
})

/** The value stands there twice. */
export const duplicate = (field: string, value: unknown): Cause => ({
  field,
  reason: 'FieldValueDuplicate',
  message: `Duplicate value: ${shown(value)}`,
})

/** The text is longer than `maxBytes`. */
export const tooLong = (field: string, maxBytes: number): Cause => ({
  field,
  reason: 'FieldValueTooLong',
  message: `Too long: may not be more than ${maxBytes} bytes`,
})

/** There are more than `max` items. */
export const tooMany = (field: string, actual: number, max: number): Cause => ({
  field,
  reason: 'FieldValueTooMany',
  message: `Too many: ${actual}: must have at most ${max} items`,
})

/** The field may not be set or changed. */
export const forbidden = (field: string, detail: string): Cause => ({
  field,
  reason: 'FieldValueForbidden',
  message: `Forbidden: ${detail}`,
})

/** The value has the wrong JSON type or format. */
export const wrongType = (field: string, expected: string, actual: string): Cause => ({
  field,
  reason: 'FieldValueTypeInvalid',
  message: `Invalid value: ${shown(actual)}: ${field === '' ? 'body' : `${field} in body`} must be of type ${expected}: ${shown(actual)}`,
})
