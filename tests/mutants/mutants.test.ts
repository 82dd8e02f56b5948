import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { mutants } from './engine.ts'

it.each(mutants.map((mutant) => [mutant.file, mutant.what, mutant] as const))(
  '%s: %s, is still a rule there',
  (file, _, { rule, broken }) => {
    const code = readFileSync(new URL(`../../${file}`, import.meta.url), 'utf8')
    expect(code.split(rule)).toHaveLength(2)
    expect(broken).not.toBe(rule)
  },
)
