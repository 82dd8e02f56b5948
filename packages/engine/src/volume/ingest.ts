import { open, rm } from 'node:fs/promises'
import { pipeline } from 'node:stream/promises'
import { Readable } from 'node:stream'
import { createGunzip } from 'node:zlib'
import { WeirError } from '@weir/base'
import { peek, type Peeked } from '@weir/images'
import { type Recognized, recognizeBytes, recognizeImage } from './image-format.ts'
import { isStreamOptimized, writeVmdkStreamTo } from './ingest-stream.ts'
import { convertToRaw, countCorruptions, type ImageFormat, readImageInfo } from './qemu-img.ts'
import { refuseFixedVhd } from './fixed-vhd.ts'
import { writeSparse } from './sparse-writer.ts'
import type { Volume, Volumes } from './volumes.ts'

/** An image that comes as a stream: raw, qcow2, VMDK (monolithicSparse, streamOptimized), any of them gzipped. */
export interface Ingest {
  /** The volume that the image becomes, and the size of its claim. */
  readonly id: string
  readonly sizeBytes: number
  /** Each is good until the next one is asked for. */
  readonly chunks: AsyncIterable<Uint8Array>
  /** Length of the stream if it is known, for progress and the check of free space. */
  readonly lengthBytes?: number
  /** Called with 0 to 100 as the work goes on; never goes back. */
  readonly onProgress?: (percent: number) => void
  readonly signal: AbortSignal
}

/**
 * Writes an image that comes as a stream into a new volume. A raw image and a streamOptimized VMDK go straight into the
 * volume, zero blocks as holes; others go through one scratch file and qemu-img. Nothing is left after a failure.
 * @throws VOLUME_IMAGE_REFUSED, VOLUME_IMAGE_TOO_BIG, VOLUME_NO_SPACE, VOLUME_TOOL_FAILED, or the reason of `signal`.
 */
export const ingestImage = (volumes: Volumes, ingest: Ingest): Promise<Volume> =>
  volumes.ensureFilled(ingest.id, ingest.sizeBytes, async (scratch) => {
    if (ingest.lengthBytes !== undefined) await volumes.assertSpace(ingest.lengthBytes)
    const counted = countBytes(ingest.chunks, ingest)
    await fillFrom(await peek(counted, recognizeBytes), scratch, ingest)
  })

async function fillFrom({ head, chunks }: Peeked, scratch: string, ingest: Ingest): Promise<void> {
  if (head.length === 0) throw refused('it is empty')
  const recognized: Recognized = recognizeImage(head)
  if (recognized.kind === 'Refused') throw refused(recognized.reason)
  if (recognized.kind === 'Compressed')
    return gunzip(chunks, ingest.signal, async (plain) => fillPlain(await peek(plain, recognizeBytes), scratch, ingest))
  return writeImage({ head, chunks }, { scratch, format: recognized.format }, ingest)
}

async function fillPlain(peeked: Peeked, scratch: string, ingest: Ingest): Promise<void> {
  const recognized = recognizeImage(peeked.head)
  if (recognized.kind === 'Refused') throw refused(recognized.reason)
  if (recognized.kind === 'Compressed') throw refused('it is compressed twice')
  await writeImage(peeked, { scratch, format: recognized.format }, ingest)
}

async function writeImage(
  { head, chunks }: Peeked,
  { scratch, format }: { readonly scratch: string; readonly format: ImageFormat },
  ingest: Ingest,
): Promise<void> {
  if (format === 'raw') return writeTo(scratch, refuseFixedVhd(chunks, refused), ingest.sizeBytes)
  if (format === 'vmdk' && isStreamOptimized(head))
    return writeVmdkStreamTo({ path: scratch, chunks, maxBytes: ingest.sizeBytes, signal: ingest.signal })
  const upload = `${scratch}-${format}`
  // An image file carries headers and tables besides its content: allow for them, bound all the same.
  await writeTo(upload, chunks, ingest.sizeBytes + Math.ceil(ingest.sizeBytes / 100) + (64 << 20))
  await assertSelfContained(upload, format, ingest)
  await assertWhole(upload, format, ingest.signal)
  const onProgress = (percent: number): void => ingest.onProgress?.(90 + percent / 10)
  await convertToRaw({ path: upload, format }, scratch, { signal: ingest.signal, onProgress })
  await rm(upload)
}

async function writeTo(path: string, chunks: AsyncIterable<Uint8Array>, maxBytes: number): Promise<void> {
  const file = await open(path, 'wx', 0o600)
  try {
    await writeSparse(file, chunks, { maxBytes })
  } finally {
    await file.close()
  }
}

/** Refuses an image that would make qemu-img open another file, and one that is larger than its claim. */
async function assertSelfContained(path: string, format: ImageFormat, { sizeBytes, signal }: Ingest): Promise<void> {
  const info = await readImageInfo(path, format, signal).catch((cause: unknown) => {
    if (signal.aborted) throw cause
    throw refused(`qemu-img cannot read it as ${format}`, cause)
  })
  const other = info.backingFile ?? info.dataFile ?? info.extentFiles.find((file) => file !== path)
  if (other !== undefined)
    throw refused(`it refers to another file, '${other.slice(0, 200)}'; flatten it first with qemu-img convert`)
  if (info.virtualSizeBytes > sizeBytes)
    throw new WeirError(
      'VOLUME_IMAGE_TOO_BIG',
      `the image of ${info.virtualSizeBytes} bytes does not fit a claim of ${sizeBytes} bytes; ask for a larger claim`,
    )
}

/** Refuses an image whose tables are wrong or lead past its end. */
async function assertWhole(path: string, format: ImageFormat, signal: AbortSignal): Promise<void> {
  const count = await countCorruptions(path, format, signal).catch((cause: unknown) => {
    if (signal.aborted) throw cause
    throw refused(`it is damaged or cut off: qemu-img check does not get through its ${format} tables; copy it again`, cause)
  })
  if (count > 0)
    throw refused(`it is damaged or cut off: qemu-img check finds ${count} errors in its ${format} tables; copy it again`)
}

const refused = (reason: string, cause?: unknown): WeirError =>
  new WeirError('VOLUME_IMAGE_REFUSED', `the disk image is refused: ${reason}`, { cause })

/** Passes chunks on, ends them when the signal aborts, and reports progress up to 90 (100 for a raw image is the end itself). */
async function* countBytes(
  chunks: AsyncIterable<Uint8Array>,
  { lengthBytes, onProgress, signal }: Ingest,
): AsyncGenerator<Uint8Array> {
  let total = 0
  for await (const chunk of chunks) {
    signal.throwIfAborted()
    total += chunk.length
    yield chunk
    if (lengthBytes !== undefined && lengthBytes > 0) onProgress?.(Math.min(90, (total / lengthBytes) * 90))
  }
  signal.throwIfAborted()
  if (lengthBytes !== undefined && total !== lengthBytes)
    throw new WeirError('VOLUME_SOURCE_FAILED', `the stream ended after ${total} of ${lengthBytes} bytes; send it again`)
}

async function gunzip(
  chunks: AsyncIterable<Uint8Array>,
  signal: AbortSignal,
  use: (plain: AsyncIterable<Uint8Array>) => Promise<void>,
): Promise<void> {
  await pipeline(Readable.from(copies(chunks)), createGunzip({ chunkSize: 256 << 10 }), use, { signal }).catch(
    (error: NodeJS.ErrnoException) => {
      throw error.code?.startsWith('Z_') === true ? refused('its gzip stream is damaged', error) : error
    },
  )
}

/** For a reader that holds more than one chunk. */
async function* copies(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  for await (const chunk of chunks) yield Buffer.from(chunk)
}
