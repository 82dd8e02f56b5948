import { deflateSync } from 'node:zlib'
import { expect, it } from 'vitest'
import { GrainBatch, layoutFor } from './grain-batch.ts'
import { inflateBatch, type InflateOutcome } from './inflate-batch.ts'

const layout = layoutFor({ grainSize: 128 })
const full = Buffer.alloc(65_536, 'grain')
const empty = Buffer.alloc(65_536)

/** Inflates grains that lie at `lba`; what is written where, and the outcome. */
function inflated(grains: readonly { readonly lba: number; readonly deflated: Buffer; readonly wantedBytes?: number }[]) {
  const batch = new GrainBatch(layout)
  for (const { lba, deflated, wantedBytes = 65_536 } of grains) {
    batch.room.set(deflated)
    batch.add({ lba, deflatedBytes: deflated.length, wantedBytes })
  }
  const { job } = batch
  if (job === undefined) throw new Error('no grains')
  const outcome: InflateOutcome = inflateBatch(job, layout)
  const written =
    outcome.kind === 'Runs' ? outcome.runs.map(({ offset, from, length }) => ({ offset, bytes: batch.output(from, length) })) : []
  return { outcome, written }
}
const grain = (lba: number, bytes: Buffer) => ({ lba, deflated: deflateSync(bytes) })

it('makes one write of neighbours, and none of zeros', () => {
  const { written } = inflated([grain(0, full), grain(128, full), grain(256, empty), grain(384, full), grain(1024, full)])
  expect(written.map(({ offset, bytes }) => [offset, bytes.length])).toEqual([
    [0, 131_072],
    [384 * 512, 65_536],
    [1024 * 512, 65_536],
  ])
  expect(written.every(({ bytes }) => bytes.equals(Buffer.alloc(bytes.length, full)))).toBe(true)
})

it('cuts a grain at the end of the disk', () => {
  const { written } = inflated([{ ...grain(128, full), wantedBytes: 1024 }])
  expect(written).toEqual([{ offset: 65_536, bytes: full.subarray(0, 1024) }])
})

it.each<[string, Buffer, InflateOutcome]>([
  ['inflates to more', deflateSync(Buffer.alloc(1 << 24)), { kind: 'TooLong', lba: 128 }],
  ['holds less', deflateSync(Buffer.alloc(100, 1)), { kind: 'TooShort', lba: 128, lengthBytes: 100 }],
  ['is no zlib stream', Buffer.alloc(50, 0xaa), { kind: 'Broken', lba: 128, reason: 'incorrect header check' }],
])('names the first grain that %s', (_, deflated, outcome) => {
  expect(inflated([grain(0, full), { lba: 128, deflated }, { lba: 256, deflated: Buffer.alloc(9) }]).outcome).toEqual(outcome)
})

it('keeps no memory of the grains, however many there were', () => {
  const { arrayBuffers } = process.memoryUsage()
  const noise = grain(0, Buffer.from(Array.from({ length: 65_536 }, (_, index) => (index * index * 31) & 255)))
  const batch = new GrainBatch(layout)
  batch.room.set(noise.deflated)
  batch.add({ lba: 0, deflatedBytes: noise.deflated.length, wantedBytes: 65_536 })
  const { job } = batch
  if (job === undefined) throw new Error('no grains')
  for (let round = 0; round < 500; round++) inflateBatch(job, layout)
  expect(process.memoryUsage().arrayBuffers - arrayBuffers).toBeLessThan(8 << 20)
})
