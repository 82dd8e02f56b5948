import { execFileSync } from 'node:child_process'
import { createReadStream, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { writeVmdkStream } from '@weir/images'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { ingestImage } from './ingest.ts'
import { createVolumes } from './volumes.ts'

let directory: string
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'weir-ingest-'))
})
afterEach(() => {
  rmSync(directory, { recursive: true })
})

const capacity = 8 * 1024 * 1024

/** A raw disk with data, zeros, and data again. */
function rawDisk(): string {
  const bytes = Buffer.alloc(capacity)
  for (let at = 0; at < 1_000_000; at++) bytes[at] = (at * 31) % 251
  bytes.write('the end', capacity - 512)
  const file = join(directory, 'source.raw')
  writeFileSync(file, bytes)
  return file
}

async function vmdkOf(raw: string, style: 'esxi' | 'qemu'): Promise<string> {
  const file = join(directory, `${style}.vmdk`)
  if (style === 'qemu')
    execFileSync('qemu-img', ['convert', '-f', 'raw', '-O', 'vmdk', '-o', 'subformat=streamOptimized', raw, file])
  else {
    const parts: Uint8Array[] = []
    for await (const part of writeVmdkStream(createReadStream(raw) as AsyncIterable<Uint8Array>, capacity)) parts.push(part)
    writeFileSync(file, Buffer.concat(parts))
  }
  return file
}

const volumesIn = () => createVolumes({ directory: join(directory, 'volumes'), newId: () => 'base' })

it.each(['esxi', 'qemu'] as const)('takes a streamOptimized VMDK as %s writes it, byte for byte', async (style) => {
  const raw = rawDisk()
  const volumes = volumesIn()
  await volumes.start()
  const chunks = createReadStream(await vmdkOf(raw, style)) as AsyncIterable<Uint8Array>
  const { path } = await ingestImage(volumes, { id: 'v', sizeBytes: capacity, chunks, signal: new AbortController().signal })
  expect(execFileSync('qemu-img', ['compare', '-f', 'raw', '-F', 'raw', raw, path], { encoding: 'utf8' })).toContain('identical')
})

it('refuses one that is larger than its claim, or cut off, and leaves nothing', async () => {
  const volumes = volumesIn()
  await volumes.start()
  const vmdk = await vmdkOf(rawDisk(), 'esxi')
  const take = (sizeBytes: number, end: number) =>
    ingestImage(volumes, {
      id: 'v',
      sizeBytes,
      chunks: createReadStream(vmdk, { end }) as AsyncIterable<Uint8Array>,
      signal: new AbortController().signal,
    })
  await expect(take(capacity - 512, Number.POSITIVE_INFINITY)).rejects.toMatchObject({ code: 'VOLUME_IMAGE_TOO_BIG' })
  await expect(take(capacity, 10_000)).rejects.toMatchObject({ code: 'VOLUME_IMAGE_REFUSED' })
  expect(readdirSync(join(directory, 'volumes'))).toEqual(['.bases'])
})
