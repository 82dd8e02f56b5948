import { createHash } from 'node:crypto'
import { pack } from 'tar-stream'
import { describe, expect, it } from 'vitest'
import { openOva } from './open-ova.ts'

interface Entry {
  readonly name: string
  readonly type?: 'file' | 'symlink'
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

async function eventsOf(bytes: Buffer, likely?: readonly ('sha1' | 'sha256' | 'sha512')[]): Promise<readonly string[]> {
  const seen: string[] = []
  for await (const event of openOva(inChunks(bytes), 'a.ova', likely)) {
    if (event.kind === 'Descriptor') seen.push(`ovf ${event.name} ${event.text}`)
    else if (event.kind === 'End') seen.push(`end ${event.verified} ${event.signed}`)
    else seen.push(`${event.name} ${event.sizeBytes} ${Buffer.concat(await Array.fromAsync(event.bytes)).toString()}`)
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

describe('openOva', () => {
  it.each(['sha1', 'sha256', 'sha512'])('checks a manifest of %s that comes second', async (kind) => {
    expect(await eventsOf(await tarOf([ovf, mf(kind), disk]))).toEqual([
      `ovf a.ovf ${ovf.body}`,
      `a-disk1.vmdk 3000 ${disk.body}`,
      'end true false',
    ])
  })

  it.each(['sha1', 'sha256', 'sha512'] as const)('checks a manifest of %s that comes last, expected or not', async (kind) => {
    expect((await eventsOf(await tarOf([ovf, disk, mf(kind)]))).at(-1)).toBe('end true false')
    expect((await eventsOf(await tarOf([ovf, disk, mf(kind)]), [kind])).at(-1)).toBe('end true false')
  })

  it('takes nothing for verified by an algorithm that it was told not to expect', async () => {
    await expect(eventsOf(await tarOf([ovf, disk, mf('sha512')]), ['sha256'])).rejects.toMatchObject({ code: 'IMAGE_CHECKSUM' })
    expect((await eventsOf(await tarOf([ovf, mf('sha512'), disk]), ['sha256', 'sha512'])).at(-1)).toBe('end true false')
  })

  it('says when there is no manifest, or a certificate that it does not check', async () => {
    expect((await eventsOf(await tarOf([ovf, { name: 'a.cert', body: 'PEM' }]))).at(-1)).toBe('end false true')
  })

  const wrong: Entry = { ...disk, body: `y${disk.body.slice(1)}` }
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
