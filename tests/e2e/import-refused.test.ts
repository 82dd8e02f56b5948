import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { deflateSync, gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { descriptorOf, manifestOf, membersOf } from './imports/appliance.ts'
import { type Census, takeCensus } from './data-center/census.ts'
import { eventually } from './data-center/eventually.ts'
import { createWeirHome, type WeirHome } from './data-center/weir-home.ts'
import { peakMebibytes } from './imports/disks.ts'
import { type TarMember, tarOf } from './imports/tar.ts'

/** Everything that `weir import` must refuse: a clear error, exit code 1, nothing left behind, memory flat. */
let dataCenter: WeirHome
/** What there is before anything was imported. */
let empty: Census
const mebibyte = 1 << 20
const capacityBytes = 8 * mebibyte
const pebibyte = 2 ** 50
const path = (name: string): string => join(dataCenter.home, name)

let stream: Buffer
let peakBefore: number
beforeAll(async () => {
  dataCenter = await createWeirHome()
  await dataCenter.up()
  empty = await takeCensus(dataCenter)
  writeFileSync(path('disk.raw'), Buffer.alloc(capacityBytes, 'a disk '))
  execFileSync('qemu-img', [
    'convert',
    '-f',
    'raw',
    '-O',
    'vmdk',
    '-o',
    'subformat=streamOptimized',
    path('disk.raw'),
    path('s.vmdk'),
  ])
  stream = readFileSync(path('s.vmdk'))
  writeFileSync(path('good.ova'), tarOf(membersOf(stream, { capacityBytes })))
  expect((await dataCenter.weir('import', path('good.ova'), '--name', 'good')).code).toBe(0)
  expect((await dataCenter.weir('vm', 'delete', 'good')).code).toBe(0)
  await expectNothingLeft()
  peakBefore = peakMebibytes(dataCenter)
})
afterAll(() => dataCenter.remove())

/** What goes with a machine goes soon after it. */
const expectNothingLeft = (): Promise<void> => eventually(() => takeCensus(dataCenter), empty)

/** Where the first grain's record and the second's begin: {lba u64, size u32, data}, padded to sectors. */
const firstGrain = (vmdk: Buffer): number => Number(vmdk.readBigUInt64LE(64)) * 512
const secondGrain = (vmdk: Buffer): number => {
  const first = firstGrain(vmdk)
  return first + Math.ceil((12 + vmdk.readUInt32LE(first + 8)) / 512) * 512
}
const patched = (edit: (vmdk: Buffer) => void): Buffer => {
  const bytes = Buffer.from(stream)
  edit(bytes)
  return bytes
}
const ova = (disk: Buffer, capacity = capacityBytes): Buffer => tarOf(membersOf(disk, { capacityBytes: capacity }))
/** The three members of a good appliance, to be spoilt. */
const members = (): readonly [TarMember, TarMember, TarMember] => {
  const [ovf, disk, manifest] = membersOf(stream, { capacityBytes })
  if (ovf === undefined || disk === undefined || manifest === undefined) throw new Error('three members')
  return [ovf, disk, manifest]
}
const ovfOnly = (text: string): Buffer => tarOf([{ name: 'web.ovf', bytes: Buffer.from(text) }, members()[1]])
const laughs = `<!DOCTYPE lolz [<!ENTITY a "ha">${Array.from({ length: 20 }, (_, level) => `<!ENTITY a${level} "${'&a;'.repeat(10)}">`).join('')}]>`
const bomb = (vmdk: Buffer): Buffer => {
  const deflated = deflateSync(Buffer.alloc(60 * mebibyte))
  const record = Buffer.alloc(Math.ceil((12 + deflated.length) / 512) * 512)
  record.writeUInt32LE(deflated.length, 8)
  record.set(deflated, 12)
  return Buffer.concat([vmdk.subarray(0, firstGrain(vmdk)), record])
}

describe('weir import refuses, and leaves nothing of', { timeout: 120_000 }, () => {
  it.each<[string, RegExp, () => Buffer]>([
    ['a truncated tar', /error: 'bad\.ova' ends in the middle of a file/u, () => ova(stream).subarray(0, 40_000)],
    [
      'a tar whose disk is cut',
      /ends too early|before its end-of-stream/u,
      () => ova(stream.subarray(0, stream.length - 66_048)),
    ],
    [
      'a wrong checksum, manifest last',
      /does not match its manifest/u,
      () => tarOf([members()[0], { ...members()[1], bytes: patched((b) => b.fill(1, 600, 610)) }, members()[2]]),
    ],
    [
      'a wrong checksum, manifest second',
      /does not match its manifest/u,
      () => tarOf([members()[0], members()[2], { ...members()[1], bytes: patched((b) => b.fill(1, 600, 610)) }]),
    ],
    [
      "a name with '../'",
      /plain file name without a path/u,
      () => tarOf([members()[0], { name: '../../evil.vmdk', bytes: stream }]),
    ],
    ['duplicate names', /two files named/u, () => tarOf([members()[0], members()[1], members()[1]])],
    ['a disk that the archive does not hold', /does not hold/u, () => tarOf([members()[0]])],
    [
      'a header of 1 PiB',
      /claims a capacity of 1125899906842624 bytes/u,
      () => ova(patched((b) => b.writeBigUInt64LE(2n ** 41n, 12))),
    ],
    [
      'a header and a descriptor of 1 PiB',
      /'d' claims a capacity of 1125899906842624 bytes/u,
      () =>
        ova(
          patched((b) => b.writeBigUInt64LE(2n ** 41n, 12)),
          pebibyte,
        ),
    ],
    ['overlapping grains', /overlaps or precedes/u, () => ova(patched((b) => b.writeBigUInt64LE(0n, secondGrain(b))))],
    [
      'a grain outside the disk',
      /outside its capacity/u,
      () => ova(patched((b) => b.writeBigUInt64LE(2n ** 40n, secondGrain(b)))),
    ],
    [
      'a damaged grain',
      /for sector 0 cannot be inflated/u,
      () => ova(patched((b) => b.fill(0xaa, firstGrain(b) + 12, firstGrain(b) + 40))),
    ],
    ['a grain that is a bomb', /inflates to more than its 65536 bytes/u, () => ova(bomb(stream))],
    [
      'a gzipped disk that is a bomb',
      /larger than the 8388608 bytes/u,
      () => tarOf(membersOf(gzipSync(Buffer.alloc(300 * mebibyte)), { capacityBytes, fileAttributes: 'ovf:compression="gzip"' })),
    ],
    [
      'an external entity',
      /declares a document type/u,
      () =>
        ovfOnly(
          descriptorOf({ href: 'web-disk1.vmdk', capacityBytes }, '<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>'),
        ),
    ],
    [
      'entities that laugh a billion times',
      /declares a document type/u,
      () => ovfOnly(descriptorOf({ href: 'web-disk1.vmdk', capacityBytes }, laughs)),
    ],
    ['something that is no tar', /is no OVA/u, () => Buffer.alloc(4096, 'no tar')],
  ])('%s', async (_, message, make) => {
    writeFileSync(path('bad.ova'), make())
    const { code, err } = await dataCenter.weir('import', path('bad.ova'), '--name', 'bad')
    expect([code, err]).toEqual([1, expect.stringMatching(message)])
    await expectNothingLeft()
  })

  it('an OVF that reaches out of its folder, or whose disk is wrong', async () => {
    writeFileSync(path('out.ovf'), descriptorOf({ href: '../../etc/shadow', capacityBytes }))
    const out = await dataCenter.weir('import', path('out.ovf'))
    expect([out.code, out.err]).toEqual([1, expect.stringMatching(/plain file name without a path/u)])
    const [ovf, disk] = members()
    writeFileSync(path('web.ovf'), ovf.bytes)
    writeFileSync(
      path(disk.name),
      patched((b) => b.fill(1, 600, 610)),
    )
    writeFileSync(path('web.mf'), manifestOf([ovf, disk]).bytes)
    const wrong = await dataCenter.weir('import', path('web.ovf'))
    expect([wrong.code, wrong.err]).toEqual([1, expect.stringMatching(/does not match its manifest/u)])
    await expectNothingLeft()
  })

  it('bare disks that reach out, lie about their size, or lean on others', async () => {
    const huge = patched((b) => b.writeBigUInt64LE(2n ** 41n, 12))
    writeFileSync(path('huge.vmdk'), huge)
    writeFileSync(
      path('out.vmdk'),
      '# Disk DescriptorFile\nversion=1\ncreateType="monolithicFlat"\nRW 8192 FLAT "../../etc/shadow" 0\n',
    )
    execFileSync('qemu-img', ['create', '-q', '-f', 'qcow2', '-F', 'raw', '-b', '/etc/hostname', path('leans.qcow2'), '8M'])
    const cases = {
      'huge.vmdk': /1 byte to 128 TiB/u,
      'out.vmdk': /must lie beside the descriptor/u,
      'leans.qcow2': /refers to another file/u,
    }
    for (const [name, message] of Object.entries(cases)) {
      const { code, err } = await dataCenter.weir('import', path(name))
      expect([name, code, err]).toEqual([name, 1, expect.stringMatching(message)])
    }
    await expectNothingLeft()
  })

  it('an address that breaks off, or answers that there is nothing', async () => {
    const bytes = ova(stream)
    const server = createServer((request, response) => {
      if (request.url !== '/cut.ova') return void response.writeHead(404).end()
      response.writeHead(200, { 'content-length': bytes.length })
      response.write(bytes.subarray(0, bytes.length - 20_000), () => response.destroy())
    }).listen(0, '127.0.0.1')
    await once(server, 'listening')
    const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    const none = await dataCenter.weir('import', `${address}/none.ova`)
    expect([none.code, none.err]).toEqual([1, expect.stringMatching(/answered 404/u)])
    const cut = await dataCenter.weir('import', `${address}/cut.ova`)
    server.close()
    expect([cut.code, cut.err]).toEqual([1, expect.stringMatching(/error: 'http.*cut\.ova' broke off after \d+ bytes/u)])
    await expectNothingLeft()
  })

  it('any of these: the service has used no more memory for them, and goes on', async () => {
    expect(peakMebibytes(dataCenter) - peakBefore).toBeLessThan(100)
    expect((await dataCenter.weir('import', path('good.ova'), '--name', 'good')).code).toBe(0)
  })
})
