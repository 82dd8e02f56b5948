import { isWeirError, WeirError } from '@weir/base'
import type { Header } from 'tar-stream'
import { assertPlainName } from './plain-name.ts'

const textBytesMax = 5 * 1024 * 1024
const entriesMax = 1024

/** The names that an archive has had so far; `label` names it in errors. */
export interface OvaNames {
  readonly names: Set<string>
  readonly label: string
}

/** What a file of an appliance is for, by its name (DSP0243). */
export function roleOf(name: string): 'Descriptor' | 'Manifest' | 'Certificate' | 'File' {
  const lower = name.toLowerCase()
  if (lower.endsWith('.ovf')) return 'Descriptor'
  if (lower.endsWith('.mf')) return 'Manifest'
  return lower.endsWith('.cert') ? 'Certificate' : 'File'
}

/** The name of a file to read, undefined for a folder. @throws IMAGE_NAME, IMAGE_LIMIT */
export function checkEntry({ name, type }: Pick<Header, 'name' | 'type'>, { names, label }: OvaNames): string | undefined {
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

/** The first thing of an appliance must be its descriptor. @throws IMAGE_FORMAT */
export function assertDescriptor(name: string, label: string): void {
  if (roleOf(name) !== 'Descriptor')
    throw new WeirError(
      'IMAGE_FORMAT',
      `'${label}' begins with '${name}'; the OVF descriptor must come first. Export it again as OVA.`,
    )
}

/** @throws IMAGE_FORMAT */
export const noDescriptor = (label: string): WeirError =>
  new WeirError('IMAGE_FORMAT', `'${label}' holds no OVF descriptor, so it is no appliance.`)

/** A file of an appliance as it comes. */
export interface OvaEntry {
  readonly name: string
  readonly sizeBytes: number | undefined
  readonly bytes: AsyncIterable<Uint8Array>
}

/** The whole text of a descriptor or manifest. @throws IMAGE_LIMIT if it is longer than 5 MiB. */
export async function readText({ name, sizeBytes, bytes }: OvaEntry, label: string): Promise<string> {
  const parts: Uint8Array[] = []
  let readBytes = 0
  if ((sizeBytes ?? 0) > textBytesMax) throw tooLong(name, `${sizeBytes} bytes`, label)
  for await (const part of bytes) {
    readBytes += part.length
    if (readBytes > textBytesMax) throw tooLong(name, 'more bytes', label)
    parts.push(Buffer.from(part))
  }
  return Buffer.concat(parts).toString('utf8')
}

const tooLong = (name: string, length: string, label: string): WeirError =>
  new WeirError('IMAGE_LIMIT', `'${name}' in '${label}' has ${length}; at most ${textBytesMax} are read.`)

/** What tar-stream throws, in our words. */
export function toImageError(error: unknown, label: string): unknown {
  if (!(error instanceof Error) || isWeirError(error)) return error
  if (error.message === 'Unexpected end of data')
    return new WeirError('IMAGE_TRUNCATED', `'${label}' ends in the middle of a file. Export or download it again.`, {
      cause: error,
    })
  if (/tar header|Header exceeds|Invalid header/u.test(error.message))
    return new WeirError('IMAGE_FORMAT', `'${label}' is no OVA (tar archive) or is damaged: ${error.message}.`, { cause: error })
  return error
}
