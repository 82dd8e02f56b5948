import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { writeWorkbook, writeZip } from '@weir/testkit'
import { openEstateFile, openEstateFiles } from './open-estate.ts'

const ovf = `<Envelope xmlns:rasd="r"><VirtualSystem id="web"><Name>web</Name><VirtualHardwareSection>
<Item><rasd:InstanceID>1</rasd:InstanceID><rasd:ResourceType>3</rasd:ResourceType><rasd:VirtualQuantity>2</rasd:VirtualQuantity></Item>
<Item><rasd:InstanceID>2</rasd:InstanceID><rasd:ResourceType>4</rasd:ResourceType><rasd:VirtualQuantity>1024</rasd:VirtualQuantity></Item>
</VirtualHardwareSection></VirtualSystem></Envelope>`
const info: readonly (string | number)[][] = [
  ['VM', 'Powerstate', 'CPUs', 'Memory', 'Cluster', 'VM ID', 'VI SDK UUID'],
  ['a', 'poweredOn', 2, 4096, 'c', 'vm-1', 'U'],
]
const workbook = writeWorkbook([{ name: 'vInfo', rows: info }])
const csv = info.map((row) => row.join(';')).join('\r\n')

const encrypted = Buffer.concat([
  Buffer.from([0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1]),
  Buffer.alloc(1024),
  Buffer.from('EncryptedPackage', 'utf16le'),
])

describe('an estate opens from', () => {
  it.each<[string, Uint8Array | string]>([
    ['a workbook', workbook],
    ['a CSV file', csv],
    [
      'a zipped workbook',
      writeZip([
        { name: 'export.xlsx', bytes: workbook },
        { name: '__MACOSX/._export.xlsx', bytes: 'x' },
      ]),
    ],
    ['a zip of CSV files', writeZip([{ name: 'export/RVTools_tabvInfo.csv', bytes: csv }])],
  ])('%s, whatever it is called', async (_, bytes) => {
    const estate = await openEstateFile({ name: 'x.bin', bytes: Buffer.from(bytes) })
    expect(estate.metadata.name).toBe('x')
    expect(estate.machines).toMatchObject([{ id: 'u/vm-1', name: 'a', cpu: { count: 2 }, memory: { sizeBytes: 2 ** 32 } }])
  })

  it('an OVF, by its text', async () => {
    const estate = await openEstateFile({ name: 'x', bytes: Buffer.from(ovf) })
    expect(estate.machines).toMatchObject([{ name: 'web', cpu: { count: 2 }, memory: { sizeBytes: 2 ** 30 }, power: 'Off' }])
  })

  it('its own document', async () => {
    const estate = await openEstateFile({ name: 'x', bytes: workbook })
    const bytes = Buffer.from(JSON.stringify(estate))
    expect(await openEstateFile({ name: 'x.json', bytes })).toEqual(estate)
  })
})

describe('a folder', () => {
  let folder = ''
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'weir-estate-'))
    mkdirSync(join(folder, 'web'))
    writeFileSync(join(folder, 'web', 'web.ovf'), ovf)
    writeFileSync(join(folder, 'web', 'disk.vmdk'), Buffer.alloc(1000))
    writeFileSync(join(folder, 'vInfo.csv'), csv)
    writeFileSync(
      join(folder, 'usage.csv'),
      'machine,metric,start,stepSeconds\na,cpuMhz,2026-01-01T00:00:00Z,300,10,,30\nweb,cpuMhz,,60,1\n',
    )
    writeFileSync(join(folder, 'vHost.csv'), 'Host,Cluster,Speed,# Cores\nesx,c,2400,16\n')
    writeFileSync(join(folder, 'readme.txt'), 'nothing to read here')
    writeFileSync(join(folder, 'other.json'), '{"kind":')
  })
  afterAll(() => rmSync(folder, { recursive: true }))

  it('gives one estate of all that it holds, and passes over the rest', async () => {
    const estate = await openEstateFile(folder)
    expect(estate.machines.map(({ name }) => name).toSorted()).toEqual(['a', 'web'])
    expect(estate.hosts).toMatchObject([{ name: 'esx', cpuMhz: 2400, cores: 16 }])
    const a = estate.machines.find(({ name }) => name === 'a')
    expect(a?.usage).toEqual({ startTime: '2026-01-01T00:00:00Z', stepSeconds: 300, cpuMhz: [10, null, 30] })
    expect(new Set(estate.sources.map(({ type }) => type))).toEqual(new Set(['OVF', 'RVTools']))
    expect(JSON.stringify(estate)).not.toContain(tmpdir())
  })

  it('with an encrypted workbook is refused: it may be most of the estate', async () => {
    const path = join(folder, 'web', 'secret.xlsx')
    writeFileSync(path, encrypted)
    await expect(openEstateFile(folder)).rejects.toMatchObject({ code: 'ESTATE_ENCRYPTED' })
    rmSync(path)
  })
})

describe('what is no estate is refused', () => {
  it.each<[string, Uint8Array | string, string]>([
    ['an empty file', '', 'ESTATE_FORMAT'],
    ['some text', 'hello\nworld', 'ESTATE_FORMAT'],
    ['binary data', Buffer.alloc(600), 'ESTATE_FORMAT'],
    ['HTML', '<html></html>', 'ESTATE_FORMAT'],
    ['other JSON', '{"kind":"Deployment"}', 'ESTATE_FORMAT'],
    ['damaged JSON', '{"kind":"Estate"', 'ESTATE_CORRUPT'],
    ['an estate of another version', '{"kind":"Estate","apiVersion":"weir.dev/v9"}', 'ESTATE_INVALID'],
    ['an encrypted workbook', encrypted, 'ESTATE_ENCRYPTED'],
    ['an old workbook', encrypted.subarray(0, 512), 'ESTATE_FORMAT'],
    ['a binary workbook', writeZip([{ name: 'xl/workbook.bin', bytes: 'x' }]), 'ESTATE_FORMAT'],
    ['a workbook of something else', writeWorkbook([{ name: 'Costs', rows: info }]), 'ESTATE_FORMAT'],
    ['a zip of something else', writeZip([{ name: 'a.txt', bytes: 'x' }]), 'ESTATE_FORMAT'],
    ['a workbook without machines', writeWorkbook([{ name: 'vInfo', rows: info.slice(0, 1) }]), 'ESTATE_NO_MACHINES'],
    [
      'a workbook without vInfo',
      writeWorkbook([
        {
          name: 'vHost',
          rows: [
            ['Host', 'Speed', '# Cores'],
            ['h', 1, 2],
          ],
        },
      ]),
      'ESTATE_NO_MACHINES',
    ],
    [
      'a vInfo without names',
      writeWorkbook([
        {
          name: 'vInfo',
          rows: [
            ['Powerstate', 'CPUs', 'Memory'],
            ['On', 1, 2],
          ],
        },
      ]),
      'ESTATE_COLUMN_MISSING',
    ],
    ['a vInfo without headers', writeWorkbook([{ name: 'vInfo', rows: [['a', 'On', 2]] }]), 'ESTATE_COLUMN_MISSING'],
    ['a truncated workbook', workbook.subarray(0, workbook.length - 30), 'ESTATE_CORRUPT'],
    [
      'a zip in a zip in a zip',
      writeZip([{ name: 'a.xlsx', bytes: writeZip([{ name: 'b.xlsx', bytes: writeZip([{ name: 'c', bytes: '' }]) }]) }]),
      'ESTATE_FORMAT',
    ],
    ['usage alone', 'machine,metric,start,stepSeconds\n', 'ESTATE_NO_MACHINES'],
  ])('%s', async (_, bytes, code) => {
    await expect(openEstateFile({ name: 'x', bytes: Buffer.from(bytes) })).rejects.toMatchObject({ name: 'WeirError', code })
  })

  it('no file at all, and one that is not there', async () => {
    await expect(openEstateFiles([])).rejects.toMatchObject({ code: 'ESTATE_NO_MACHINES' })
    await expect(openEstateFile('/dev/null')).rejects.toMatchObject({ code: 'ESTATE_UNREADABLE' })
    await expect(openEstateFile('/nowhere/x.xlsx')).rejects.toMatchObject({ code: 'ESTATE_UNREADABLE' })
  })

  it('and everything stops when the caller says so', async () => {
    const signal = AbortSignal.abort(new Error('enough'))
    await expect(openEstateFile({ name: 'x', bytes: workbook }, { signal })).rejects.toThrow('enough')
  })
})
