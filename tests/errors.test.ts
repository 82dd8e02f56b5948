import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { errorTable } from '../packages/base/src/index.ts'

it('docs/reference/errors.md has one row for each error code and no other', () => {
  const page = readFileSync(new URL('../docs/reference/errors.md', import.meta.url), 'utf8')
  const rows = [...page.matchAll(/^\| `(\w+)` \| (\w+) \| (.*) \|$/gmu)].map(([, code, family, meaning]) => [
    code,
    { family, meaning },
  ])
  expect(Object.fromEntries(rows)).toEqual(errorTable)
})
