import { WeirError } from '@weir/base'
import type { ByteReader } from '../stream/byte-reader.ts'
import { parseSparseHeader, sectorBytes, type SparseHeader, tableBytes } from './sparse-header.ts'
import type { StreamPreface } from './stream-preface.ts'

const markerTypes = { endOfStream: 0, table: 1, directory: 2, footer: 3 } as const
const recordHeadBytes = 12

/** One stored piece of a disk: `lba` is its first sector of the disk, `wantedBytes` what it holds of it. */
interface Grain {
  readonly lba: number
  readonly deflatedBytes: number
  readonly wantedBytes: number
}

/** Walks the records of a streamOptimized VMDK after its preface, in order, and checks all but the contents of grains. */
export class StreamGrains {
  readonly #reader: ByteReader
  readonly #preface: StreamPreface
  readonly #label: string
  #nextLba = 0
  #footer: SparseHeader | undefined

  constructor(reader: ByteReader, preface: StreamPreface, label: string) {
    this.#reader = reader
    this.#preface = preface
    this.#label = label
  }

  /**
   * The next grain, or undefined when the stream has ended as it should and its tables fit its grains. The start of `room`, which
   * is as long as the longest grain that is taken, gets its zlib stream.
   * @throws IMAGE_CORRUPT, IMAGE_LIMIT, IMAGE_TRUNCATED
   */
  async next(room: Buffer): Promise<Grain | undefined> {
    for (;;) {
      const sector = this.#reader.position / sectorBytes
      const head = this.#reader.tryRead(recordHeadBytes) ?? (await this.#reader.readUpTo(recordHeadBytes))
      if (head.length === 0) return this.#endOfFile()
      if (head.length < recordHeadBytes) throw this.#truncated()
      const size = head.readUInt32LE(8)
      if (size > 0) return this.#grain(head, { size, sector, room })
      if (!(await this.#marker(head, sector))) return undefined
    }
  }

  async #grain(
    head: Buffer,
    { size, sector, room }: { readonly size: number; readonly sector: number; readonly room: Buffer },
  ): Promise<Grain> {
    const { grainSize, capacity } = this.#preface.header
    const lba = this.#checkPlace(head.readBigUInt64LE(0))
    if (this.#footer !== undefined) throw this.#corrupt(`the grain at sector ${sector} of the file follows the footer`)
    if (size > room.length)
      throw this.#corrupt(
        `the grain at sector ${sector} of the file claims ${size} compressed bytes; ${room.length} are possible`,
      )
    if (sector > 0xffff_ffff) throw this.#corrupt('it has more than 2^32 sectors, which its tables cannot address')
    await this.#reader.readInto(room.subarray(0, size))
    await this.#skipPadding(recordHeadBytes + size)
    this.#preface.tables.addGrain(lba / grainSize, sector)
    this.#nextLba = lba + grainSize
    return { lba, deflatedBytes: size, wantedBytes: Math.min(grainSize, capacity - lba) * sectorBytes }
  }

  #checkPlace(value: bigint): number {
    const { capacity, grainSize } = this.#preface.header
    if (value >= BigInt(capacity))
      throw this.#corrupt(`a grain for sector ${value} lies outside its capacity of ${capacity} sectors`)
    const lba = Number(value)
    if (lba % grainSize !== 0) throw this.#corrupt(`a grain for sector ${lba} is not on a border of ${grainSize} sectors`)
    if (lba < this.#nextLba)
      throw this.#corrupt(`a grain for sector ${lba} overlaps or precedes one before it, which reached sector ${this.#nextLba}`)
    return lba
  }

  /** True if more records may follow. */
  async #marker(head: Buffer, sector: number): Promise<boolean> {
    const rest = await this.#reader.read(sectorBytes - recordHeadBytes)
    const type = rest.readUInt32LE(0)
    const sectors = head.readBigUInt64LE(0)
    switch (type) {
      case markerTypes.endOfStream:
        await this.#endOfStream()
        return false
      case markerTypes.table:
        this.#expectSectors(sectors, { least: tableBytes / sectorBytes, sector })
        await this.#readTable(sector + 1, Number(sectors))
        return true
      case markerTypes.directory:
        this.#expectSectors(sectors, { least: Math.ceil(this.#preface.tables.directoryBytes / sectorBytes), sector })
        await this.#readDirectory(sector + 1, Number(sectors))
        return true
      case markerTypes.footer:
        this.#expectSectors(sectors, { least: 1, sector })
        await this.#readFooter(Number(sectors))
        return true
      default:
        throw this.#corrupt(`sector ${sector} of the file is a marker of unknown type ${type}`)
    }
  }

  /** Producers round metadata up, by a grain at most. */
  #expectSectors(sectors: bigint, { least, sector }: { least: number; sector: number }): void {
    const most = least + this.#preface.header.grainSize
    if (sectors < BigInt(least) || sectors > BigInt(most))
      throw this.#corrupt(`the marker at sector ${sector} of the file announces ${sectors} sectors, not ${least} to ${most}`)
  }

  async #readTable(sector: number, sectors: number): Promise<void> {
    this.#preface.tables.addTable(sector, await this.#reader.read(tableBytes))
    await this.#reader.skip(sectors * sectorBytes - tableBytes)
  }

  async #readDirectory(sector: number, sectors: number): Promise<void> {
    this.#preface.tables.addDirectory(sector, await this.#reader.read(sectors * sectorBytes))
  }

  async #readFooter(sectors: number): Promise<void> {
    if (this.#footer !== undefined) throw this.#corrupt('it has two footers')
    const footer = parseSparseHeader(await this.#reader.read(sectorBytes), this.#label)
    await this.#reader.skip((sectors - 1) * sectorBytes)
    const { capacity, grainSize } = this.#preface.header
    if (footer.capacity !== capacity || footer.grainSize !== grainSize)
      throw this.#corrupt(
        `its footer says ${footer.capacity} sectors in grains of ${footer.grainSize}, its header ${capacity} in ${grainSize}`,
      )
    this.#footer = footer
  }

  async #endOfStream(): Promise<void> {
    const sector = this.#footer?.directory ?? this.#preface.header.directory
    if (sector === undefined) throw this.#corrupt('it ends without the footer that its header promises')
    this.#preface.tables.verify(sector, true)
    for (;;) {
      const rest = await this.#reader.readUpTo(64 * 1024)
      if (rest.length === 0) return
      if (rest.some((byte) => byte !== 0)) throw this.#corrupt('data follow its end-of-stream marker')
    }
  }

  /** Some producers write no end-of-stream marker; then the tables before the grains tell whether all came. */
  #endOfFile(): undefined {
    const { directory } = this.#preface.header
    if (directory === undefined) throw this.#truncated()
    this.#preface.tables.verify(directory, false)
    return undefined
  }

  async #skipPadding(length: number): Promise<void> {
    const padding = (sectorBytes - (length % sectorBytes)) % sectorBytes
    if (padding > 0 && this.#reader.tryRead(padding) === undefined) await this.#reader.skip(padding)
  }

  #truncated(): WeirError {
    return new WeirError(
      'IMAGE_TRUNCATED',
      `'${this.#label}' ends at byte ${this.#reader.position}, before its end-of-stream marker. Export or download it again.`,
    )
  }

  #corrupt(what: string): WeirError {
    return new WeirError('IMAGE_CORRUPT', `'${this.#label}' is damaged: ${what}. Export or download it again.`)
  }
}
