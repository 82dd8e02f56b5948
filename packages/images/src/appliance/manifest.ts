import { createHash, type Hash } from 'node:crypto'
import { WeirError } from '@weir/base'
import { assertPlainName } from './plain-name.ts'

const line = /^(SHA1|SHA256|SHA512) ?\((.{1,255})\) ?= ?([0-9a-f]{40}|[0-9a-f]{64}|[0-9a-f]{128})$/iu
const algorithms = ['sha1', 'sha256', 'sha512'] as const

/** A checksum that a manifest may use. */
export type Algorithm = (typeof algorithms)[number]

/** `name` as an algorithm, in any case; undefined if it is none. */
const toAlgorithm = (name: string): Algorithm | undefined => algorithms.find((known) => known === name.toLowerCase())

/** One line of a manifest: the checksum that the file `name` must have. */
export interface ManifestEntry {
  readonly name: string
  readonly algorithm: Algorithm
  readonly hex: string
}

/** Reads the text of an OVF manifest (`.mf`, DSP0243 section 9). @throws IMAGE_CHECKSUM, IMAGE_NAME if a line makes no sense. */
export function parseManifest(text: string, label: string): readonly ManifestEntry[] {
  const seen = new Set<string>()
  return text
    .split(/\r?\n/u)
    .filter((each) => each.trim() !== '')
    .map((each) => {
      const [, kind, name, hex] = line.exec(each.trim()) ?? []
      const algorithm = toAlgorithm(kind ?? '')
      if (algorithm === undefined || name === undefined || hex === undefined)
        throw new WeirError(
          'IMAGE_CHECKSUM',
          `'${label}' holds a line that is no checksum: ${JSON.stringify(each.slice(0, 80))}.`,
        )
      if (seen.has(name)) throw new WeirError('IMAGE_NAME', `'${label}' names '${name}' twice.`)
      seen.add(name)
      return { name: assertPlainName(name, `'${label}'`), algorithm, hex: hex.toLowerCase() }
    })
}

/** Checks files against a manifest that may come before, between or after them. Each file is hashed once, while it passes. */
export class ManifestCheck {
  #entries: ReadonlyMap<string, ManifestEntry> | undefined
  readonly #sums = new Map<string, ReadonlyMap<Algorithm, string>>()

  /** @throws IMAGE_CHECKSUM at once for a file that has already passed. */
  addManifest(entries: readonly ManifestEntry[]): void {
    this.#entries = new Map(entries.map((entry) => [entry.name, entry]))
    for (const [name, sums] of this.#sums) this.#compare(name, sums)
  }

  /** `bytes` unchanged, hashed on the way; the end of the stream throws IMAGE_CHECKSUM if the sum is wrong. */
  async *watch(name: string, bytes: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    const known = this.#entries?.get(name)?.algorithm
    const wanted: readonly Algorithm[] = this.#entries === undefined ? algorithms : known === undefined ? [] : [known]
    const hashes: readonly (readonly [Algorithm, Hash])[] = wanted.map((algorithm) => [algorithm, createHash(algorithm)])
    for await (const chunk of bytes) {
      for (const [, hash] of hashes) hash.update(chunk)
      yield chunk
    }
    const sums = new Map(hashes.map(([algorithm, hash]) => [algorithm, hash.digest('hex')]))
    this.#sums.set(name, sums)
    if (this.#entries !== undefined) this.#compare(name, sums)
  }

  /** True if the manifest names it; false also while none is there. */
  isListed(name: string): boolean {
    return this.#entries?.has(name) === true
  }

  /** True if it has passed, and was right if the manifest was known by then. */
  hasSeen(name: string): boolean {
    return this.#sums.has(name)
  }

  /** @throws IMAGE_CHECKSUM if the manifest lists a file that is not among `names`. */
  assertListed(names: { has(name: string): boolean }): void {
    for (const name of this.#entries?.keys() ?? [])
      if (!names.has(name))
        throw new WeirError(
          'IMAGE_CHECKSUM',
          `The manifest lists '${name}', which the appliance does not hold. Export or download it again.`,
        )
  }

  /** True if a manifest was there and all its files came and match. @throws IMAGE_CHECKSUM if one did not come. */
  finish(): boolean {
    this.assertListed(this.#sums)
    return this.#entries !== undefined
  }

  #compare(name: string, sums: ReadonlyMap<Algorithm, string>): void {
    const entry = this.#entries?.get(name)
    if (entry === undefined) return
    const found = sums.get(entry.algorithm) ?? 'unknown'
    if (found !== entry.hex)
      throw new WeirError(
        'IMAGE_CHECKSUM',
        `'${name}' does not match its manifest: ${entry.algorithm} is ${found}, not ${entry.hex}. Export or download it again.`,
      )
  }
}
