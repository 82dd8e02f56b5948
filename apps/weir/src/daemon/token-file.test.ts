import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { readTokens } from './token-file.ts'

let folder: string
let file: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'weir-tokens-'))
  file = join(folder, 'tokens.csv')
})
afterEach(() => rmSync(folder, { recursive: true }))

const secret = '0123456789abcdef0123456789abcdef'
const read = (text: string): ReadonlyMap<string, unknown> => {
  writeFileSync(file, text, { mode: 0o600 })
  return readTokens(file)
}
const refusal = (text: string): string => {
  try {
    read(text)
  } catch (error) {
    return String(error)
  }
  throw new Error('it was read')
}

it('knows nobody without a file', () => {
  expect(readTokens(file).size).toBe(0)
})

it('reads users with one, several or no groups, past comments and empty lines', () => {
  const text = `# ours\n\n${secret}1,ann,1\r\n${secret}2,ben,2,"system:masters, ops"\n${secret}3,cas,3,ops\n`
  expect(Object.fromEntries(read(text))).toEqual({
    [`${secret}1`]: { name: 'ann', groups: ['system:authenticated'] },
    [`${secret}2`]: { name: 'ben', groups: ['system:authenticated', 'system:masters', 'ops'] },
    [`${secret}3`]: { name: 'cas', groups: ['system:authenticated', 'ops'] },
  })
})

it.each([
  ['too few columns', `${secret},ann`],
  ['too many', `${secret},ann,1,a,b`],
  ['an open quote', `${secret},ann,1,"a`],
  ['a short token', 'letmein,ann,1'],
  ['no user', `${secret},,1`],
  ['the name of a component', `${secret},system:weir:engine,1`],
  ['the same token twice', `${secret},ann,1\n${secret},ben,2`],
])('refuses %s, names the line and keeps the token to itself', (_, lines) => {
  const words = refusal(`# first\n${lines}\n`)
  expect(words).toMatch(/tokens\.csv', line [23]: /u)
  expect(words).not.toContain(lines.split(',')[0])
})

it('refuses a file that others may read', () => {
  writeFileSync(file, `${secret},ann,1\n`)
  chmodSync(file, 0o640)
  expect(() => readTokens(file)).toThrow(/chmod 600/u)
})
