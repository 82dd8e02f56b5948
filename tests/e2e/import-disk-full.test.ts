import { execFileSync } from 'node:child_process'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { membersOf } from './imports/appliance.ts'
import { type Census, takeCensus } from './data-center/census.ts'
import { eventually } from './data-center/eventually.ts'
import { createWeirHome, type WeirHome } from './data-center/weir-home.ts'
import { tarOf } from './imports/tar.ts'

/**
 * A data center whose volumes lie on a file system of 300 MiB, 256 of which imports must leave free: a disk whose file fits and
 * whose content does not fills it for real. Mounting takes root, which a sandbox for tests has.
 */
let dataCenter: WeirHome
let empty: Census
const mebibyte = 1 << 20
const path = (name: string): string => join(dataCenter.home, name)

function writeDisk(name: string, sizeBytes: number): string {
  writeFileSync(path(name), Buffer.alloc(sizeBytes, 'Servers in, a data center as a service out. '))
  return path(name)
}
const convert = (raw: string, name: string, options: readonly string[]): string => {
  execFileSync('qemu-img', ['convert', '-f', 'raw', ...options, raw, path(name)])
  return path(name)
}
function writeOva(raw: string, name: string, capacityBytes: number): string {
  const vmdk = convert(raw, `${name}.vmdk`, ['-O', 'vmdk', '-o', 'subformat=streamOptimized'])
  writeFileSync(path(name), tarOf(membersOf(readFileSync(vmdk), { capacityBytes })))
  return path(name)
}

const volumes = (): string => path('volumes')
beforeAll(async () => {
  dataCenter = await createWeirHome()
  mkdirSync(volumes())
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=300m', 'tmpfs', volumes()])
  await dataCenter.up()
  empty = await takeCensus(dataCenter)
})
afterAll(async () => {
  await dataCenter.kill()
  execFileSync('umount', [volumes()])
  await dataCenter.remove()
})

describe('on a full disk weir import', { timeout: 120_000 }, () => {
  let large: string
  beforeAll(() => {
    large = writeDisk('large.raw', 400 * mebibyte)
  })

  it.each<[string, () => string]>([
    ['a streamOptimized VMDK, written as it comes', () => writeOva(large, 'large.ova', 400 * mebibyte)],
    ['a qcow2, written by qemu-img', () => convert(large, 'large.qcow2', ['-O', 'qcow2', '-c'])],
    ['a raw disk, whose length is known before', () => large],
  ])('says so, ends with 1 and leaves nothing of %s', async (_, make) => {
    const { code, err } = await dataCenter.weir('import', make(), '--name', 'large')
    expect([code, err]).toEqual([
      1,
      expect.stringMatching(/'large-disk-0' was not taken \(507\): .*free some.*\(VOLUME_NO_SPACE\)/u),
    ])
    await eventually(() => takeCensus(dataCenter), empty)
  })

  it('and the service goes on', async () => {
    const small = writeOva(writeDisk('small.raw', 4 * mebibyte), 'small.ova', 4 * mebibyte)
    const { code, err } = await dataCenter.weir('import', small, '--name', 'small')
    expect([code, err]).toEqual([0, expect.stringContaining('small imported')])
  })
})
