import { assert, json, property } from 'fast-check'
import { expect, it } from 'vitest'
import { inspectJson } from './duplicate-keys.ts'

it.each<[string, string[]]>([
  ['{"a":1,"a":2}', ['a']],
  ['{"a":{"b":[{"c":1},{"c":1,"c":2}]}}', ['a.b[1].c']],
  ['{"a":{"b":1},"c":{"b":2},"d":["a","a"]}', []],
  ['{"a":"a","b":"}\\"{","a":1}', ['a']],
  ['{"\\u0061":1,"a":2}', ['a']],
  ['[1,{"x":1,"x":1}]', ['[1].x']],
  ['{"__proto__":1,"__proto__":2}', ['__proto__']],
])('finds the duplicates of %s', (text, expected) => {
  expect(inspectJson(text).duplicates).toEqual(expected)
})

it('measures depth without recursion', () => {
  expect(inspectJson('['.repeat(200_000) + ']'.repeat(200_000)).depth).toBe(200_000)
})

it('finds none in what JSON.stringify wrote', () => {
  assert(property(json(), (text) => inspectJson(JSON.stringify(JSON.parse(text))).duplicates.length === 0))
})
