import { execFileSync } from 'node:child_process'
import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { loadBackingChain } from '../machine/backing-chain.ts'
import { ingestImage } from './ingest.ts'
import { createVolumes, type Volumes } from './volumes.ts'

const mebibyte = 1 << 20
let directory: string
let volumes: Volumes
let ids = 0

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'weir-volumes-'))
  volumes = createVolumes({ directory, newId: () => `base-${ids++}` })
  await volumes.start()
})
afterEach(() => rm(directory, { recursive: true, force: true }))

const qemuImg = (...args: readonly string[]): string => execFileSync('qemu-img', args, { encoding: 'utf8' })
const everything = async (): Promise<readonly string[]> =>
  (await readdir(directory, { recursive: true })).filter((name) => !/^\.bases(?:\/\.bases)?$/u.test(name)).toSorted()

async function* inChunks(bytes: Uint8Array, size = 10_007): AsyncGenerator<Uint8Array> {
  for (let from = 0; from < bytes.length; from += size) yield bytes.subarray(from, from + size)
}

/** 3 MiB: data, a hole of 2 MiB, data that ends off any block. */
const content = Buffer.concat([Buffer.alloc(300_000, 7), Buffer.alloc(2 * mebibyte), Buffer.alloc(500_123, 9)])
const ingest = (bytes: Uint8Array, more: { sizeBytes?: number; lengthBytes?: number; signal?: AbortSignal } = {}) =>
  ingestImage(volumes, {
    id: 'v',
    sizeBytes: 4 * mebibyte,
    chunks: inChunks(bytes),
    signal: new AbortController().signal,
    ...more,
  })

async function fileOf(format: string, ...options: readonly string[]): Promise<Buffer> {
  const raw = join(directory, '.bases', 'in.raw')
  const out = join(directory, '.bases', 'in.out')
  await writeFile(raw, Buffer.concat([content, Buffer.alloc(4 * mebibyte - content.length)]))
  qemuImg('convert', '-f', 'raw', '-O', format, ...options, raw, out)
  const bytes = await readFile(out)
  await Promise.all([rm(raw), rm(out)])
  return bytes
}

describe('blank volumes', () => {
  it('are sparse files of the size asked for, and ensured twice the same', async () => {
    const first = await volumes.ensureBlank('v', 64 * mebibyte)
    expect(await volumes.ensureBlank('v', 128 * mebibyte)).toEqual(first)
    const { size, blocks } = await stat(first.path)
    expect({ size, blocks }).toEqual({ size: 64 * mebibyte, blocks: 0 })
  })

  it('grow, never shrink, and leave nothing when removed', async () => {
    await volumes.ensureBlank('v', mebibyte)
    expect(await volumes.grow('v', 2 * mebibyte)).toMatchObject({ sizeBytes: 2 * mebibyte })
    expect(await volumes.grow('v', mebibyte)).toMatchObject({ sizeBytes: 2 * mebibyte })
    await volumes.remove('v')
    await volumes.remove('v')
    expect(await everything()).toEqual([])
  })

  it('are not made again once they are removed, by nobody who has not heard of it', async () => {
    await volumes.ensureBlank('v', mebibyte)
    await volumes.remove('v')
    await volumes.remove('never-made')
    const late = await Promise.allSettled([
      volumes.ensureBlank('v', mebibyte),
      volumes.ensureBlank('never-made', mebibyte),
      ingest(content),
    ])
    const refusal = { status: 'rejected', reason: { code: 'VOLUME_NOT_FOUND' } }
    expect(late).toMatchObject([refusal, refusal, refusal])
    expect(await everything()).toEqual([])
  })

  it('refuse ids that are paths', async () => {
    await expect(volumes.ensureBlank('../x', 1)).rejects.toMatchObject({ code: 'VOLUME_NOT_FOUND' })
  })
})

describe('images that come as a stream', () => {
  const expectContent = async (): Promise<void> => {
    const bytes = await readFile(join(directory, 'v', 'disk.img'))
    expect(bytes.length).toBe(4 * mebibyte)
    expect(bytes.subarray(0, content.length).equals(content)).toBe(true)
    expect(bytes.subarray(content.length).every((byte) => byte === 0)).toBe(true)
    expect(await everything()).toEqual(['v', 'v/disk.img', 'v/volume.json'])
  }

  it('take raw bytes with holes for zeros', async () => {
    await ingest(content, { lengthBytes: content.length })
    await expectContent()
    expect((await stat(join(directory, 'v', 'disk.img'))).blocks * 512).toBeLessThan(1.2 * mebibyte)
  })

  it('take gzipped raw bytes', async () => {
    await ingest(gzipSync(content))
    await expectContent()
  })

  it.each([
    ['qcow2', ['-c']],
    ['vmdk', ['-o', 'subformat=streamOptimized']],
    ['vmdk', ['-o', 'subformat=monolithicSparse']],
  ])('take %s %j', async (format, options) => {
    await ingest(await fileOf(format, ...options))
    await expectContent()
  })

  it('refuse an image larger than its claim, raw or not, and leave nothing', async () => {
    const qcow2 = await fileOf('qcow2')
    for (const bytes of [content, qcow2])
      await expect(ingest(bytes, { sizeBytes: mebibyte })).rejects.toMatchObject({ code: 'VOLUME_IMAGE_TOO_BIG' })
    expect(await everything()).toEqual([])
  })

  it('refuse a qcow2 that reads another file', async () => {
    const secret = join(directory, '.bases', 'secret')
    const evil = join(directory, '.bases', 'evil')
    await writeFile(secret, 'secret'.repeat(1000))
    qemuImg('create', '-q', '-f', 'qcow2', '-F', 'raw', '-b', secret, evil)
    await expect(ingest(await readFile(evil))).rejects.toThrow(/refers to another file/u)
    qemuImg('create', '-q', '-f', 'qcow2', '-o', `data_file=${secret},data_file_raw=on`, evil, '1M')
    await expect(ingest(await readFile(evil))).rejects.toThrow(/refers to another file/u)
  })

  it.each([
    ['an empty stream', Buffer.alloc(0)],
    ['a VMDK descriptor', Buffer.from('# Disk DescriptorFile\nversion=1\n')],
    ['a VMDK of capacity 0', Buffer.concat([Buffer.from('KDMV\x03\0\0\0\0\0\0\0'), Buffer.alloc(500)])],
    ['a damaged qcow2', Buffer.concat([Buffer.from('QFI\xfb', 'latin1'), Buffer.alloc(5000, 255)])],
    ['a damaged gzip', Buffer.concat([gzipSync(content).subarray(0, 900), Buffer.alloc(50, 1)])],
  ])('refuse %s', async (_, bytes) => {
    await expect(ingest(bytes)).rejects.toMatchObject({ code: 'VOLUME_IMAGE_REFUSED' })
    expect(await everything()).toEqual([])
  })

  it.each([
    ['qcow2', []],
    ['qcow2', ['-c']],
    ['vmdk', ['-o', 'subformat=monolithicSparse']],
  ])('refuse a %s %j that is cut off, whose end qemu-img would take for zeros', async (format, options) => {
    const whole = await fileOf(format, ...options)
    await expect(ingest(whole.subarray(0, Math.floor(whole.length * 0.6)))).rejects.toThrow('damaged or cut off')
    expect(await everything()).toEqual([])
  })

  it.each([
    ['vdi', 'VDI'],
    ['vpc', 'VHD', '-o', 'subformat=fixed'],
    ['vpc', 'VHD', '-o', 'subformat=dynamic'],
    ['vhdx', 'VHDX'],
    ['qed', 'QED'],
  ])('refuse %s by its name, in any portions', async (format, name, ...options) => {
    await expect(ingest(await fileOf(format, ...options), { sizeBytes: 8 * mebibyte })).rejects.toThrow(`it is a ${name} image`)
    expect(await everything()).toEqual([])
  })

  it('notice a stream that ends early, and one that is cancelled', async () => {
    await expect(ingest(content, { lengthBytes: content.length + 1 })).rejects.toMatchObject({ code: 'VOLUME_SOURCE_FAILED' })
    await expect(ingest(content, { signal: AbortSignal.abort(new Error('gone')) })).rejects.toThrow('gone')
    await expect(ingest(content, { lengthBytes: 2 ** 50 })).rejects.toMatchObject({ code: 'VOLUME_NO_SPACE' })
    expect(await everything()).toEqual([])
  })
})

describe('linked clones', () => {
  const idle = async (): Promise<boolean> => true
  const clone = (target: string, isIdle = idle, sizeBytes = 4 * mebibyte) =>
    volumes.clone({ source: 'v', target, sizeBytes, isIdle })
  const write = (path: string, pattern: string): void => {
    execFileSync('qemu-io', ['-f', 'qcow2', '-c', `write -P ${pattern} 0 64k`, path])
  }

  it('show the content of the source, and go their own ways', async () => {
    await ingest(content)
    const target = await clone('t', idle, 8 * mebibyte)
    const source = await volumes.find('v')
    write(source?.path ?? '', '0x11')
    write(target.path, '0x22')
    const flat = join(directory, '.bases', 'flat')
    qemuImg('convert', '-f', 'qcow2', '-O', 'raw', target.path, flat)
    const bytes = await readFile(flat)
    expect(bytes.length).toBe(8 * mebibyte)
    expect(bytes[0]).toBe(0x22)
    expect(bytes.subarray(65_536, content.length).equals(content.subarray(65_536))).toBe(true)
    qemuImg('convert', '-f', 'qcow2', '-O', 'raw', source?.path ?? '', flat)
    expect((await readFile(flat))[0]).toBe(0x11)
  })

  it('share one base while the source is untouched, and the base goes with the last', async () => {
    await ingest(content)
    await clone('a')
    await clone('b')
    expect(await readdir(join(directory, '.bases'))).toHaveLength(1)
    await volumes.remove('v')
    await volumes.remove('a')
    expect(await readdir(join(directory, '.bases'))).toHaveLength(1)
    await volumes.remove('b')
    expect(await everything()).toEqual([])
  })

  it('wait for a source in use, and refuse a smaller claim or a missing source', async () => {
    await ingest(content)
    await expect(clone('t', async () => false)).rejects.toMatchObject({ code: 'VOLUME_IN_USE' })
    await expect(clone('t', idle, mebibyte)).rejects.toMatchObject({ code: 'VOLUME_IMAGE_TOO_BIG' })
    await volumes.remove('v')
    await expect(clone('t')).rejects.toMatchObject({ code: 'VOLUME_NOT_FOUND' })
    expect(await everything()).toEqual([])
  })

  it('start with what a crash left: half-made files and unused bases go, the volumes stay', async () => {
    await ingest(content)
    await clone('t')
    const before = await everything()
    await writeFile(join(directory, 'v', 'scratch-disk'), 'x')
    await mkdir(join(directory, 'begun'))
    await writeFile(join(directory, 'begun', 'disk.img'), 'renamed, not recorded')
    await mkdir(join(directory, '.bases', 'left'))
    await volumes.start()
    expect(await everything()).toEqual(before)
  })
})

describe('what a guest wrote into the header of its image', () => {
  it('leads to no file outside of the frozen images', async () => {
    await ingest(content)
    await volumes.clone({ source: 'v', target: 't', sizeBytes: 4 * mebibyte, isIdle: async () => true })
    const target = await volumes.find('t')
    if (target === undefined) throw new Error('the clone is there')
    expect(await loadBackingChain(target)).toHaveLength(2)
    const elsewhere = join(directory, 'secret')
    await writeFile(elsewhere, 'secret'.repeat(1000))
    for (const name of [elsewhere, '../.bases/../secret', '../v/disk.img']) {
      qemuImg('rebase', '-u', '-F', 'raw', '-b', name, target.path)
      await expect(loadBackingChain(target)).rejects.toThrow(/for a backing file, which is no frozen image/u)
    }
  })

  it('reaches no frozen image: that is of nobody else any more', async () => {
    await ingest(content)
    await volumes.clone({ source: 'v', target: 't', sizeBytes: 4 * mebibyte, isIdle: async () => true })
    const [base = ''] = await readdir(join(directory, '.bases'))
    const { mode, uid } = await stat(join(directory, '.bases', base, 'disk.img'))
    expect([mode & 0o777, uid]).toEqual([0o440, process.geteuid?.()])
  })
})

describe('clones of clones', () => {
  const mark = (path: string, byte: number): string =>
    execFileSync('qemu-io', ['-f', 'qcow2', '-c', `write -P ${byte} ${byte}M 64k`, path]).toString()
  const holds = (path: string, byte: number): string =>
    execFileSync('qemu-io', ['-r', '-f', 'qcow2', '-c', `read -P ${byte} ${byte}M 64k`, path]).toString()
  const clone = (source: string, target: string) =>
    volumes.clone({ source, target, sizeBytes: 8 * mebibyte, isIdle: async () => true })

  it('that were written to in between have the content of each, and so have their sources', async () => {
    await volumes.ensureBlank('v0', 8 * mebibyte)
    for (const depth of [1, 2, 3]) {
      const { path } = await clone(`v${depth - 1}`, `v${depth}`)
      mark(path, depth)
    }
    const copy = await clone('v3', 'copy')
    await volumes.remove('v1')
    await volumes.start()
    const source = await volumes.find('v3')
    for (const volume of [copy, source]) {
      const path = volume?.path ?? ''
      const backingFolder = join(directory, '.bases')
      expect(await loadBackingChain({ path, format: 'qcow2', backingFolder })).toHaveLength(5)
      for (const depth of [1, 2, 3]) expect(holds(path, depth)).not.toContain('Pattern verification failed')
    }
    for (const id of ['v0', 'v2', 'v3', 'copy']) await volumes.remove(id)
    expect(await everything()).toEqual([])
  })
})

describe('a damaged record', () => {
  const idle = async (): Promise<boolean> => true
  const clone = (source: string, target: string) => volumes.clone({ source, target, sizeBytes: 4 * mebibyte, isIdle: idle })

  it.each([
    ['cut off', '{"file":"disk.i'],
    ['empty', ''],
    ['of another form', '[]'],
    ['that leads out of its folder', '{"file":"..","format":"raw","sizeBytes":1}'],
    ['over a base outside', '{"file":"disk.img","format":"raw","sizeBytes":1,"base":"../w"}'],
  ])('%s keeps one volume from its users, and the others none', async (_, text) => {
    await volumes.ensureBlank('v', mebibyte)
    await volumes.ensureBlank('w', mebibyte)
    await writeFile(join(directory, 'v', 'volume.json'), text)
    expect(await volumes.start()).toMatchObject([{ code: 'VOLUME_IMAGE_REFUSED' }])
    await expect(volumes.find('v')).rejects.toThrow(/'.*v.volume\.json' is damaged; put it back from a copy/u)
    await expect(volumes.ensureBlank('v', mebibyte)).rejects.toMatchObject({ code: 'VOLUME_IMAGE_REFUSED' })
    expect(await volumes.find('w')).toBeDefined()
    expect(await everything()).toContain('v/disk.img')
  })

  it('loses nothing: a base that it may lie over stays until it is mended or removed', async () => {
    await ingest(content)
    await clone('v', 't')
    await volumes.remove('v')
    const record = await readFile(join(directory, 't', 'volume.json'))
    await writeFile(join(directory, 't', 'volume.json'), record.subarray(0, 20))
    await volumes.start()
    await writeFile(join(directory, 't', 'volume.json'), record)
    expect(await volumes.start()).toEqual([])
    qemuImg('check', (await volumes.find('t'))?.path ?? '')
    await writeFile(join(directory, 't', 'volume.json'), '')
    await volumes.remove('t')
    expect(await everything()).toEqual([])
  })
})
