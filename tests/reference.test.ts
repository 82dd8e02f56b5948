import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { referencePages } from '../scripts/reference-pages.ts'

it.each(referencePages())('docs/reference/$file says what the code says; `npm run gen` writes it', ({ file, text }) => {
  expect(readFileSync(new URL(`../docs/reference/${file}`, import.meta.url), 'utf8')).toBe(text)
})
