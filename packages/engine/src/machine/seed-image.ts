import type { MachineSpec } from './machine.ts'

const sector = 2048
const volumeName = 'cidata'

interface IsoFile {
  readonly name: string
  readonly bytes: Buffer
  readonly sector: number
}

/**
 * A NoCloud seed (cloud-init, "NoCloud" data source): an ISO 9660 image labelled `cidata` with `user-data`, `meta-data` and,
 * if given, `network-config`; a Joliet tree beside the plain one (ECMA-119; Joliet Specification, 1995). The same input gives
 * the same bytes.
 */
export function seedImage(noCloud: NonNullable<MachineSpec['noCloud']>): Buffer {
  const files = placeFiles([
    ['meta-data', noCloud.metaData],
    ...(noCloud.networkData === undefined ? [] : [['network-config', noCloud.networkData] as const]),
    ['user-data', noCloud.userData],
  ])
  const last = files.at(-1)
  const sectors = last === undefined ? layout.firstFile : last.sector + sectorsOf(last.bytes)
  const image = Buffer.alloc(sectors * sector)
  const put = (at: number, bytes: Buffer): void => void bytes.copy(image, at * sector)
  put(16, volumeDescriptor(plain, sectors))
  put(17, volumeDescriptor(joliet, sectors))
  put(18, Buffer.from('\xffCD001\x01', 'latin1'))
  for (const tree of [plain, joliet]) {
    put(tree.pathTable, pathTable(tree, 'LE'))
    put(tree.pathTable + 1, pathTable(tree, 'BE'))
    put(tree.root, rootDirectory(tree, files))
  }
  for (const file of files) put(file.sector, file.bytes)
  return image
}

interface Tree {
  readonly type: number
  readonly root: number
  readonly pathTable: number
  /** Bytes of a name as this tree writes it. */
  encode(text: string): Buffer
}

const layout = { firstFile: 25 } as const
const plain: Tree = { type: 1, root: 23, pathTable: 19, encode: (text) => Buffer.from(text, 'latin1') }
/** UCS-2, high byte first. */
const joliet: Tree = { type: 2, root: 24, pathTable: 21, encode: (text) => Buffer.from(text, 'utf16le').swap16() }

const sectorsOf = (bytes: Buffer): number => Math.ceil(bytes.length / sector)

function placeFiles(files: readonly (readonly [string, string])[]): readonly IsoFile[] {
  let next: number = layout.firstFile
  return files.map(([name, text]) => {
    const file = { name, bytes: Buffer.from(text, 'utf8'), sector: next }
    next += sectorsOf(file.bytes)
    return file
  })
}

/** Numbers in both byte orders, as ISO 9660 wants most of them. */
function both32(target: Buffer, at: number, value: number): void {
  target.writeUInt32LE(value, at)
  target.writeUInt32BE(value, at + 4)
}
function both16(target: Buffer, at: number, value: number): void {
  target.writeUInt16LE(value, at)
  target.writeUInt16BE(value, at + 2)
}

function volumeDescriptor(tree: Tree, sectors: number): Buffer {
  const bytes = Buffer.alloc(sector)
  const text = (at: number, length: number, value: string): void => {
    const encoded = tree.encode(value)
    const filler = tree.encode(' '.repeat(Math.floor(length / tree.encode(' ').length)))
    filler.copy(bytes, at)
    encoded.copy(bytes, at, 0, length)
  }
  bytes[0] = tree.type
  bytes.write('CD001\x01', 1, 'latin1')
  text(8, 32, 'LINUX')
  text(40, 32, volumeName)
  both32(bytes, 80, sectors)
  if (tree === joliet) bytes.write('%/E', 88, 'latin1')
  both16(bytes, 120, 1)
  both16(bytes, 124, 1)
  both16(bytes, 128, sector)
  both32(bytes, 132, 10)
  bytes.writeUInt32LE(tree.pathTable, 140)
  bytes.writeUInt32BE(tree.pathTable + 1, 148)
  directoryRecord(Buffer.of(0), { start: tree.root, size: sector, flags: 2 }).copy(bytes, 156)
  for (const [at, length] of [
    [190, 128],
    [318, 128],
    [446, 128],
    [574, 128],
    [702, 37],
    [739, 37],
    [776, 37],
  ] as const)
    text(at, length, '')
  for (const at of [813, 830, 847, 864]) bytes.write('0'.repeat(16), at, 'latin1')
  bytes[881] = 1
  return bytes
}

interface Extent {
  readonly start: number
  readonly size: number
  readonly flags: number
}

function directoryRecord(name: Buffer, { start, size, flags }: Extent): Buffer {
  const record = Buffer.alloc((33 + name.length + 1) & ~1)
  record[0] = record.length
  both32(record, 2, start)
  both32(record, 10, size)
  // 2000-01-01 00:00 UTC: the image depends on its content alone.
  Buffer.from([100, 1, 1, 0, 0, 0, 0]).copy(record, 18)
  record[25] = flags
  both16(record, 28, 1)
  record[32] = name.length
  name.copy(record, 33)
  return record
}

function rootDirectory(tree: Tree, files: readonly IsoFile[]): Buffer {
  const self: Extent = { start: tree.root, size: sector, flags: 2 }
  return Buffer.concat([
    directoryRecord(Buffer.of(0), self),
    directoryRecord(Buffer.of(1), self),
    ...files.map((file) =>
      directoryRecord(tree.encode(`${file.name};1`), { start: file.sector, size: file.bytes.length, flags: 0 }),
    ),
  ])
}

function pathTable(tree: Tree, order: 'LE' | 'BE'): Buffer {
  const bytes = Buffer.alloc(10)
  bytes[0] = 1
  if (order === 'LE') {
    bytes.writeUInt32LE(tree.root, 2)
    bytes.writeUInt16LE(1, 6)
  } else {
    bytes.writeUInt32BE(tree.root, 2)
    bytes.writeUInt16BE(1, 6)
  }
  return bytes
}
