import { Readable } from 'node:stream'
import { isWeirError, WeirError } from '@weir/base'
import { extract, type Header } from 'tar-stream'
import { type Algorithm, ManifestCheck, parseManifest } from './manifest.ts'
import { assertPlainName } from './plain-name.ts'

const textBytesMax = 5 * 1024 * 1024
const entriesMax = 1024

/** What an appliance brings, in its order. A `File` must be read to its end before the next event is asked for, or not at all: then it is skipped. */
export type ApplianceEvent =
  /** Always first: the OVF descriptor. */
  | { readonly kind: 'Descriptor'; readonly name: string; readonly text: string }
  /** A disk or other file named in the descriptor. Its end throws IMAGE_CHECKSUM if the manifest is known and does not match. */
  | { readonly kind: 'File'; readonly name: string; readonly sizeBytes: number; readonly bytes: AsyncIterable<Uint8Array> }
  /** Always last: `verified` if a manifest was there (all its files match), `signed` if there was a certificate, which is not checked. */
  | { readonly kind: 'End'; readonly verified: boolean; readonly signed: boolean }

/**
 * Reads an OVA (tar of an OVF package, DSP0243) from a stream, once, with back-pressure and never unpacked. Whatever was made of
 * the files must be thrown away if a later event throws: a manifest at the end is checked at the end. Until it comes every
 * checksum that it may use is computed, or only the `likely` ones (see `peekAlgorithms`).
 * @throws IMAGE_FORMAT, IMAGE_NAME, IMAGE_LIMIT, IMAGE_TRUNCATED, IMAGE_CHECKSUM
 */
export async function* openOva(
  source: AsyncIterable<Uint8Array>,
  label: string,
  likely?: readonly Algorithm[],
): AsyncGenerator<ApplianceEvent> {
  const tar = extract()
  const input = Readable.from(source, { objectMode: false })
  input.on('error', (error) => tar.destroy(error)).pipe(tar)
  const state = { check: new ManifestCheck(likely), names: new Set<string>(), described: false, signed: false, label }
  try {
    for await (const entry of tar) {
      const name = checkEntry(entry.header, state)
      if (name === undefined) for await (const _ of entry) continue
      else yield* eventsOf({ name, sizeBytes: entry.header.size ?? 0, bytes: inOurErrors(entry, label) }, state)
    }
    if (!state.described) throw new WeirError('IMAGE_FORMAT', `'${label}' holds no OVF descriptor, so it is no appliance.`)
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
  readonly names: Set<string>
  readonly label: string
  described: boolean
  signed: boolean
}

interface OvaEntry {
  readonly name: string
  readonly sizeBytes: number
  readonly bytes: AsyncIterable<Uint8Array>
}

async function* eventsOf(entry: OvaEntry, state: OvaState): AsyncGenerator<ApplianceEvent> {
  const { name, sizeBytes } = entry
  const bytes = state.check.watch(name, entry.bytes)
  if (!state.described) {
    if (!name.toLowerCase().endsWith('.ovf'))
      throw new WeirError(
        'IMAGE_FORMAT',
        `'${state.label}' begins with '${name}'; the OVF descriptor must come first. Export it again as OVA.`,
      )
    state.described = true
    yield { kind: 'Descriptor', name, text: await readText({ ...entry, bytes }, state.label) }
  } else if (name.toLowerCase().endsWith('.mf')) {
    state.check.addManifest(parseManifest(await readText(entry, state.label), name))
  } else if (name.toLowerCase().endsWith('.cert')) {
    state.signed = true
    await readText(entry, state.label)
  } else {
    yield { kind: 'File', name, sizeBytes, bytes }
    for await (const _ of bytes) continue
  }
}

/** The name of a file to read, undefined for a folder. */
function checkEntry({ name, type }: Header, { names, label }: OvaState): string | undefined {
  const plain = type === 'directory' ? name.replace(/\/$/u, '') : name.replace(/^\.\//u, '')
  if (type === 'directory' && (plain === '.' || plain === '')) return undefined
  assertPlainName(plain, `'${label}'`)
  if (type !== 'file' && type !== 'directory' && type !== 'contiguous-file')
    throw new WeirError('IMAGE_NAME', `'${label}' holds '${plain}' as ${type ?? 'an unknown type'}; only plain files are taken.`)
  if (names.has(plain)) throw new WeirError('IMAGE_NAME', `'${label}' holds two files named '${plain}'.`)
  if (names.size >= entriesMax) throw new WeirError('IMAGE_LIMIT', `'${label}' holds more than ${entriesMax} files.`)
  names.add(plain)
  return type === 'directory' ? undefined : plain
}

async function readText({ name, sizeBytes, bytes }: OvaEntry, label: string): Promise<string> {
  if (sizeBytes > textBytesMax)
    throw new WeirError('IMAGE_LIMIT', `'${name}' in '${label}' has ${sizeBytes} bytes; at most ${textBytesMax} are read.`)
  const parts: Uint8Array[] = []
  for await (const part of bytes) parts.push(part)
  return Buffer.concat(parts).toString('utf8')
}

async function* inOurErrors(bytes: AsyncIterable<unknown>, label: string): AsyncGenerator<Uint8Array> {
  try {
    for await (const chunk of bytes) if (chunk instanceof Uint8Array) yield chunk
  } catch (error) {
    throw toImageError(error, label)
  }
}

function toImageError(error: unknown, label: string): unknown {
  if (!(error instanceof Error) || isWeirError(error)) return error
  if (error.message === 'Unexpected end of data')
    return new WeirError('IMAGE_TRUNCATED', `'${label}' ends in the middle of a file. Export or download it again.`, {
      cause: error,
    })
  if (/tar header|Header exceeds|Invalid header/u.test(error.message))
    return new WeirError('IMAGE_FORMAT', `'${label}' is no OVA (tar archive) or is damaged: ${error.message}.`, { cause: error })
  return error
}
