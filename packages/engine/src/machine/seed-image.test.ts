import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { expect, it } from 'vitest'

import { seedImage } from './seed-image.ts'

it.each([
  ['its plain tree', ['-f'], '/USER-DATA;1'],
  ['its Joliet tree', ['-J', '-f'], '/user-data'],
] as const)('is read by a foreign reader through %s', (_, options, userData) => {
  const directory = mkdtempSync(join(tmpdir(), 'seed-'))
  try {
    const path = join(directory, 'seed.iso')
    const text = `#cloud-config\nhostname: tést\n${'#'.repeat(5000)}\n`
    writeFileSync(path, seedImage({ userData: text, metaData: 'instance-id: 1\n', networkData: 'version: 2\n' }))
    const isoinfo = (...more: readonly string[]): string => execFileSync('isoinfo', ['-i', path, ...more], { encoding: 'utf8' })
    expect(isoinfo('-d')).toMatch(/Volume id: cidata\n/u)
    const names = isoinfo(...options)
      .trim()
      .split('\n')
    expect(names).toHaveLength(3)
    const name = names.find((each) => each.toLowerCase().includes('user-data')) ?? userData
    expect(isoinfo(...options.filter((each) => each === '-J'), '-x', name)).toBe(text)
  } finally {
    rmSync(directory, { recursive: true })
  }
})
