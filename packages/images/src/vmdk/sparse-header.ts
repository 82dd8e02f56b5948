import { WeirError } from '@weir/base'

/** Bytes of a sector, the unit of all offsets in a VMDK. */
export const sectorBytes = 512
/** Entries of one grain table; no producer uses another number. */
export const tableEntries = 512
/** Bytes of one grain table. */
export const tableBytes = tableEntries * 4
/** `gdOffset` of a header whose true values follow in the footer (ESXi, VirtualBox, ovftool). */
const directoryAtEnd = 0xffff_ffff_ffff_ffffn

const magic = 0x564d_444b
const lineEndCheck = '\n \r\n'

/** Bits of `SparseHeader.flags`. */
export const headerFlags = { lineEndTest: 1, redundantTables: 2, zeroGrains: 4, compressed: 0x1_0000, markers: 0x2_0000 } as const

/** The header of a hosted sparse extent (VMware "Virtual Disk Format 5.0", section "Hosted sparse extents"). Offsets and sizes in sectors. */
export interface SparseHeader {
  readonly version: number
  readonly flags: number
  readonly capacity: number
  readonly grainSize: number
  readonly descriptorOffset: number
  readonly descriptorSize: number
  readonly redundantDirectory: number
  /** Undefined if the footer holds it. */
  readonly directory: number | undefined
  readonly overhead: number
  readonly compression: number
}

/**
 * Reads a header or footer sector and checks what can be checked without the rest of the file. `label` names the file in errors.
 * @throws IMAGE_FORMAT if it is none or of an unknown version; IMAGE_CORRUPT if its numbers make no sense.
 */
export function parseSparseHeader(bytes: Buffer, label: string): SparseHeader {
  if (bytes.length < sectorBytes || bytes.readUInt32LE(0) !== magic)
    throw new WeirError('IMAGE_FORMAT', `'${label}' is not a sparse VMDK: the magic number KDMV is missing.`)
  const version = bytes.readUInt32LE(4)
  if (version < 1 || version > 3)
    throw new WeirError('IMAGE_FORMAT', `'${label}' is a sparse VMDK of version ${version}; versions 1 to 3 are read.`)
  const directory = bytes.readBigUInt64LE(56)
  const header: SparseHeader = {
    version,
    flags: bytes.readUInt32LE(8),
    capacity: sectors(bytes, 12, label),
    grainSize: sectors(bytes, 20, label),
    descriptorOffset: sectors(bytes, 28, label),
    descriptorSize: sectors(bytes, 36, label),
    redundantDirectory: bytes.readBigUInt64LE(48) === directoryAtEnd ? 0 : sectors(bytes, 48, label),
    directory: directory === directoryAtEnd ? undefined : sectors(bytes, 56, label),
    overhead: sectors(bytes, 64, label),
    compression: bytes.readUInt16LE(77),
  }
  checkGeometry(header, bytes, label)
  return header
}

function checkGeometry(header: SparseHeader, bytes: Buffer, label: string): void {
  const { flags, grainSize } = header
  const wrong = (what: string): WeirError =>
    new WeirError('IMAGE_CORRUPT', `The header of '${label}' is damaged: ${what}. Export the disk again.`)
  if ((flags & headerFlags.lineEndTest) !== 0 && bytes.toString('latin1', 73, 77) !== lineEndCheck)
    throw wrong('its line-end check bytes were changed, as by a copy in text mode')
  if (bytes.readUInt32LE(44) !== tableEntries)
    throw wrong(`its grain tables have ${bytes.readUInt32LE(44)} entries, not ${tableEntries}`)
  if (grainSize < 8 || grainSize > 2048 || (grainSize & (grainSize - 1)) !== 0)
    throw wrong(`its grain size of ${grainSize} sectors is not a power of 2 from 8 to 2048`)
  if (header.capacity === 0) throw wrong('its capacity is 0')
}

function sectors(bytes: Buffer, offset: number, label: string): number {
  const value = bytes.readBigUInt64LE(offset)
  if (value > BigInt(Number.MAX_SAFE_INTEGER) / BigInt(sectorBytes))
    throw new WeirError(
      'IMAGE_LIMIT',
      `The header of '${label}' claims ${value} sectors at byte ${offset}, more than any disk has.`,
    )
  return Number(value)
}

/** The sector that `parseSparseHeader` reads back as `header`. */
export function encodeSparseHeader(header: SparseHeader): Buffer {
  const bytes = Buffer.alloc(sectorBytes)
  bytes.writeUInt32LE(magic, 0)
  bytes.writeUInt32LE(header.version, 4)
  bytes.writeUInt32LE(header.flags, 8)
  bytes.writeBigUInt64LE(BigInt(header.capacity), 12)
  bytes.writeBigUInt64LE(BigInt(header.grainSize), 20)
  bytes.writeBigUInt64LE(BigInt(header.descriptorOffset), 28)
  bytes.writeBigUInt64LE(BigInt(header.descriptorSize), 36)
  bytes.writeUInt32LE(tableEntries, 44)
  bytes.writeBigUInt64LE(BigInt(header.redundantDirectory), 48)
  bytes.writeBigUInt64LE(header.directory === undefined ? directoryAtEnd : BigInt(header.directory), 56)
  bytes.writeBigUInt64LE(BigInt(header.overhead), 64)
  bytes.write(lineEndCheck, 73, 'latin1')
  bytes.writeUInt16LE(header.compression, 77)
  return bytes
}

/** Number of grain tables (entries of the grain directory) of a disk. */
export const tableCountOf = ({ capacity, grainSize }: Pick<SparseHeader, 'capacity' | 'grainSize'>): number =>
  Math.ceil(capacity / (grainSize * tableEntries))
