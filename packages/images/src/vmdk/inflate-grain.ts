import { inflate } from 'node:zlib'
import { WeirError } from '@weir/base'
import { sectorBytes, type SparseHeader } from './sparse-header.ts'
import type { Grain } from './stream-grains.ts'

/**
 * The bytes of `grain` on the disk, cut at the end of the disk. Runs in a thread of the pool and stops as soon as the output
 * passes the size of a grain, whatever the input would inflate to.
 * @throws IMAGE_LIMIT if it inflates to more than a grain; IMAGE_CORRUPT if it is no zlib stream or too short.
 */
export function inflateGrain(grain: Grain, { grainSize, capacity }: SparseHeader, label: string): Promise<Buffer> {
  const grainBytes = grainSize * sectorBytes
  const wantedBytes = Math.min(grainSize, capacity - grain.lba) * sectorBytes
  return new Promise((resolve, reject) => {
    const done = (error: (Error & { code?: string }) | null, bytes: Buffer): void => {
      if (error !== null) reject(toImageError(error, { lba: grain.lba, grainBytes, label }))
      else if (bytes.length < wantedBytes) reject(tooShort(grain.lba, bytes.length, label))
      else resolve(bytes.subarray(0, wantedBytes))
    }
    // One byte more than a grain holds: zlib then knows that it is done without asking for a second buffer.
    inflate(grain.deflated, { maxOutputLength: grainBytes, chunkSize: grainBytes + 64 }, done)
  })
}

function toImageError(error: Error & { code?: string }, at: { lba: number; grainBytes: number; label: string }): WeirError {
  if (error.code === 'ERR_BUFFER_TOO_LARGE')
    return new WeirError(
      'IMAGE_LIMIT',
      `The grain of '${at.label}' for sector ${at.lba} inflates to more than its ${at.grainBytes} bytes; the file is damaged or made to do harm.`,
      { cause: error },
    )
  return new WeirError(
    'IMAGE_CORRUPT',
    `The grain of '${at.label}' for sector ${at.lba} cannot be inflated: ${error.message}. Export or download it again.`,
    { cause: error },
  )
}

const tooShort = (lba: number, length: number, label: string): WeirError =>
  new WeirError(
    'IMAGE_CORRUPT',
    `The grain of '${label}' for sector ${lba} holds only ${length} bytes. Export or download it again.`,
  )
