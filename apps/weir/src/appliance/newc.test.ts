import { spawnSync } from 'node:child_process'
import { expect, it } from 'vitest'
import { packNewc } from './newc.ts'

it('writes what cpio reads back', () => {
  const archive = packNewc([
    { path: 'folder', mode: 0o040755, data: new Uint8Array() },
    { path: 'folder/file', mode: 0o100755, data: Buffer.from('seven b') },
    { path: 'link', mode: 0o120777, data: Buffer.from('folder/file') },
  ])
  const listed = spawnSync('busybox', ['cpio', '-t', '-v'], { input: archive, encoding: 'utf8' })
  expect(listed.stdout).toMatch(/^drwxr-xr-x .* folder\n-rwxr-xr-x .* 7 .* folder\/file\nlrwxrwxrwx .* link -> folder\/file\n$/u)
})
