import { pipeline, type Readable } from 'node:stream'
import { crc32, createInflateRaw } from 'node:zlib'
import { isWeirError, WeirError } from '@weir/base'
import yauzl from 'yauzl'

/** A path, or the bytes themselves. */
export type ByteSource = string | Uint8Array

/** A zip archive that is read entry by entry. Its names are keys, never paths: nothing is written anywhere. */
export interface ZipArchive {
  readonly names: readonly string[]
  /**
   * The inflated bytes of an entry, checked against its size and checksum.
   * @throws ESTATE_CORRUPT, ESTATE_LIMIT, ESTATE_ENCRYPTED, ESTATE_FORMAT (unknown compression), also from within the iteration.
   */
  read(name: string): AsyncIterable<Uint8Array>
  close(): void
}

/** Deflate cannot shrink by more than 1032:1; text of a real export seldom passes 100:1. */
const limits = {
  entryCount: 10_000,
  entryBytes: 8 * 2 ** 30,
  totalBytes: 16 * 2 ** 30,
  ratio: 250,
  ratioFreeBytes: 32 * 2 ** 20,
} as const

/**
 * Opens an archive; `label` names it in messages. Close it.
 * @throws ESTATE_CORRUPT if it is damaged or cut off, ESTATE_LIMIT if it has more than 10,000 entries.
 */
export async function openZip(source: ByteSource, label: string): Promise<ZipArchive> {
  const file = await openFile(source).catch((error: unknown) => {
    throw corrupt(label, error)
  })
  try {
    const entries = await entriesOf(file, label)
    let inflatedBytes = 0
    return {
      names: [...entries.keys()],
      read: (name) => {
        const entry = entries.get(name)
        if (entry === undefined) throw new WeirError('ESTATE_CORRUPT', `'${label}' refers to '${name}', which it does not hold.`)
        refuseHostile(entry, name, label)
        inflatedBytes += entry.uncompressedSize
        if (inflatedBytes > limits.totalBytes) throw tooBig(label, 'it', inflatedBytes, limits.totalBytes)
        return inflate(file, entry, `${label}: ${name}`)
      },
      close: () => file.close(),
    }
  } catch (error) {
    file.close()
    throw isWeirError(error) ? error : corrupt(label, error)
  }
}

/** `decodeStrings: false` because names are only compared; yauzl would refuse the whole archive for one unsafe name. */
const options = { lazyEntries: true, autoClose: false, decodeStrings: false } as const

const openFile = (source: ByteSource): Promise<yauzl.ZipFile> =>
  typeof source === 'string'
    ? yauzl.openPromise(source, options)
    : yauzl.fromBufferPromise(Buffer.from(source.buffer, source.byteOffset, source.byteLength), options)

async function entriesOf(file: yauzl.ZipFile, label: string): Promise<ReadonlyMap<string, yauzl.Entry>> {
  const entries = new Map<string, yauzl.Entry>()
  for await (const entry of file.eachEntry()) {
    if (entries.size >= limits.entryCount)
      throw new WeirError(
        'ESTATE_LIMIT',
        `'${label}' holds more than ${limits.entryCount} files; an export holds fewer than 100.`,
      )
    entries.set(entry.fileNameRaw.toString('utf8').replaceAll('\\', '/').replace(/^\/+/u, ''), entry)
  }
  return entries
}

function refuseHostile(entry: yauzl.Entry, name: string, label: string): void {
  if (entry.isEncrypted())
    throw new WeirError('ESTATE_ENCRYPTED', `'${name}' in '${label}' is protected by a password; save the file without one.`)
  if (![0, 8].includes(entry.compressionMethod))
    throw new WeirError(
      'ESTATE_FORMAT',
      `'${name}' in '${label}' is compressed by method ${entry.compressionMethod}; only stored and deflated files are read.`,
    )
  if (entry.uncompressedSize > limits.entryBytes) throw tooBig(label, `'${name}'`, entry.uncompressedSize, limits.entryBytes)
  if (entry.uncompressedSize > limits.ratioFreeBytes && entry.uncompressedSize > entry.compressedSize * limits.ratio)
    throw new WeirError(
      'ESTATE_LIMIT',
      `'${name}' in '${label}' claims to inflate from ${entry.compressedSize} to ${entry.uncompressedSize} bytes, ` +
        `more than ${limits.ratio} to 1, as a zip bomb does; save the export anew.`,
    )
}

async function* inflate(file: yauzl.ZipFile, entry: yauzl.Entry, label: string): AsyncGenerator<Uint8Array> {
  let bytes = 0
  let checksum = 0
  try {
    const raw = await file.openReadStreamPromise(entry, entry.compressionMethod === 8 ? { decodeFileData: false } : {})
    const chunks: Readable = entry.compressionMethod === 0 ? raw : inflated(raw)
    for await (const chunk of chunks as AsyncIterable<Uint8Array>) {
      bytes += chunk.byteLength
      if (bytes > entry.uncompressedSize) throw new Error('it inflates to more than its stated size')
      checksum = crc32(chunk, checksum)
      yield chunk
    }
    if (bytes !== entry.uncompressedSize) throw new Error('it inflates to less than its stated size')
    if (checksum !== entry.crc32) throw new Error('its checksum is wrong')
  } catch (error) {
    throw isWeirError(error) || !(error instanceof Error) ? error : corrupt(label, error)
  }
}

/** Chunks of 64 KiB: the default of 16 costs an event loop turn for every few rows, larger ones wait long for their collection. */
function inflated(raw: Readable): Readable {
  const stream = createInflateRaw({ chunkSize: 64 * 1024 })
  pipeline(raw, stream, () => {
    // The reader of `stream` sees the error; this callback only keeps it from being thrown twice.
  })
  return stream
}

const tooBig = (label: string, what: string, bytes: number, maxBytes: number): WeirError =>
  new WeirError('ESTATE_LIMIT', `'${label}' is refused: ${what} inflates to ${bytes} bytes; at most ${maxBytes} are read.`)

const corrupt = (label: string, error: unknown): WeirError => {
  const reason = error instanceof Error ? error.message : String(error)
  const code = (error as { code?: unknown } | undefined)?.code
  return typeof code === 'string' && /^E[A-Z]+$/u.test(code)
    ? new WeirError('ESTATE_UNREADABLE', `'${label}' cannot be opened: ${reason}.`, { cause: error })
    : new WeirError('ESTATE_CORRUPT', `'${label}' is damaged or cut off: ${reason}. Copy or export it again.`, { cause: error })
}
