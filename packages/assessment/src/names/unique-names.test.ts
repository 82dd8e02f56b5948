import { expect, it } from 'vitest'
import { withUniqueNames } from './unique-names.ts'

const namesOf = (names: readonly string[]): readonly string[] =>
  withUniqueNames(names.map((name) => ({ name }))).map(({ name }) => name)

it.each([
  [
    ['a', 'b', 'a', 'a'],
    ['a', 'b', 'a #2', 'a #3'],
  ],
  [
    ['a', 'a #2', 'a'],
    ['a', 'a #2', 'a #3'],
  ],
  [
    ['a', 'a', 'a #2'],
    ['a', 'a #2', 'a #2 #2'],
  ],
])('%j are called %j', (names, unique) => {
  expect(namesOf(names)).toEqual(unique)
})

it('a number makes no name longer than names may be', () => {
  const long = 'x'.repeat(253)
  expect(namesOf([long, long])).toEqual([long, `${'x'.repeat(245)} #2`])
})
