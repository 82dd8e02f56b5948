import { execFileSync } from 'node:child_process'
import { createReadStream, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { deflateSync } from 'node:zlib'
import { array, asyncProperty, assert, constantFrom, integer, record } from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { ImageTarget } from '../stream/image-target.ts'
import { importVmdkStream } from './import-vmdk-stream.ts'
import { writeVmdkStream } from './write-vmdk-stream.ts'

const mib = 1024 * 1024
const limits = { maxCapacityBytes: 1024 * mib }
const grainsAt = 128 * 512

async function* inChunks(bytes: Buffer, size: number): AsyncGenerator<Uint8Array> {
  for (let done = 0; done < bytes.length; done += size) yield bytes.subarray(done, done + size)
}

const esxi = async (raw: Buffer): Promise<Buffer> =>
  Buffer.concat(await Array.fromAsync(writeVmdkStream(inChunks(raw, 100_000), raw.length)))

function memoryTarget(): ImageTarget & { bytes: () => Buffer } {
  let disk = Buffer.alloc(0)
  return {
    truncate: async (size) => {
      disk = Buffer.alloc(size)
    },
    write: async (offset, bytes) => {
      disk.set(bytes, offset)
    },
    bytes: () => disk,
  }
}

async function imported(vmdk: Buffer, chunk = 65_536): Promise<Buffer> {
  const target = memoryTarget()
  await importVmdkStream(inChunks(vmdk, chunk), target, { limits })
  return target.bytes()
}

/** A disk of 64 MiB and some: two grain tables, a last grain that is not full. */
function someDisk(): Buffer {
  const raw = Buffer.alloc(64 * mib + 1536)
  for (const at of [0, 5, 6, 511, 512, 700]) raw.fill(`grain ${at} `, at * grainsAt, at * grainsAt + 40_000 + at)
  raw.fill('end', 64 * mib)
  return raw
}

describe('importVmdkStream', () => {
  it('gives back any disk written in the form of ESXi, however it is cut into chunks', async () => {
    const spot = record({
      at: integer({ min: 0, max: 3 * mib }),
      length: integer({ min: 1, max: 200_000 }),
      fill: integer({ min: 0, max: 255 }),
    })
    await assert(
      asyncProperty(
        array(spot, { maxLength: 6 }),
        integer({ min: 1, max: 6200 }),
        constantFrom(513, 4096, 65_537, 4 * mib),
        async (spots, sectors, chunk) => {
          const raw = Buffer.alloc(sectors * 512)
          for (const { at, length, fill } of spots)
            raw.fill(fill, at % raw.length, Math.min(raw.length, (at % raw.length) + length))
          expect((await imported(await esxi(raw), chunk)).equals(raw)).toBe(true)
        },
      ),
      { numRuns: 25 },
    )
  })

  describe('bad input', () => {
    let good: Buffer = Buffer.alloc(0)
    /** A disk of more batches than there are, and it as VMDK. */
    const noise = Buffer.alloc(24 * mib)
    let noisy: Buffer = Buffer.alloc(0)
    beforeAll(async () => {
      good = await esxi(someDisk())
      for (let at = 0; at < noise.length; at += 4) noise.writeUInt32LE(Math.imul(at, 0x9e37_79b1) >>> 0, at)
      noisy = await esxi(noise)
    })
    const patched = (edit: (bytes: Buffer) => unknown): Buffer => {
      const bytes = Buffer.from(good)
      edit(bytes)
      return bytes
    }
    const first = 128 * 512
    const second = (bytes: Buffer): number => first + Math.ceil((12 + bytes.readUInt32LE(first + 8)) / 512) * 512

    it.each<[string, string, () => Buffer]>([
      ['what is no VMDK', 'IMAGE_FORMAT', () => Buffer.alloc(4096, 1)],
      ['an unknown version', 'IMAGE_FORMAT', () => patched((b) => b.writeUInt32LE(9, 4))],
      ['a delta of a snapshot', 'IMAGE_FORMAT', () => patched((b) => b.write('12345678', b.indexOf('parentCID=') + 10))],
      ['a disk that is not a stream', 'IMAGE_FORMAT', () => patched((b) => b.writeUInt32LE(3, 8))],
      ['a capacity of 1 PiB', 'IMAGE_LIMIT', () => patched((b) => b.writeBigUInt64LE(1n << 41n, 12))],
      ['a capacity of 2^63 sectors', 'IMAGE_LIMIT', () => patched((b) => b.writeBigUInt64LE(1n << 63n, 12))],
      ['a copy in text mode', 'IMAGE_CORRUPT', () => patched((b) => b.write('\n\n\n\n', 73))],
      ['a grain size of 3 sectors', 'IMAGE_CORRUPT', () => patched((b) => b.writeBigUInt64LE(3n, 20))],
      ['overlapping grains', 'IMAGE_CORRUPT', () => patched((b) => b.writeBigUInt64LE(0n, second(b)))],
      ['a grain between two places', 'IMAGE_CORRUPT', () => patched((b) => b.writeBigUInt64LE(641n, second(b)))],
      ['a grain outside the disk', 'IMAGE_CORRUPT', () => patched((b) => b.writeBigUInt64LE(1n << 40n, second(b)))],
      ['a grain moved to a free place', 'IMAGE_CORRUPT', () => patched((b) => b.writeBigUInt64LE(256n, second(b)))],
      ['a grain of 4 GiB compressed', 'IMAGE_CORRUPT', () => patched((b) => b.writeUInt32LE(0xffff_ffff, first + 8))],
      ['a grain that is no zlib stream', 'IMAGE_CORRUPT', () => patched((b) => b.fill(0xaa, first + 12, first + 60))],
      ['a marker of unknown type', 'IMAGE_CORRUPT', () => patched((b) => b.writeUInt32LE(77, b.length - 500))],
      ['a footer of another disk', 'IMAGE_CORRUPT', () => patched((b) => b.writeBigUInt64LE(7n, b.length - 1024 + 12))],
      ['no footer', 'IMAGE_CORRUPT', () => Buffer.concat([good.subarray(0, -1536), good.subarray(-512)])],
      ['data after its end', 'IMAGE_CORRUPT', () => Buffer.concat([good, Buffer.alloc(512, 1)])],
      ['a stream cut at its end marker', 'IMAGE_TRUNCATED', () => good.subarray(0, -512)],
      ['a stream cut inside a grain', 'IMAGE_TRUNCATED', () => good.subarray(0, first + 100)],
      ['a stream cut inside its header', 'IMAGE_FORMAT', () => good.subarray(0, 100)],
    ])('refuses %s', async (_, code, make) => {
      await expect(imported(make())).rejects.toMatchObject({ code })
    })

    it('stops at a grain that inflates to more than a grain', async () => {
      const bomb = deflateSync(Buffer.alloc(50 * mib))
      const record = Buffer.alloc(Math.ceil((12 + bomb.length) / 512) * 512)
      record.writeUInt32LE(bomb.length, 8)
      record.set(bomb, 12)
      await expect(imported(Buffer.concat([good.subarray(0, first), record]))).rejects.toMatchObject({ code: 'IMAGE_LIMIT' })
    })

    it('reports a target whose disk is full', async () => {
      const full: ImageTarget = {
        truncate: async () => {},
        write: () => Promise.reject(new Error('ENOSPC: no space left on device')),
      }
      await expect(importVmdkStream(inChunks(good, 65_536), full, { limits })).rejects.toMatchObject({
        code: 'IMAGE_WRITE',
        message: expect.stringContaining('no space left'),
      })
    })

    it('ends its threads, whatever happens', async () => {
      const threads = (): number => process.getActiveResourcesInfo().filter((name) => name === 'MessagePort').length
      const before = threads()
      await imported(good)
      expect(threads()).toBe(before)
      await expect(imported(patched((b) => b.fill(0xaa, first + 12, first + 60)))).rejects.toMatchObject({
        code: 'IMAGE_CORRUPT',
      })
      expect(threads()).toBe(before)
      const abort = new AbortController()
      const target = { ...memoryTarget(), write: async () => abort.abort(new Error('stop')) }
      await expect(importVmdkStream(inChunks(noisy, 65_536), target, { limits, signal: abort.signal })).rejects.toThrow('stop')
      expect(threads()).toBe(before)
    })

    it('does not read ahead of a slow target', async () => {
      let readBytes = 0
      const counted = (async function* count() {
        for await (const chunk of inChunks(noisy, 65_536)) {
          readBytes += chunk.length
          yield chunk
        }
      })()
      const isAsked = Promise.withResolvers<void>()
      const isTaken = Promise.withResolvers<void>()
      const target = memoryTarget()
      const slow: ImageTarget = {
        ...target,
        write: async (offset, bytes) => {
          isAsked.resolve()
          await isTaken.promise
          await target.write(offset, bytes)
        },
      }
      const importing = importVmdkStream(counted, slow, { limits })
      await isAsked.promise
      for (let turn = 0; turn < 1000; turn++) await new Promise((resolve) => setImmediate(resolve))
      expect(readBytes).toBeLessThan(noisy.length / 2)
      isTaken.resolve()
      await importing
      expect(target.bytes().equals(noise)).toBe(true)
    })

    it('stops when told to', async () => {
      const signal = AbortSignal.abort(new Error('stop'))
      await expect(importVmdkStream(inChunks(good, 65_536), memoryTarget(), { limits, signal })).rejects.toThrow('stop')
    })
  })
})

describe('beside qemu-img', () => {
  const folder = mkdtempSync(join(tmpdir(), 'weir-images-'))
  const path = (name: string): string => join(folder, name)
  afterAll(() => rmSync(folder, { recursive: true }))

  it('reads what qemu-img writes, and notices a cut at a grain', async () => {
    writeFileSync(path('raw'), someDisk())
    execFileSync('qemu-img', [
      'convert',
      '-f',
      'raw',
      '-O',
      'vmdk',
      '-o',
      'subformat=streamOptimized',
      path('raw'),
      path('q.vmdk'),
    ])
    const vmdk = Buffer.concat(await Array.fromAsync(createReadStream(path('q.vmdk')) as AsyncIterable<Buffer>))
    const capacity = Math.ceil(someDisk().length / 512) * 512
    expect((await imported(vmdk)).subarray(0, capacity).equals(someDisk())).toBe(true)
    const afterFirst = Number(vmdk.readBigUInt64LE(64)) * 512
    const cut = afterFirst + Math.ceil((12 + vmdk.readUInt32LE(afterFirst + 8)) / 512) * 512
    await expect(imported(vmdk.subarray(0, cut))).rejects.toMatchObject({ code: 'IMAGE_TRUNCATED' })
  })

  it('writes what qemu-img reads', async () => {
    writeFileSync(path('raw2'), someDisk())
    writeFileSync(path('e.vmdk'), await esxi(someDisk()))
    execFileSync('qemu-img', ['compare', '-f', 'raw', '-F', 'vmdk', path('raw2'), path('e.vmdk')])
  })
})
