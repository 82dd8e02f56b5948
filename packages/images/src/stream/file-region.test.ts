import { type FileHandle, mkdtemp, open, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { ByteReader } from './byte-reader.ts'
import { readRegion } from './file-region.ts'

const content = Buffer.from(Array.from({ length: 2_500_000 }, (_, at) => (at * 31 + (at >> 9)) & 0xff))
let folder: string
let file: FileHandle
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'weir-region-'))
  await writeFile(join(folder, 'file'), content)
  file = await open(join(folder, 'file'))
})
afterEach(async () => {
  await file.close()
  await rm(folder, { recursive: true })
})

it.each([
  [0, content.length],
  [17, 1_048_576],
  [1, 2_097_153],
  [5, 0],
])('reads %d and the %d bytes after it, and nothing else', async (offset, lengthBytes) => {
  const parts: Buffer[] = []
  for await (const part of readRegion({ file, offset, lengthBytes }, 'x')) parts.push(Buffer.from(part))
  expect(Buffer.concat(parts).equals(content.subarray(offset, offset + lengthBytes))).toBe(true)
})

it('keeps a chunk until the next one is asked for, which a reader of exact lengths takes care of', async () => {
  const reader = new ByteReader(readRegion({ file, offset: 0, lengthBytes: content.length }, 'x'), 'x')
  const read = [await reader.read(1_000_000), await reader.read(1_000_000)].map((part) => Buffer.from(part))
  expect(Buffer.concat([...read, await reader.readUpTo(1_000_000)]).equals(content)).toBe(true)
})

it('says where a file ends that is too short', async () => {
  const tooLong = readRegion({ file, offset: 2_000_000, lengthBytes: 600_000 }, 'disk.vmdk')
  await expect(Array.fromAsync(tooLong)).rejects.toMatchObject({
    code: 'IMAGE_TRUNCATED',
    message: "'disk.vmdk' ends at byte 2500000, 100000 bytes early. Export or download it again.",
  })
})

it('leaves no read behind when its reader stops early', async () => {
  for await (const part of readRegion({ file, offset: 0, lengthBytes: content.length }, 'x')) if (part.length > 0) break
  expect((await file.read(Buffer.alloc(4), 0, 4, 0)).buffer.equals(content.subarray(0, 4))).toBe(true)
})
