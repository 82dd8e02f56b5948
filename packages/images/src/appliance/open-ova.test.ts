import { createHash } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pack } from 'tar-stream'
import { describe, expect, it } from 'vitest'
import { openOvaFile } from './open-ova-file.ts'
import { type ApplianceEvent, openOva } from './open-ova.ts'

interface Entry {
  readonly name: string
  readonly type?: 'file' | 'symlink' | 'directory'
  readonly body: string
}

async function tarOf(entries: readonly Entry[]): Promise<Buffer> {
  const tar = pack()
  for (const { name, type, body } of entries)
    tar.entry({ name, type: type ?? 'file', ...(type === 'symlink' ? { linkname: '/etc/passwd' } : {}) }, body)
  tar.finalize()
  return Buffer.concat(await Array.fromAsync(tar as AsyncIterable<Uint8Array>))
}

async function* inChunks(bytes: Buffer, size = 700): AsyncGenerator<Uint8Array> {
  for (let done = 0; done < bytes.length; done += size) yield bytes.subarray(done, done + size)
}

const asStream = (bytes: Buffer): AsyncIterable<ApplianceEvent> => openOva(inChunks(bytes), 'a.ova')

async function* asFile(bytes: Buffer): AsyncGenerator<ApplianceEvent> {
  const folder = await mkdtemp(join(tmpdir(), 'weir-ova-'))
  try {
    await writeFile(join(folder, 'a.ova'), bytes)
    yield* openOvaFile(join(folder, 'a.ova'))
  } finally {
    await rm(folder, { recursive: true })
  }
}

async function textOf(bytes: AsyncIterable<Uint8Array>): Promise<string> {
  let text = ''
  for await (const part of bytes) text += Buffer.from(part).toString()
  return text
}

async function tell(events: AsyncIterable<ApplianceEvent>): Promise<readonly string[]> {
  const seen: string[] = []
  for await (const event of events) {
    if (event.kind === 'Descriptor') seen.push(`ovf ${event.name} ${event.text}`)
    else if (event.kind === 'End') seen.push(`end ${event.verified} ${event.signed}`)
    else seen.push(`${event.name} ${event.sizeBytes} ${await textOf(event.bytes)}`)
  }
  return seen
}

const sum = (kind: string, body: string): string => createHash(kind).update(body).digest('hex')
const ovf: Entry = { name: 'a.ovf', body: '<Envelope/>' }
const disk: Entry = { name: 'a-disk1.vmdk', body: 'x'.repeat(3000) }
const mf = (kind = 'sha256'): Entry => ({
  name: 'a.mf',
  body: `${kind.toUpperCase()}(a.ovf)= ${sum(kind, ovf.body)}\n${kind.toUpperCase()}(a-disk1.vmdk)= ${sum(kind, disk.body)}\n`,
})

const wrong: Entry = { ...disk, body: `y${disk.body.slice(1)}` }

describe.each([
  ['openOva', asStream],
  ['openOvaFile', asFile],
])('%s', (_, open) => {
  const eventsOf = (bytes: Buffer): Promise<readonly string[]> => tell(open(bytes))

  it.each(['sha1', 'sha256', 'sha512'])('checks a manifest of %s that comes second', async (kind) => {
    expect(await eventsOf(await tarOf([ovf, mf(kind), disk]))).toEqual([
      `ovf a.ovf ${ovf.body}`,
      `a-disk1.vmdk 3000 ${disk.body}`,
      'end true false',
    ])
  })

  it.each(['sha1', 'sha256', 'sha512'])('checks a manifest of %s that comes last', async (kind) => {
    expect((await eventsOf(await tarOf([ovf, disk, mf(kind)]))).at(-1)).toBe('end true false')
  })

  it('checks a file that nobody reads', async () => {
    const skip = async (bytes: Buffer): Promise<string> => {
      let last = ''
      for await (const event of open(bytes)) last = event.kind === 'End' ? `verified ${event.verified}` : event.kind
      return last
    }
    expect(await skip(await tarOf([ovf, disk, mf()]))).toBe('verified true')
    await expect(skip(await tarOf([ovf, wrong, mf()]))).rejects.toMatchObject({ code: 'IMAGE_CHECKSUM' })
  })

  it('passes over folders, and reads names that need a header of their own', async () => {
    const name = `${'long-'.repeat(40)}disk.vmdk`
    expect(await eventsOf(await tarOf([{ name: './', type: 'directory', body: '' }, ovf, { name, body: 'abc' }]))).toEqual([
      `ovf a.ovf ${ovf.body}`,
      `${name} 3 abc`,
      'end false false',
    ])
  })

  it('says when there is no manifest, or a certificate that it does not check', async () => {
    expect((await eventsOf(await tarOf([ovf, { name: 'a.cert', body: 'PEM' }]))).at(-1)).toBe('end false true')
  })

  it.each<[string, string, () => Promise<Buffer>]>([
    ['a wrong checksum, manifest first', 'IMAGE_CHECKSUM', () => tarOf([ovf, mf(), wrong])],
    ['a wrong checksum, manifest last', 'IMAGE_CHECKSUM', () => tarOf([ovf, wrong, mf()])],
    ['a file of the manifest that is missing', 'IMAGE_CHECKSUM', () => tarOf([ovf, mf()])],
    ['a manifest line that is none', 'IMAGE_CHECKSUM', () => tarOf([ovf, { name: 'a.mf', body: 'MD5(a.ovf)= 00' }])],
    ["a name with '..'", 'IMAGE_NAME', () => tarOf([ovf, { name: '../disk.vmdk', body: 'x' }])],
    ['an absolute name', 'IMAGE_NAME', () => tarOf([ovf, { name: '/etc/cron.d/x', body: 'x' }])],
    ['a link', 'IMAGE_NAME', () => tarOf([ovf, { name: 'disk.vmdk', type: 'symlink', body: '' }])],
    ['duplicate names', 'IMAGE_NAME', () => tarOf([ovf, disk, disk])],
    ['a disk before the descriptor', 'IMAGE_FORMAT', () => tarOf([disk, ovf])],
    ['an empty archive', 'IMAGE_FORMAT', () => tarOf([])],
    ['something that is no tar', 'IMAGE_FORMAT', async () => Buffer.alloc(2048, 'no tar')],
    ['a truncated tar', 'IMAGE_TRUNCATED', async () => (await tarOf([ovf, disk])).subarray(0, 3000)],
  ])('refuses %s', async (_, code, make) => {
    await expect(eventsOf(await make())).rejects.toMatchObject({ code })
  })
})

describe('the place of a file', () => {
  const placesOf = async (bytes: Buffer, look: (event: Extract<ApplianceEvent, { kind: 'File' }>) => Promise<unknown>) => {
    const seen: unknown[] = []
    for await (const event of asFile(bytes)) if (event.kind === 'File') seen.push(await look(event))
    return seen
  }

  it('holds its bytes, whatever stands before and after it', async () => {
    const bytes = await tarOf([ovf, mf(), disk, { name: 'nvram', body: 'NV' }])
    const read = await placesOf(bytes, async ({ place }) => {
      if (place === undefined) return undefined
      const { buffer } = await place.file.read(Buffer.alloc(place.lengthBytes), 0, place.lengthBytes, place.offset)
      await place.verify()
      return buffer.toString()
    })
    expect(read).toEqual([disk.body, 'NV'])
  })

  it('verifies them without their stream', async () => {
    await expect(placesOf(await tarOf([ovf, wrong, mf()]), async ({ place }) => place?.verify())).rejects.toMatchObject({
      code: 'IMAGE_CHECKSUM',
    })
  })
})
