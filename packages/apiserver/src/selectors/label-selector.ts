import { badRequest } from '../failure.ts'
import { labelKeyErrors, labelValueErrors } from '../schema/names.ts'
import type { Selector } from './selector.ts'

type Labels = Readonly<Record<string, string>>
type Test = (labels: Labels) => boolean

const refuse = (why: string): never => {
  throw badRequest(`unable to parse requirement: ${why}`)
}

/**
 * Reads a label selector, as Kubernetes' `labels.Parse` does: `app=web,tier notin (db, cache),!old,rank>3`; undefined if it
 * selects everything. What is said of a label holds for objects that lack it only where it denies (`!=`, `notin`, `!`).
 * @throws 400 for what cannot be read, and for keys and values that no label can have.
 */
export function parseLabelSelector(text: string | null): Selector | undefined {
  if (text === null || text.trim() === '') return undefined
  const tests = requirements(tokensOf(text))
  return ({ metadata }) => tests.every((test) => test(metadata.labels ?? {}))
}

/** Words, and the signs between them. */
const tokensOf = (text: string): readonly string[] => text.match(/[(),<>]|!=|==?|!|[^\s(),<>!=]+/gu) ?? []

const isWord = (token: string | undefined): token is string => token !== undefined && !/^[(),<>!=]/u.test(token)

/** Reads from the front of `tokens`. */
interface Reader {
  readonly next: () => string | undefined
  readonly peek: () => string | undefined
}

function requirements(tokens: readonly string[]): readonly Test[] {
  let at = 0
  const reader: Reader = { next: () => tokens[at++], peek: () => tokens[at] }
  const tests: Test[] = []
  for (;;) {
    tests.push(requirement(reader))
    const separator = reader.next()
    if (separator === undefined) return tests
    if (separator !== ',') refuse(`found '${shown(separator)}', expected: ',' or the end`)
  }
}

const shown = (token: string | undefined): string => (token ?? '').slice(0, 128)

function requirement(reader: Reader): Test {
  const isDenied = reader.peek() === '!'
  if (isDenied) reader.next()
  const key = reader.next()
  if (!isWord(key)) return refuse(`found '${shown(key)}', expected: a label`)
  const wrong = labelKeyErrors(key)[0]
  if (wrong !== undefined) refuse(`key '${shown(key)}': ${wrong}`)
  const operator = reader.peek()
  if (isDenied) return (labels) => !Object.hasOwn(labels, key)
  if (operator === undefined || operator === ',') return (labels) => Object.hasOwn(labels, key)
  reader.next()
  return comparison(key, operator, reader)
}

function comparison(key: string, operator: string, reader: Reader): Test {
  switch (operator) {
    case '=':
    case '==':
      return oneOf(key, [value(reader)])
    case '!=':
      return not(oneOf(key, [value(reader)]))
    case 'in':
      return oneOf(key, set(reader))
    case 'notin':
      return not(oneOf(key, set(reader)))
    case '>':
      return ordered(key, value(reader), (label, bound) => label > bound)
    case '<':
      return ordered(key, value(reader), (label, bound) => label < bound)
    default:
      return refuse(`found '${shown(operator)}', expected: in, notin, =, ==, !=, >, <`)
  }
}

const not =
  (test: Test): Test =>
  (labels) =>
    !test(labels)

const oneOf = (key: string, values: readonly string[]): Test => {
  const wanted = new Set(values)
  return (labels) => Object.hasOwn(labels, key) && wanted.has(labels[key] ?? '')
}

const integer = /^[+-]?\d{1,18}$/u

function ordered(key: string, text: string, isFulfilled: (label: bigint, bound: bigint) => boolean): Test {
  if (!integer.test(text)) refuse(`'${shown(text)}': for '>' and '<' the value must be an integer`)
  const bound = BigInt(text.replace('+', ''))
  return (labels) => {
    const label = Object.hasOwn(labels, key) ? (labels[key] ?? '') : ''
    return integer.test(label) && isFulfilled(BigInt(label.replace('+', '')), bound)
  }
}

/** A value, '' if there is none. */
function value(reader: Reader): string {
  const text = isWord(reader.peek()) ? (reader.next() ?? '') : ''
  const wrong = labelValueErrors(text)[0]
  return wrong === undefined ? text : refuse(`value '${shown(text)}': ${wrong}`)
}

/** `(a, b)`; an empty place is the empty value. */
function set(reader: Reader): readonly string[] {
  if (reader.next() !== '(') refuse("expected: '('")
  const values: string[] = []
  for (;;) {
    values.push(value(reader))
    const token = reader.next()
    if (token === ')') return values
    if (token !== ',') refuse(`found '${shown(token)}', expected: ',' or ')'`)
  }
}
