import { closeSync, openSync, writeSync } from 'node:fs'
import { pipeline } from 'node:stream/promises'
import { Readable, Writable } from 'node:stream'
import { crc32, createDeflateRaw } from 'node:zlib'
import { sheets } from '../../packages/estate/src/rvtools/sheets.ts'

/** Size of a made-up export: how many machines it has and columns each sheet has at least. */
export interface WorkbookSize {
  readonly machines: number
  readonly hosts: number
}

/** What was written. */
export interface WorkbookFacts {
  readonly rows: number
  readonly cells: number
  readonly xmlBytes: number
  readonly sharedStrings: number
}

/** A generator of pseudo-random whole numbers below `max` (mulberry32): the same seed, the same workbook. */
function random(seed: number): (max: number) => number {
  let state = seed
  return (max) => {
    state = (state + 0x6d_2b_79_f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) % max
  }
}

/** Rows for each machine, and how many columns RVTools 4 writes; those that nobody reads are filled with what stands there. */
const shape = {
  vInfo: [1, 100],
  vCPU: [1, 36],
  vMemory: [1, 38],
  vDisk: [3, 47],
  vPartition: [5, 31],
  vNetwork: [2, 34],
  vCD: [1, 23],
  vTools: [1, 35],
  vSnapshot: [0.5, 30],
} as const

/**
 * Writes an export of a vCenter to `path`: a workbook with shared strings as RVTools writes it, and with the columns that are read
 * among many others. About 16 rows for each machine.
 */
export async function makeWorkbook(path: string, size: WorkbookSize, seed = 42): Promise<WorkbookFacts> {
  const pick = random(seed)
  const strings = new Map<string, number>()
  const facts = { rows: 0, cells: 0, xmlBytes: 0 }
  const zip = createZipWriter(path)
  const names = Object.keys(shape) as readonly (keyof typeof shape)[]
  const all = [...names, 'vHost' as const]
  for (const [index, name] of all.entries()) {
    const [perMachine, columns] = name === 'vHost' ? [size.hosts / size.machines, 72] : shape[name]
    const titles = headersOf(name, columns)
    const rowCount = Math.round(size.machines * perMachine)
    facts.rows += rowCount + 1
    facts.cells += (rowCount + 1) * titles.length
    facts.xmlBytes += await zip.add(
      `xl/worksheets/sheet${index + 1}.xml`,
      sheetXml({ name, titles, rowCount, size, pick, strings }),
    )
  }
  facts.xmlBytes += await zip.add('xl/sharedStrings.xml', stringsXml(strings))
  const office = 'http://schemas.openxmlformats.org/officeDocument/2006/relationships'
  await zip.add('xl/workbook.xml', [
    `<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:r="${office}"><sheets>${all
      .map((name, index) => `<sheet name="${name}" sheetId="${index + 1}" r:id="r${index + 1}"/>`)
      .join('')}</sheets></workbook>`,
  ])
  await zip.add('xl/_rels/workbook.xml.rels', [
    `<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">${all
      .map(
        (_, index) => `<Relationship Id="r${index + 1}" Type="${office}/worksheet" Target="worksheets/sheet${index + 1}.xml"/>`,
      )
      .join('')}<Relationship Id="s" Type="${office}/sharedStrings" Target="sharedStrings.xml"/></Relationships>`,
  ])
  zip.close()
  return { ...facts, sharedStrings: strings.size }
}

function headersOf(name: keyof typeof sheets, columns: number): readonly string[] {
  const wanted = Object.values(sheets[name]).map(({ title }) => title)
  const filler = Array.from({ length: Math.max(0, columns - wanted.length) }, (_, index) => `Column ${index + 1}`)
  const [first = '', ...rest] = wanted
  return [first, ...filler, ...rest]
}

interface SheetPlan {
  readonly name: string
  readonly titles: readonly string[]
  readonly rowCount: number
  readonly size: WorkbookSize
  readonly pick: (max: number) => number
  readonly strings: Map<string, number>
}

function* sheetXml(plan: SheetPlan): Generator<string> {
  const { name, titles, rowCount, size, pick, strings } = plan
  const letters = titles.map((_, index) => columnName(index))
  const shared = (text: string): number => {
    const index = strings.get(text) ?? strings.size
    strings.set(text, index)
    return index
  }
  const cell = (column: number, row: number, value: string | number): string =>
    typeof value === 'number'
      ? `<c r="${letters[column]}${row}"><v>${value}</v></c>`
      : `<c r="${letters[column]}${row}" t="s"><v>${shared(value)}</v></c>`
  yield `<?xml version="1.0"?><worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData><row r="1">${titles
    .map((title, column) => cell(column, 1, title))
    .join('')}</row>`
  const perMachine = rowCount / size.machines
  for (let row = 0; row < rowCount; row++) {
    const machine = name === 'vHost' ? row : Math.floor(row / perMachine)
    const cells = titles.map((title, column) => cell(column, row + 2, valueOf(title, machine, { row, pick, size })))
    yield `<row r="${row + 2}">${cells.join('')}</row>`
  }
  yield '</sheetData></worksheet>'
}

interface ValueContext {
  readonly row: number
  readonly pick: (max: number) => number
  readonly size: WorkbookSize
}

const uuid = (kind: string, number: number): string => `${kind}-0000-4000-8000-${String(number).padStart(12, '0')}`

type Value = (machine: number, context: ValueContext) => string | number
const vmdk: Value = (machine, { row }) => `[datastore-${machine % 90}] machine-${machine}/machine-${machine}_${row % 3}.vmdk`
const guest: Value = (machine) => (machine % 2 === 0 ? 'Debian GNU/Linux 12 (64-bit)' : 'Microsoft Windows Server 2022 (64-bit)')
const mebibytes: Value = (machine) => 2048 << (machine % 5)

/** What stands in a column; numbers stand in the others. */
const values: Readonly<Record<string, Value>> = {
  VM: (machine) => `machine-${machine}`,
  'VM ID': (machine) => `vm-${1000 + machine}`,
  'VM UUID': (machine) => uuid('500bfe00', machine),
  'SMBIOS UUID': (machine) => uuid('42000000', machine),
  'Disk UUID': (_, { row }) => uuid('6000c291', row),
  'Mac Address': (_, { row }) =>
    `00:50:56:${[16, 8, 0].map((shift) => ((row >> shift) & 255).toString(16).padStart(2, '0')).join(':')}`,
  'Disk Key': (_, { row }) => String(2000 + (row % 3)),
  Host: (machine, { size }) => `esx-${machine % size.hosts}.example`,
  Cluster: (machine, { size }) => `cluster-${(machine % size.hosts) % 20}`,
  Datacenter: () => 'dc',
  'VI SDK UUID': () => uuid('aaaaaaaa', 1),
  'VI SDK Server': () => 'vcenter.example',
  Powerstate: () => 'poweredOn',
  Path: vmdk,
  'Disk Path': vmdk,
  'OS according to the configuration file': guest,
  'OS according to the VMware Tools': guest,
  CPUs: (machine) => 1 << (machine % 5),
  Memory: mebibytes,
  'Size MiB': mebibytes,
  'Capacity MiB': () => 40_960,
  Annotation: (machine) => `note ${machine % 500}`,
}

function valueOf(title: string, machine: number, context: ValueContext): string | number {
  const value = values[title]
  if (value !== undefined) return value(machine, context)
  return title.startsWith('Column ') && context.row % 3 === 0 ? `value ${context.pick(400)}` : context.pick(20_000_000)
}

function* stringsXml(strings: ReadonlyMap<string, number>): Generator<string> {
  yield '<sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
  for (const text of strings.keys()) yield `<si><t>${text}</t></si>`
  yield '</sst>'
}

function columnName(column: number): string {
  const letter = String.fromCharCode(65 + (column % 26))
  return column < 26 ? letter : columnName(Math.floor(column / 26) - 1) + letter
}

interface ZipWriter {
  /** Adds a file of these texts; its size before compression. */
  add(name: string, texts: Iterable<string>): Promise<number>
  close(): void
}

function createZipWriter(path: string): ZipWriter {
  const file = openSync(path, 'w')
  const directory: Buffer[] = []
  let offset = 0
  const write = (bytes: Uint8Array): void => {
    offset += writeSync(file, bytes)
  }
  return {
    add: async (name, texts) => {
      const start = offset
      const packed: Buffer[] = []
      const sums = { bytes: 0, crc: 0 }
      const counted = function* (): Generator<Buffer> {
        for (const batch of batchesOf(texts)) {
          sums.bytes += batch.length
          sums.crc = crc32(batch, sums.crc)
          yield batch
        }
      }
      const sink = new Writable({
        write: (chunk: Buffer, _, done) => {
          packed.push(chunk)
          done()
        },
      })
      await pipeline(Readable.from(counted()), createDeflateRaw(), sink)
      const data = Buffer.concat(packed)
      const header = Buffer.alloc(26)
      header.writeUInt16LE(20, 0)
      header.writeUInt16LE(8, 4)
      header.writeUInt32LE(sums.crc, 10)
      header.writeUInt32LE(data.length, 14)
      header.writeUInt32LE(sums.bytes, 18)
      header.writeUInt16LE(name.length, 22)
      for (const part of [Buffer.from('PK\u0003\u0004', 'latin1'), header, Buffer.from(name), data]) write(part)
      const place = Buffer.alloc(14)
      place.writeUInt32LE(start, 10)
      directory.push(Buffer.from('PK\u0001\u0002\u0014\u0000', 'latin1'), header, place, Buffer.from(name))
      return sums.bytes
    },
    close: () => {
      const start = offset
      const central = Buffer.concat(directory)
      write(central)
      const end = Buffer.alloc(22)
      end.write('PK\u0005\u0006', 0, 'latin1')
      end.writeUInt16LE(directory.length / 4, 8)
      end.writeUInt16LE(directory.length / 4, 10)
      end.writeUInt32LE(central.length, 12)
      end.writeUInt32LE(start, 16)
      write(end)
      closeSync(file)
    },
  }
}

function* batchesOf(texts: Iterable<string>): Generator<Buffer> {
  let batch: string[] = []
  let length = 0
  for (const text of texts) {
    batch.push(text)
    length += text.length
    if (length < 1 << 18) continue
    yield Buffer.from(batch.join(''))
    batch = []
    length = 0
  }
  yield Buffer.from(batch.join(''))
}
