import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { openSource } from './read-source.ts'

let directory: string
let raw: string
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'weir-source-'))
  raw = join(directory, 'disk.raw')
  const bytes = Buffer.alloc(4 * 1024 * 1024)
  bytes.write('begin')
  bytes.write('end', bytes.length - 512)
  writeFileSync(raw, bytes)
})
afterEach(() => {
  rmSync(directory, { recursive: true })
})

const convert = (format: string, options: readonly string[], name: string): string => {
  const file = join(directory, name)
  execFileSync('qemu-img', ['convert', '-f', 'raw', '-O', format, ...options, raw, file])
  return file
}

it.each([
  ['monolithicFlat', 'qcow2'],
  ['twoGbMaxExtentSparse', 'qcow2'],
  ['twoGbMaxExtentFlat', 'qcow2'],
  ['monolithicSparse', 'vmdk'],
  ['streamOptimized', 'vmdk'],
])('reads a VMDK of the kind %s as one stream with the same content', async (kind, format) => {
  const source = await openSource(convert('vmdk', ['-o', `subformat=${kind}`], 'web.vmdk'), new AbortController().signal)
  const copy = join(directory, 'copy')
  for await (const event of source.events) {
    if (event.kind === 'Machine')
      expect(event.machine).toMatchObject({ name: 'web', disks: [{ capacityBytes: statSync(raw).size }] })
    if (event.kind !== 'File') continue
    const parts: Uint8Array[] = []
    for await (const part of event.bytes) parts.push(part)
    writeFileSync(copy, Buffer.concat(parts))
  }
  await source.close()
  expect(execFileSync('qemu-img', ['compare', '-f', 'raw', '-F', format, raw, copy], { encoding: 'utf8' })).toContain('identical')
})

it('refuses a descriptor whose extents lie elsewhere', async () => {
  const file = join(directory, 'evil.vmdk')
  writeFileSync(file, '# Disk DescriptorFile\nversion=1\ncreateType="monolithicFlat"\nRW 8192 FLAT "../../etc/shadow" 0\n')
  await expect(openSource(file, new AbortController().signal)).rejects.toMatchObject({ code: 'IMAGE_NAME' })
})

it('refuses a delta, a capacity out of all bounds, and what is not there', async () => {
  const delta = join(directory, 'delta.vmdk')
  writeFileSync(delta, '# Disk DescriptorFile\nversion=1\nparentFileNameHint="base.vmdk"\nRW 8192 SPARSE "delta-s001.vmdk"\n')
  await expect(openSource(delta, new AbortController().signal)).rejects.toMatchObject({ code: 'IMAGE_FORMAT' })
  const huge = Buffer.alloc(1024)
  huge.write('KDMV')
  huge.writeBigUInt64LE(2n ** 41n, 12)
  writeFileSync(join(directory, 'huge.vmdk'), huge)
  await expect(openSource(join(directory, 'huge.vmdk'), new AbortController().signal)).rejects.toMatchObject({
    code: 'IMAGE_LIMIT',
  })
  const text = join(directory, 'text.raw')
  writeFileSync(text, 'not a disk')
  await expect(openSource(text, new AbortController().signal)).rejects.toMatchObject({ code: 'IMAGE_FORMAT' })
  await expect(openSource(join(directory, 'none.ova'), new AbortController().signal)).rejects.toMatchObject({
    code: 'IMAGE_FORMAT',
  })
})
