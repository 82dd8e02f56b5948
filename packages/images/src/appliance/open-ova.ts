import { Readable } from 'node:stream'
import { extract } from 'tar-stream'
import type { FileRegion } from '../stream/file-region.ts'
import { ManifestCheck, parseManifest } from './manifest.ts'
import { assertDescriptor, checkEntry, noDescriptor, type OvaEntry, readText, roleOf, toImageError } from './ova-entry.ts'

/** Where the bytes of a file of an appliance lie, for who can read them there instead of as a stream. */
export interface FilePlace extends FileRegion {
  /** Reads them once more and compares them with the manifest; nothing if it does not list them. @throws IMAGE_CHECKSUM, IMAGE_TRUNCATED */
  verify(): Promise<void>
}

/** What an appliance brings, in its order. A `File` must be read to its end before the next event is asked for, or not at all: then it is skipped. */
export type ApplianceEvent =
  /** Always first: the OVF descriptor. */
  | { readonly kind: 'Descriptor'; readonly name: string; readonly text: string }
  /**
   * A disk or other file named in the descriptor. Each of `bytes` is good until the next one is asked for; their end throws
   * IMAGE_CHECKSUM if the manifest is known, as it is with a `place`, and does not match. Who reads them in their place calls `verify`.
   */
  | {
      readonly kind: 'File'
      readonly name: string
      /** Undefined if that is not known before its end. */
      readonly sizeBytes: number | undefined
      readonly bytes: AsyncIterable<Uint8Array>
      readonly place?: FilePlace
    }
  /** Always last: `verified` if a manifest was there (all its files match), `signed` if there was a certificate, which is not checked. */
  | { readonly kind: 'End'; readonly verified: boolean; readonly signed: boolean }

/**
 * Reads an OVA (tar of an OVF package, DSP0243) from a stream, once, with back-pressure and never unpacked. Whatever was made of
 * the files must be thrown away if a later event throws: a manifest at the end is checked at the end. Until it comes every
 * checksum that it may use is computed; `openOvaFile` need not.
 * @throws IMAGE_FORMAT, IMAGE_NAME, IMAGE_LIMIT, IMAGE_TRUNCATED, IMAGE_CHECKSUM
 */
export async function* openOva(source: AsyncIterable<Uint8Array>, label: string): AsyncGenerator<ApplianceEvent> {
  const tar = extract()
  const input = Readable.from(source, { objectMode: false })
  input.on('error', (error) => tar.destroy(error)).pipe(tar)
  const state = { check: new ManifestCheck(), names: new Set<string>(), described: false, signed: false, label }
  try {
    for await (const entry of tar) {
      const name = checkEntry(entry.header, state)
      if (name === undefined) for await (const _ of entry) continue
      else yield* eventsOf({ name, sizeBytes: entry.header.size, bytes: inOurErrors(entry, label) }, state)
    }
    if (!state.described) throw noDescriptor(label)
    yield { kind: 'End', verified: state.check.finish(), signed: state.signed }
  } catch (error) {
    throw toImageError(error, label)
  } finally {
    input.destroy()
    tar.destroy()
  }
}

interface OvaState {
  readonly check: ManifestCheck
  readonly label: string
  described: boolean
  signed: boolean
}

async function* eventsOf(entry: OvaEntry, state: OvaState): AsyncGenerator<ApplianceEvent> {
  const { name, sizeBytes } = entry
  const bytes = state.check.watch(name, entry.bytes)
  const role = roleOf(name)
  if (!state.described) {
    assertDescriptor(name, state.label)
    state.described = true
    yield { kind: 'Descriptor', name, text: await readText({ ...entry, bytes }, state.label) }
  } else if (role === 'Manifest') {
    state.check.addManifest(parseManifest(await readText(entry, state.label), name))
  } else if (role === 'Certificate') {
    state.signed = true
    await readText(entry, state.label)
  } else {
    yield { kind: 'File', name, sizeBytes, bytes }
    for await (const _ of bytes) continue
  }
}

async function* inOurErrors(bytes: AsyncIterable<unknown>, label: string): AsyncGenerator<Uint8Array> {
  try {
    for await (const chunk of bytes) if (chunk instanceof Uint8Array) yield chunk
  } catch (error) {
    throw toImageError(error, label)
  }
}
