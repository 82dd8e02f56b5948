import { deflateSync } from 'node:zlib'
import { isZero } from '../stream/is-zero.ts'
import {
  encodeSparseHeader,
  headerFlags,
  sectorBytes,
  type SparseHeader,
  tableBytes,
  tableCountOf,
  tableEntries,
} from './sparse-header.ts'

const grainSize = 128
const grainBytes = grainSize * sectorBytes
const overhead = 128
const markers = { endOfStream: 0, table: 1, directory: 2, footer: 3 } as const

/**
 * A streamOptimized VMDK as ESXi, VirtualBox and ovftool write it: grains first, each group followed by its table, then the
 * directory and a footer; `gdOffset` of the header is all ones. `raw` is the disk from its start, in pieces of any size, and
 * `capacityBytes` (a multiple of 512) its length. Zero grains are left out.
 */
export async function* writeVmdkStream(raw: AsyncIterable<Uint8Array>, capacityBytes: number): AsyncGenerator<Buffer> {
  const header: SparseHeader = {
    version: 3,
    flags: headerFlags.lineEndTest | headerFlags.compressed | headerFlags.markers,
    capacity: capacityBytes / sectorBytes,
    grainSize,
    descriptorOffset: 1,
    descriptorSize: 20,
    redundantDirectory: 0,
    directory: undefined,
    overhead,
    compression: 1,
  }
  const file = new StreamLayout(header)
  yield file.place(preface(header))
  for await (const { lba, bytes } of grainsOf(raw, capacityBytes)) {
    const table = file.closeTable(Math.floor(lba / grainSize / tableEntries))
    if (table !== undefined) yield table
    if (!isZero(bytes)) yield file.grain(lba, bytes)
  }
  const last = file.closeTable(-1)
  if (last !== undefined) yield last
  yield file.ending()
}

/** Keeps where things are in the file being written. */
class StreamLayout {
  readonly #header: SparseHeader
  readonly #directory: Buffer
  #table = Buffer.alloc(tableBytes)
  #group = 0
  #sector = 0

  constructor(header: SparseHeader) {
    this.#header = header
    this.#directory = Buffer.alloc(Math.ceil((tableCountOf(header) * 4) / sectorBytes) * sectorBytes)
  }

  place(bytes: Buffer): Buffer {
    this.#sector += bytes.length / sectorBytes
    return bytes
  }

  grain(lba: number, bytes: Uint8Array): Buffer {
    this.#table.writeUInt32LE(this.#sector, ((lba / grainSize) % tableEntries) * 4)
    const full = Buffer.alloc(grainBytes)
    full.set(bytes)
    const deflated = deflateSync(full, { level: 1 })
    const record = Buffer.alloc(Math.ceil((12 + deflated.length) / sectorBytes) * sectorBytes)
    record.writeBigUInt64LE(BigInt(lba))
    record.writeUInt32LE(deflated.length, 8)
    record.set(deflated, 12)
    return this.place(record)
  }

  /** The table of the group before `next`, if that is over and held grains. */
  closeTable(next: number): Buffer | undefined {
    if (next === this.#group) return undefined
    const [table, group] = [this.#table, this.#group]
    this.#group = next
    if (isZero(table)) return undefined
    this.#table = Buffer.alloc(tableBytes)
    this.#directory.writeUInt32LE(this.#sector + 1, group * 4)
    return this.place(Buffer.concat([marker(markers.table, tableBytes), table]))
  }

  ending(): Buffer {
    const directory = this.#sector + 1
    const footer = encodeSparseHeader({ ...this.#header, directory })
    return Buffer.concat([
      marker(markers.directory, this.#directory.length),
      this.#directory,
      marker(markers.footer, footer.length),
      footer,
      marker(markers.endOfStream, 0),
    ])
  }
}

function marker(type: number, lengthBytes: number): Buffer {
  const bytes = Buffer.alloc(sectorBytes)
  bytes.writeBigUInt64LE(BigInt(lengthBytes / sectorBytes))
  bytes.writeUInt32LE(type, 12)
  return bytes
}

function preface(header: SparseHeader): Buffer {
  const bytes = Buffer.alloc(overhead * sectorBytes)
  bytes.set(encodeSparseHeader(header))
  bytes.write(
    `# Disk DescriptorFile\nversion=1\nCID=fffffffe\nparentCID=ffffffff\ncreateType="streamOptimized"\n\nRDONLY ${header.capacity} SPARSE "disk.vmdk"\n\nddb.adapterType = "lsilogic"\n`,
    sectorBytes,
  )
  return bytes
}

async function* grainsOf(
  raw: AsyncIterable<Uint8Array>,
  capacityBytes: number,
): AsyncGenerator<{ readonly lba: number; readonly bytes: Uint8Array }> {
  let grain = Buffer.alloc(grainBytes)
  let filled = 0
  let lba = 0
  for await (const chunk of raw) {
    for (let done = 0; done < chunk.length;) {
      const piece = chunk.subarray(done, done + grainBytes - filled)
      grain.set(piece, filled)
      filled += piece.length
      done += piece.length
      if (filled < grainBytes && lba * sectorBytes + filled < capacityBytes) continue
      yield { lba, bytes: grain.subarray(0, filled) }
      grain = Buffer.alloc(grainBytes)
      filled = 0
      lba += grainSize
    }
  }
}
