import { expect, it } from 'vitest'
import { flushBehind } from './flush-behind.ts'

const mebibyte = 1 << 20

/** A file that counts what was written and flushed; flushes end when told. */
function aFile() {
  const flushes: PromiseWithResolvers<void>[] = []
  const seen = { writtenBytes: 0, flushes }
  return {
    seen,
    truncate: async () => {},
    write: (async (_bytes: Uint8Array, _from: number, length: number) => {
      seen.writtenBytes += length
      return { bytesWritten: length, buffer: _bytes }
    }) as never,
    datasync: () => {
      const flush = Promise.withResolvers<void>()
      flushes.push(flush)
      return flush.promise
    },
  }
}

it('goes on writing while one flush is under way, and waits for it at the end', async () => {
  const file = aFile()
  const target = flushBehind(file)
  for (let at = 0; at < 200; at++) await target.write(at * mebibyte, Buffer.alloc(mebibyte))
  expect([file.seen.writtenBytes, file.seen.flushes.length]).toEqual([200 * mebibyte, 1])
  let isSettled = false
  const settled = target.settle().then(() => (isSettled = true))
  await Promise.resolve()
  expect(isSettled).toBe(false)
  file.seen.flushes[0]?.resolve()
  await settled
})

it('passes on what a flush throws, to the next write and at the end', async () => {
  const file = aFile()
  const target = flushBehind(file)
  for (let at = 0; at < 64; at++) await target.write(at * mebibyte, Buffer.alloc(mebibyte))
  file.seen.flushes[0]?.reject(Object.assign(new Error('ENOSPC'), { code: 'ENOSPC' }))
  await expect(target.settle()).rejects.toThrow('ENOSPC')
  await expect(target.write(0, Buffer.alloc(1))).rejects.toThrow('ENOSPC')
})
