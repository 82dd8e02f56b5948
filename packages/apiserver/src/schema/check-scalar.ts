import type { Schema } from '@weir/api'
import { invalid, tooLong, wrongType } from './cause.ts'
import { hasFormat } from './formats.ts'
import { typeNameOf } from './json.ts'
import { fieldOf } from './path.ts'
import { matchesPattern } from './pattern.ts'
import { type Place, report } from './place.ts'

/** Lengths (in code points), pattern and format of a text. */
export function checkString(value: string, schema: Schema, place: Place): void {
  const { minLength, maxLength, pattern, format } = schema
  const field = fieldOf(place.path)
  if (maxLength !== undefined && value.length > maxLength && codePoints(value) > maxLength) {
    report(place, value, tooLong(field, maxLength))
    // A pattern on a text of any length would cost by its length.
    return
  }
  if (minLength !== undefined && codePoints(value) < minLength) {
    report(place, value, invalid(field, value, `${field} in body should be at least ${minLength} chars long`))
  }
  if (pattern !== undefined && !matchesPattern(pattern, value)) {
    report(place, value, invalid(field, value, `${field} in body should match '${pattern}'`))
  }
  if (format !== undefined && !hasFormat(value, format)) report(place, value, wrongType(field, format, value))
}

function codePoints(text: string): number {
  let count = 0
  for (const _ of text) count++
  return count
}

/** Bounds, multiples and format of a number. */
export function checkNumber(value: number, schema: Schema, place: Place): void {
  const { format, multipleOf } = schema
  const field = fieldOf(place.path)
  if (format !== undefined && !hasFormat(value, format)) report(place, value, wrongType(field, format, typeNameOf(value)))
  checkBounds(value, schema, place)
  if (multipleOf !== undefined && !Number.isInteger(value / multipleOf)) {
    report(place, value, invalid(field, value, `${field} in body should be a multiple of ${multipleOf}`))
  }
}

function checkBounds(value: number, schema: Schema, place: Place): void {
  const { minimum, maximum, exclusiveMinimum, exclusiveMaximum } = schema
  const field = fieldOf(place.path)
  const say = (words: string): void => report(place, value, invalid(field, value, `${field} in body should be ${words}`))
  if (minimum !== undefined) {
    if (exclusiveMinimum === true && value <= minimum) say(`greater than ${minimum}`)
    else if (value < minimum) say(`greater than or equal to ${minimum}`)
  }
  if (maximum !== undefined) {
    if (exclusiveMaximum === true && value >= maximum) say(`less than ${maximum}`)
    else if (value > maximum) say(`less than or equal to ${maximum}`)
  }
}
