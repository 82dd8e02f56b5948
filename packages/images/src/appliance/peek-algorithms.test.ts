import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, it } from 'vitest'
import { peekAlgorithms } from './peek-algorithms.ts'

const folder = mkdtempSync(join(tmpdir(), 'weir-peek-'))
afterAll(() => rmSync(folder, { recursive: true }))

const peek = (...parts: readonly (string | Buffer)[]): Promise<readonly string[] | undefined> => {
  const path = join(folder, 'a.ova')
  writeFileSync(path, Buffer.concat(parts.map((part) => Buffer.from(part))))
  return peekAlgorithms(path)
}
const noise = Buffer.alloc(3_000_000, 0xa7)

it('sees what a manifest at the end uses, also with a certificate after it', async () => {
  expect(await peek(noise, '\nSHA256(a.ovf)= 00\nSHA256(a.vmdk)= 00\n', Buffer.alloc(10_240))).toEqual(['sha256'])
  expect(await peek(noise, '\nSHA1(a.ovf)= 00\nSHA512(b)= 00\n', Buffer.alloc(1024), 'PEM'.repeat(5000))).toEqual([
    'sha1',
    'sha512',
  ])
})

it('says nothing of a file without one, or with one elsewhere, or of an empty one', async () => {
  expect(await peek('SHA256(a.ovf)= 00\n', noise)).toBeUndefined()
  expect(await peek(noise)).toBeUndefined()
  expect(await peek()).toBeUndefined()
})
