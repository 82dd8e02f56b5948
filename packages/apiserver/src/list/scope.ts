import type { KindDefinition } from '@weir/api'
import { badRequest } from '../failure.ts'
import { parseFieldSelector } from '../selectors/field-selector.ts'
import { parseLabelSelector } from '../selectors/label-selector.ts'
import type { Selector } from '../selectors/selector.ts'

/** Where to look: a kind, in one namespace or all, and perhaps one name. */
export interface Scope {
  readonly kind: KindDefinition
  readonly namespace?: string | undefined
  readonly name?: string | undefined
}

/** Everything selectors say together; undefined if all are wanted. @throws 400 for a selector that cannot be read. */
export function selectorOf(query: URLSearchParams, { kind, name }: Scope): Selector | undefined {
  const tests = [
    parseLabelSelector(query.get('labelSelector')),
    parseFieldSelector(query.get('fieldSelector'), kind),
    name === undefined ? undefined : parseFieldSelector(`metadata.name=${name}`, kind),
  ].filter((test) => test !== undefined)
  return tests.length === 0 ? undefined : (object) => tests.every((test) => test(object))
}

/** The revision that a read must have seen; 0 if any or the newest will do. @throws 400 if it is no number. */
export function revisionOf(query: URLSearchParams): number {
  const text = query.get('resourceVersion') ?? ''
  if (text === '') return 0
  if (!/^\d{1,15}$/u.test(text))
    throw badRequest(`Invalid value: "${text.slice(0, 64)}": resourceVersion must be a decimal number`)
  return Number(text)
}
