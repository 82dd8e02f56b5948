import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { writeZip } from '@weir/testkit'
import { openZip } from './zip-archive.ts'

async function contentOf(bytes: Uint8Array | string, name: string): Promise<string> {
  const archive = await openZip(bytes, 'a.zip')
  try {
    const parts: Uint8Array[] = []
    for await (const part of archive.read(name)) parts.push(part)
    return Buffer.concat(parts).toString()
  } finally {
    archive.close()
  }
}

describe('a zip archive', () => {
  it('gives its entries, whatever their names, from bytes or a file', async () => {
    const bytes = writeZip([
      { name: '../../etc/passwd', bytes: 'x' },
      { name: 'C:\\a.csv', bytes: 'y', method: 0 },
    ])
    expect(await contentOf(bytes, '../../etc/passwd')).toBe('x')
    expect(await contentOf(bytes, 'C:/a.csv')).toBe('y')
    const folder = mkdtempSync(join(tmpdir(), 'weir-zip-'))
    try {
      writeFileSync(join(folder, 'a'), bytes)
      expect(await contentOf(join(folder, 'a'), 'C:/a.csv')).toBe('y')
    } finally {
      rmSync(folder, { recursive: true })
    }
  })

  it.each([
    ['a bomb', { bytes: Buffer.alloc(64 * 2 ** 20) }, 'ESTATE_LIMIT'],
    ['a size that is too small', { bytes: 'abcdef'.repeat(99), sizeBytes: 3 }, 'ESTATE_CORRUPT'],
    ['a size that is too large', { bytes: 'abcdef', sizeBytes: 300 }, 'ESTATE_CORRUPT'],
    ['a wrong checksum', { bytes: 'abcdef', crc: 1 }, 'ESTATE_CORRUPT'],
    ['a password', { bytes: 'abcdef', flags: 1 }, 'ESTATE_ENCRYPTED'],
    ['a foreign compression', { bytes: 'abcdef', method: 14 }, 'ESTATE_FORMAT'],
  ])('refuses an entry with %s', async (_, file, code) => {
    await expect(contentOf(writeZip([{ name: 'x', ...file }]), 'x')).rejects.toMatchObject({ code })
  })

  it('refuses to be cut off, wherever', async () => {
    const bytes = writeZip([{ name: 'x', bytes: 'some text' }])
    for (let length = 4; length < bytes.length; length++)
      await expect(contentOf(bytes.subarray(0, length), 'x')).rejects.toMatchObject({ code: 'ESTATE_CORRUPT' })
  })

  it('refuses more than 10,000 entries', async () => {
    const bytes = writeZip(Array.from({ length: 10_001 }, (_, index) => ({ name: String(index), bytes: '', method: 0 })))
    await expect(openZip(bytes, 'a.zip')).rejects.toMatchObject({ code: 'ESTATE_LIMIT' })
  })

  it('says so if there is no file', async () => {
    await expect(openZip('/nowhere/a.zip', 'a.zip')).rejects.toMatchObject({ code: 'ESTATE_UNREADABLE' })
  })
})
