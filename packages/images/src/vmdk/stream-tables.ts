import { WeirError } from '@weir/base'
import { DigestLog, TableDigest } from './digest-log.ts'
import { headerFlags, type SparseHeader, tableCountOf, tableEntries } from './sparse-header.ts'

/**
 * Compares the grain tables that a stream carries, before or after its grains, with the grains that really came. A grain that
 * was lost, moved or doubled on the way is found without going back. Grains and tables arrive in file order.
 */
export class StreamTables {
  readonly #header: SparseHeader
  readonly #label: string
  readonly #grains = new DigestLog()
  readonly #tables = new DigestLog()
  readonly #directories = new Map<number, Uint32Array>()
  #group = -1
  #digest = new TableDigest()

  constructor(header: SparseHeader, label: string) {
    this.#header = header
    this.#label = label
  }

  /** Bytes of a grain directory without padding. */
  get directoryBytes(): number {
    return tableCountOf(this.#header) * 4
  }

  /** Notes the grain number `grain` of the disk, found at `sector` of the file. Numbers rise. */
  addGrain(grain: number, sector: number): void {
    const group = Math.floor(grain / tableEntries)
    if (group !== this.#group) this.#closeGroup(group)
    this.#digest.add(grain % tableEntries, sector)
  }

  /** Notes the grain table found at `sector`. */
  addTable(sector: number, bytes: Buffer): void {
    const digest = new TableDigest()
    const zeroEntry = (this.#header.flags & headerFlags.zeroGrains) === 0 ? 0 : 1
    for (let slot = 0; slot < tableEntries; slot += 1) {
      const entry = bytes.readUInt32LE(slot * 4)
      if (entry > zeroEntry) digest.add(slot, entry)
    }
    this.#tables.append(sector, digest)
  }

  /** Notes the grain directory found at `sector` and returns the sectors of its tables (0: none). */
  addDirectory(sector: number, bytes: Buffer): Uint32Array {
    const directory = new Uint32Array(tableCountOf(this.#header))
    for (let index = 0; index < directory.length; index += 1) directory[index] = bytes.readUInt32LE(index * 4)
    if (this.#directories.size >= 2) throw this.#corrupt('it holds more than two grain directories')
    this.#directories.set(sector, directory)
    return directory
  }

  /**
   * Checks the tables of the directory at `sector` against the grains.
   * @throws IMAGE_CORRUPT if they differ; IMAGE_TRUNCATED if grains are missing and `complete` is false.
   */
  verify(sector: number, complete: boolean): void {
    this.#closeGroup(-1)
    const directory = this.#directories.get(sector)
    if (directory === undefined)
      throw this.#corrupt(`there is no grain directory at sector ${sector}, where its header or footer says`)
    let next = 0
    for (const [group, table] of directory.entries()) {
      const held = next < this.#grains.length && this.#grains.keyAt(next) === group ? next : -1
      this.#verifyGroup(group, { held, table: table === 0 ? -1 : this.#tableAt(table), complete })
      if (held >= 0) next += 1
    }
  }

  #verifyGroup(group: number, { held, table, complete }: { held: number; table: number; complete: boolean }): void {
    const grains = held < 0 ? 0 : this.#grains.countAt(held)
    const listed = table < 0 ? 0 : this.#tables.countAt(table)
    if (grains === 0 && listed === 0) return
    if (held >= 0 && table >= 0 && this.#grains.equals(held, this.#tables, table)) return
    const what = `grain table ${group} lists ${listed} grains, the stream holds ${grains}${listed === grains ? ' at other places' : ''}`
    if (!complete && listed > grains)
      throw new WeirError('IMAGE_TRUNCATED', `'${this.#label}' ends too early: ${what}. Export or download it again.`)
    throw this.#corrupt(what)
  }

  #tableAt(sector: number): number {
    const index = this.#tables.find(sector)
    if (index < 0) throw this.#corrupt(`there is no grain table at sector ${sector}, where its directory says`)
    return index
  }

  #closeGroup(next: number): void {
    if (this.#group >= 0 && this.#digest.count > 0) this.#grains.append(this.#group, this.#digest)
    this.#group = next
    this.#digest = new TableDigest()
  }

  #corrupt(what: string): WeirError {
    return new WeirError(
      'IMAGE_CORRUPT',
      `The tables of '${this.#label}' do not fit its data: ${what}. Export or download it again.`,
    )
  }
}
