import type { FileHandle } from 'node:fs/promises'
import { WeirError } from '@weir/base'

const blockBytes = 64 * 1024
const zeros = Buffer.alloc(blockBytes)

/** Bytes asked of the kernel before an fsync spreads the work of flushing over the copy, instead of at its end. */
const flushEveryBytes = 256 << 20

/**
 * Writes a stream into an empty file, leaving holes where 64 KiB blocks are zero; resolves with the length in bytes, the
 * file truncated to it. Memory stays flat: one block of copy at most.
 * @throws VOLUME_IMAGE_TOO_BIG as soon as the stream passes `maxBytes`; what the file system throws (ENOSPC).
 */
export async function writeSparse(
  file: FileHandle,
  chunks: AsyncIterable<Uint8Array>,
  { maxBytes, onBytes }: { readonly maxBytes: number; readonly onBytes?: (total: number) => void },
): Promise<number> {
  let offset = 0
  let written = 0
  for await (const block of inBlocks(chunks)) {
    if (offset + block.length > maxBytes) throw tooBig(maxBytes)
    if (!zeros.subarray(0, block.length).equals(block)) {
      await writeAll(file, block, offset)
      written += block.length
      if (written >= flushEveryBytes) {
        await file.datasync()
        written = 0
      }
    }
    offset += block.length
    onBytes?.(offset)
  }
  await file.truncate(offset)
  return offset
}

const tooBig = (maxBytes: number): WeirError =>
  new WeirError('VOLUME_IMAGE_TOO_BIG', `the image is larger than the ${maxBytes} bytes of its claim; ask for a larger claim`)

async function writeAll(file: FileHandle, bytes: Uint8Array, offset: number): Promise<void> {
  for (let done = 0; done < bytes.length;)
    done += (await file.write(bytes, done, bytes.length - done, offset + done)).bytesWritten
}

/** Cuts chunks into blocks of 64 KiB aligned to the stream (the last may be shorter); copies only where chunks meet. */
async function* inBlocks(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Buffer> {
  const held = Buffer.allocUnsafe(blockBytes)
  let heldBytes = 0
  for await (const chunk of chunks) {
    let rest = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength)
    if (heldBytes > 0) {
      const copied = rest.copy(held, heldBytes)
      heldBytes += copied
      rest = rest.subarray(copied)
      if (heldBytes === blockBytes) {
        yield held
        heldBytes = 0
      }
    }
    for (; rest.length >= blockBytes; rest = rest.subarray(blockBytes)) yield rest.subarray(0, blockBytes)
    if (rest.length > 0) heldBytes = rest.copy(held, heldBytes) + heldBytes
  }
  if (heldBytes > 0) yield held.subarray(0, heldBytes)
}
