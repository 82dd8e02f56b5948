import { WeirError } from '@weir/base'
import type { ByteReader } from '../stream/byte-reader.ts'
import { parseDescriptor } from './descriptor.ts'
import { headerFlags, parseSparseHeader, sectorBytes, type SparseHeader, tableBytes } from './sparse-header.ts'
import { StreamTables } from './stream-tables.ts'

const descriptorSectorsMax = 2048
const deflate = 1

/** Bounds that a disk image may not pass. */
export interface ImageLimits {
  /** The largest virtual disk that is taken. */
  readonly maxCapacityBytes: number
}

/** What precedes the grains of a streamOptimized VMDK. */
export interface StreamPreface {
  readonly header: SparseHeader
  readonly capacityBytes: number
  readonly tables: StreamTables
}

/**
 * Reads everything before the first grain: header, descriptor and, in files of qemu-img, the grain tables.
 * @throws IMAGE_FORMAT if the disk is not streamOptimized or a delta disk; IMAGE_LIMIT if its capacity passes `limits`.
 */
export async function readPreface(reader: ByteReader, limits: ImageLimits, label: string): Promise<StreamPreface> {
  const header = parseSparseHeader(await reader.readUpTo(sectorBytes), label)
  const capacityBytes = header.capacity * sectorBytes
  assertStreamOptimized(header, label)
  assertCapacity(capacityBytes, limits, label)
  const tables = new StreamTables(header, label)
  await readDescriptor(reader, header, label)
  if (header.directory !== undefined) await readFrontTables(reader, { header, tables, directory: header.directory, label })
  await skipTo(reader, Math.max(header.overhead, 1), label)
  return { header, capacityBytes, tables }
}

function assertStreamOptimized({ flags, compression }: SparseHeader, label: string): void {
  const wanted = headerFlags.compressed | headerFlags.markers
  if ((flags & wanted) !== wanted)
    throw new WeirError(
      'IMAGE_FORMAT',
      `'${label}' is a sparse VMDK but not streamOptimized, so it cannot be read as a stream. Import it from a file on disk instead.`,
    )
  if (compression !== deflate)
    throw new WeirError('IMAGE_FORMAT', `'${label}' is compressed by method ${compression}; only 1 (deflate) is read.`)
}

/** @throws IMAGE_LIMIT if `capacityBytes` passes `limits`. */
function assertCapacity(capacityBytes: number, limits: ImageLimits, label: string): void {
  if (capacityBytes > limits.maxCapacityBytes)
    throw new WeirError(
      'IMAGE_LIMIT',
      `'${label}' claims a capacity of ${capacityBytes} bytes; at most ${limits.maxCapacityBytes} are allowed. Raise the limit if the disk really is that large.`,
    )
}

async function readDescriptor(reader: ByteReader, header: SparseHeader, label: string): Promise<void> {
  if (header.descriptorOffset === 0 || header.descriptorSize === 0) return
  if (header.descriptorSize > descriptorSectorsMax)
    throw new WeirError(
      'IMAGE_LIMIT',
      `The descriptor of '${label}' has ${header.descriptorSize} sectors; at most ${descriptorSectorsMax} are read.`,
    )
  await skipTo(reader, header.descriptorOffset, label)
  const bytes = await reader.read(header.descriptorSize * sectorBytes)
  parseDescriptor(bytes.toString('utf8'), label)
}

/** qemu-img puts directory and tables before the grains. Tables that precede their directory are beyond a stream; nobody writes them. */
async function readFrontTables(
  reader: ByteReader,
  { header, tables, directory, label }: { header: SparseHeader; tables: StreamTables; directory: number; label: string },
): Promise<void> {
  await skipTo(reader, directory, label)
  const sectorsOfTables = tables
    .addDirectory(directory, await reader.read(tables.directoryBytes))
    .filter((sector) => sector !== 0)
  for (const sector of sectorsOfTables.toSorted()) {
    if (sector * sectorBytes + tableBytes > header.overhead * sectorBytes)
      throw new WeirError(
        'IMAGE_CORRUPT',
        `A grain table of '${label}' at sector ${sector} lies outside the space before its grains.`,
      )
    await skipTo(reader, sector, label)
    tables.addTable(sector, await reader.read(tableBytes))
  }
}

async function skipTo(reader: ByteReader, sector: number, label: string): Promise<void> {
  const distance = sector * sectorBytes - reader.position
  if (distance < 0)
    throw new WeirError(
      'IMAGE_CORRUPT',
      `Parts of '${label}' overlap or are out of order before sector ${sector}. Export it again.`,
    )
  await reader.skip(distance)
}
