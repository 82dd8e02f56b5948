import { execFileSync } from 'node:child_process'
import { createReadStream, openSync, readFileSync, truncateSync, writeFileSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { ImportEvent } from '../../apps/weir/src/cli/import/events.ts'
import { writeVmdkStream } from '../../packages/images/src/index.ts'
import { descriptorOf, manifestOf, membersOf } from './imports/appliance.ts'
import { createWeirHome, type WeirHome } from './data-center/weir-home.ts'
import { imagesOf, isSameDisk } from './imports/disks.ts'
import { tarOf } from './imports/tar.ts'

/** Everything that `weir import` takes, through the real command into a real data center, byte for byte. */
let dataCenter: WeirHome
const mebibyte = 1 << 20
const capacityBytes = 8 * mebibyte
const path = (name: string): string => join(dataCenter.home, name)

/** A disk with data at both ends and in the middle, and zeros between. */
function writeRaw(name: string, sizeBytes: number): string {
  const file = openSync(path(name), 'w')
  for (const at of [0, Math.floor(sizeBytes / 2 / 512) * 512, sizeBytes - mebibyte])
    writeSync(file, Buffer.alloc(mebibyte, `disk ${name} at ${at} `), 0, mebibyte, at)
  truncateSync(path(name), sizeBytes)
  return path(name)
}

const convert = (raw: string, name: string, options: readonly string[]): string => {
  execFileSync('qemu-img', ['convert', '-f', 'raw', ...options, raw, path(name)])
  return path(name)
}
const vmdk = (raw: string, name: string, kind: string): string => convert(raw, name, ['-O', 'vmdk', '-o', `subformat=${kind}`])

async function importIsSame(raw: string, location: string, name: string): Promise<void> {
  const before = new Set(imagesOf(dataCenter))
  const { code, err } = await dataCenter.weir('import', location, '--name', name)
  expect([code, err]).toEqual([0, expect.stringContaining(`${name} imported`)])
  const images = imagesOf(dataCenter).filter((file) => !before.has(file))
  expect(images.map((image) => isSameDisk(raw, image))).toEqual([true])
}

let raw: string
let stream: Buffer
beforeAll(async () => {
  dataCenter = await createWeirHome()
  await dataCenter.up()
  raw = writeRaw('disk.raw', capacityBytes)
  stream = readFileSync(vmdk(raw, 'stream.vmdk', 'streamOptimized'))
})
afterAll(() => dataCenter.remove())

describe('weir import', { timeout: 120_000 }, () => {
  it.each(['sha1', 'sha256', 'sha512'])('takes an OVA whose manifest of %s comes last', async (algorithm) => {
    const members = membersOf(stream, { capacityBytes }).slice(0, 2)
    writeFileSync(path(`${algorithm}.ova`), tarOf([...members, manifestOf(members, algorithm)]))
    await importIsSame(raw, path(`${algorithm}.ova`), algorithm)
  })

  it('takes an OVA with a disk as ESXi writes it: gdOffset in the footer, manifest second', async () => {
    const parts = await Array.fromAsync(writeVmdkStream(createReadStream(raw) as AsyncIterable<Uint8Array>, capacityBytes))
    const [ovf, disk, manifest] = membersOf(Buffer.concat(parts), { capacityBytes })
    if (ovf === undefined || disk === undefined || manifest === undefined) throw new Error('three members')
    writeFileSync(path('esxi.ova'), tarOf([ovf, manifest, disk]))
    await importIsSame(raw, path('esxi.ova'), 'esxi')
  })

  it('takes an OVF with its disk and manifest beside it', async () => {
    for (const { name, bytes } of membersOf(stream, { capacityBytes })) writeFileSync(path(name), bytes)
    await importIsSame(raw, path('web.ovf'), 'ovf')
  })

  it('takes a disk that the exporter compressed with gzip', async () => {
    const described = { capacityBytes, href: 'web-disk1.vmdk.gz', fileAttributes: 'ovf:compression="gzip"' }
    writeFileSync(path('gzip.ova'), tarOf(membersOf(gzipSync(stream), described)))
    await importIsSame(raw, path('gzip.ova'), 'gzip')
  })

  it('takes a disk that the exporter cut into chunks, from an OVA and from a folder', async () => {
    const chunkBytes = 10_000
    const attributes = `ovf:size="${stream.length}" ovf:chunkSize="${chunkBytes}"`
    const chunks = Array.from({ length: Math.ceil(stream.length / chunkBytes) }, (_, index) => ({
      name: `web-disk1.vmdk.${String(index).padStart(9, '0')}`,
      bytes: stream.subarray(index * chunkBytes, (index + 1) * chunkBytes),
    }))
    expect(chunks.length).toBeGreaterThan(1)
    const text = descriptorOf({ href: 'web-disk1.vmdk', capacityBytes, fileAttributes: attributes })
    const members = [{ name: 'web.ovf', bytes: Buffer.from(text) }, ...chunks]
    writeFileSync(path('chunks.ova'), tarOf([...members, manifestOf(members)]))
    await importIsSame(raw, path('chunks.ova'), 'chunks')
    for (const { name, bytes } of [...members, manifestOf(members)]) writeFileSync(path(name), bytes)
    await importIsSame(raw, path('web.ovf'), 'chunks-folder')
  })

  it.each(['streamOptimized', 'monolithicSparse', 'monolithicFlat'])('takes a bare VMDK of the kind %s', async (kind) => {
    await importIsSame(raw, vmdk(raw, `${kind}.vmdk`, kind), kind.toLowerCase())
  })

  it('takes a VMDK of the kind twoGbMaxExtentSparse with several extents', async () => {
    const large = writeRaw('large.raw', 2100 * mebibyte)
    await importIsSame(large, vmdk(large, 'extents.vmdk', 'twoGbMaxExtentSparse'), 'extents')
  })

  it('takes a bare qcow2 and a raw disk', async () => {
    await importIsSame(raw, convert(raw, 'disk.qcow2', ['-O', 'qcow2', '-c']), 'qcow2')
    await importIsSame(raw, raw, 'raw')
  })

  it('tells what happens as JSON, an event a line', async () => {
    writeFileSync(path('told.ova'), tarOf(membersOf(stream, { capacityBytes })))
    const { code, out } = await dataCenter.weir('import', path('told.ova'), '--name', 'told', '-o', 'json')
    const events = out
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as ImportEvent)
    expect(code).toBe(0)
    expect(events.filter(({ kind }) => kind !== 'Progress' && kind !== 'Concern')).toMatchObject([
      { kind: 'Created', namespace: 'default', name: 'told', diskCount: 1 },
      { kind: 'Filled', disk: 'told-disk-0', sentBytes: stream.length },
      { kind: 'Done', name: 'told' },
    ])
    const [progress] = events.filter(({ kind }) => kind === 'Progress')
    expect(progress).toMatchObject({ disk: 'told-disk-0', totalBytes: stream.length })
  })
})
