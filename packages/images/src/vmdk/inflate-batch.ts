import { inflateSync } from 'node:zlib'
import { isZero } from '../stream/is-zero.ts'
import type { BatchLayout, PlacedGrain } from './grain-batch.ts'

/** Zeros of this length, aligned in a grain, are not written. */
const pieceBytes = 64 * 1024
const bytesPerSector = 512
/** With some bytes more than a grain holds, zlib knows that it is done without asking for a second buffer. */
const spareBytes = 64

/** What a thread is asked to do. */
export interface InflateJob {
  readonly memory: ArrayBuffer
  readonly grains: readonly PlacedGrain[]
}

/** Neighbouring bytes that are not all zero: `length` bytes at `from` of the output belong at `offset` of the disk. */
export interface Run {
  readonly offset: number
  readonly from: number
  readonly length: number
}

/** What came of a job: the runs in rising order, or what is wrong with the first bad grain. */
export type InflateOutcome =
  | { readonly kind: 'Runs'; readonly runs: readonly Run[] }
  | { readonly kind: 'TooLong'; readonly lba: number }
  | { readonly kind: 'TooShort'; readonly lba: number; readonly lengthBytes: number }
  | { readonly kind: 'Broken'; readonly lba: number; readonly reason: string }

/** The outcome of a job and its memory, which is the asker's again. */
export interface InflateAnswer {
  readonly memory: ArrayBuffer
  readonly outcome: InflateOutcome
}

/**
 * Inflates the grains of a batch into its output, each cut at the end of the disk. Stops as soon as one passes the size of a
 * grain, whatever it would inflate to. This is what a thread runs, so it loads no other package.
 */
export function inflateBatch({ memory, grains }: InflateJob, layout: BatchLayout): InflateOutcome {
  const runs: Run[] = []
  let at = 0
  for (const grain of grains) {
    const inflated = inflateGrain(Buffer.from(memory, grain.from, grain.deflatedBytes), grain, layout)
    if (!(inflated instanceof Uint8Array)) return inflated
    const bytes = inflated.subarray(0, grain.wantedBytes)
    Buffer.from(memory, at, bytes.length).set(bytes)
    addRuns(runs, bytes, { offset: grain.lba * bytesPerSector, from: at })
    at += bytes.length
    giveBack(inflated, layout)
  }
  return { kind: 'Runs', runs }
}

function inflateGrain(deflated: Buffer, { lba, wantedBytes }: PlacedGrain, { grainBytes }: BatchLayout): Buffer | InflateOutcome {
  try {
    const bytes = inflateSync(deflated, { maxOutputLength: grainBytes, chunkSize: grainBytes + spareBytes })
    return bytes.length < wantedBytes ? { kind: 'TooShort', lba, lengthBytes: bytes.length } : bytes
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ERR_BUFFER_TOO_LARGE') return { kind: 'TooLong', lba }
    return { kind: 'Broken', lba, reason: error instanceof Error ? error.message : String(error) }
  }
}

/**
 * Frees the memory of a grain at once, for the next one to use. The collector would come only after 64 MiB a thread, and memory
 * that was never touched costs more time than inflating into it.
 */
function giveBack({ buffer }: Buffer, { grainBytes }: BatchLayout): void {
  if (buffer instanceof ArrayBuffer && buffer.byteLength === grainBytes + spareBytes) buffer.transfer(0)
}

/** Adds what of `bytes` is not zero, longer if it follows the run before both on the disk and in the output. */
function addRuns(runs: Run[], bytes: Uint8Array, place: { readonly offset: number; readonly from: number }): void {
  for (let done = 0; done < bytes.length; done += pieceBytes) {
    const piece = bytes.subarray(done, done + pieceBytes)
    if (isZero(piece)) continue
    const [offset, from, last] = [place.offset + done, place.from + done, runs.at(-1)]
    if (last !== undefined && last.offset + last.length === offset && last.from + last.length === from)
      runs[runs.length - 1] = { ...last, length: last.length + piece.length }
    else runs.push({ offset, from, length: piece.length })
  }
}
