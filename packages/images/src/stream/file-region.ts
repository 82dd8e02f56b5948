import type { FileHandle } from 'node:fs/promises'
import { WeirError } from '@weir/base'

/** A part of a file that this process holds open. */
export interface FileRegion {
  readonly file: FileHandle
  readonly offset: number
  readonly lengthBytes: number
}

const chunkBytes = 1 << 20

/**
 * The bytes of a region, of which the next part is read while one is used. A chunk is good until the one after it is asked for:
 * its memory is used again, two MiB for all.
 * @throws IMAGE_TRUNCATED if the file ends before the region does; `label` names it.
 */
export async function* readRegion({ file, offset, lengthBytes }: FileRegion, label: string): AsyncGenerator<Uint8Array> {
  const sizeBytes = Math.min(chunkBytes, lengthBytes)
  const memory = [Buffer.allocUnsafeSlow(sizeBytes), Buffer.allocUnsafeSlow(sizeBytes)] as const
  const read = async (index: number, doneBytes: number): Promise<Buffer> => {
    const target = memory[index % 2 === 0 ? 0 : 1]
    const { bytesRead } = await file.read(target, 0, Math.min(sizeBytes, lengthBytes - doneBytes), offset + doneBytes)
    return target.subarray(0, bytesRead)
  }
  let next = lengthBytes > 0 ? read(0, 0) : undefined
  try {
    for (let index = 1, doneBytes = 0; next !== undefined; index += 1) {
      const chunk: Buffer = await next
      if (chunk.length === 0)
        throw new WeirError(
          'IMAGE_TRUNCATED',
          `'${label}' ends at byte ${offset + doneBytes}, ${lengthBytes - doneBytes} bytes early. Export or download it again.`,
        )
      doneBytes += chunk.length
      next = doneBytes < lengthBytes ? read(index, doneBytes) : undefined
      yield chunk
    }
  } finally {
    await next?.catch(() => {}) // Whoever stops early closes the file next.
  }
}
