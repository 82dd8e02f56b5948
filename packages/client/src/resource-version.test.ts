import { expect, it } from 'vitest'
import { compareResourceVersions } from './index.ts'

it.each([
  ['', '1', -1],
  ['9', '10', -1],
  ['10', '9', 1],
  ['41', '42', -1],
  ['42', '42', 0],
  // More digits than a double holds.
  ['90071992547409931', '90071992547409930', 1],
])("compares '%s' with '%s'", (a, b, sign) => {
  expect(Math.sign(compareResourceVersions(a, b))).toBe(sign)
})
