import { expect, it } from 'vitest'
import { listed, listLines } from './list-lines.ts'

it.each([
  [[], {}, []],
  [['a', 'b'], {}, ['', 'Stays:', '  - a', '  - b']],
  [['a', 'b', 'c'], {}, ['', 'Stays:', '  - a', '  - b', '  and 1 more; -o json shows all']],
  [['a', 'b', 'c', 'd'], { rest: '' }, ['', 'Stays:', '  - a', '  - b', '  and 2 more']],
])('of %j two are shown, with %j', (items, more, lines) => {
  expect(listLines('Stays:', items, { most: 2, ...more })).toEqual(lines)
})

it.each([
  [[], ''],
  [['a', 'b'], 'a, b'],
  [['a', 'b', 'c'], 'a, b, and 1 more'],
])('two of %j are %j', (names, text) => {
  expect(listed(names, 2)).toBe(text)
})
