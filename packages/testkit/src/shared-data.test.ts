import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, expect, it, vi } from 'vitest'
import { sharedData } from './shared-data.ts'

afterEach(() => vi.unstubAllEnvs())

it('finds files in the folder that the environment names, and says so when there are none', () => {
  const folder = mkdtempSync(join(tmpdir(), 'weir-shared-'))
  try {
    writeFileSync(join(folder, 'a.csv'), 'x')
    vi.stubEnv('WEIR_SHARED_DATA', folder)
    expect(sharedData('a.csv')).toBe(join(folder, 'a.csv'))
    expect(sharedData('b.csv')).toBeUndefined()
  } finally {
    rmSync(folder, { recursive: true })
  }
})
