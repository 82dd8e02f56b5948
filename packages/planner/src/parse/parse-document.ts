import { WeirError } from '@weir/base'
import { createFields, type Fields, type JsonObject, parseObject } from './fields.ts'

/**
 * `value` as the document that `read` makes of its fields. `what` is its name in words, as `placement problem`.
 * @throws PLAN_PROBLEM_INVALID with a cause for each wrong field, the first 100 of them.
 */
export function parseDocument<T>(value: unknown, what: string, read: (fields: Fields, object: JsonObject) => T): T {
  const fields = createFields()
  const object = parseObject(fields, value, 'problem')
  const document = object === undefined ? undefined : read(fields, object)
  const [first, ...others] = fields.causes
  if (document !== undefined && first === undefined) return document
  const more = others.length === 0 ? '' : `. Wrong as well: ${others.length} more`
  throw new WeirError(
    'PLAN_PROBLEM_INVALID',
    `The ${what} cannot be planned: \`${first?.field ?? 'problem'}\` ${first?.message ?? 'must be an object'}${more}. Correct the document and plan again.`,
    { causes: fields.causes },
  )
}
