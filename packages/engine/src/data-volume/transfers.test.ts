import { silentLogger, WeirError } from '@weir/base'
import { createTestClock } from '@weir/testkit'
import { expect, it } from 'vitest'
import { createTransfers } from './transfers.ts'

const clock = createTestClock()
const transfers = createTransfers({ clock, logger: silentLogger })
/** A transfer whose end the test decides. */
function begin(id: string) {
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  let report: (percent: number) => void = () => {}
  transfers.start(id, (signal, tell) => {
    report = tell
    signal.addEventListener('abort', () => reject(signal.reason as Error))
    return promise
  })
  return { report: (percent: number) => report(percent), succeed: resolve, fail: reject }
}
/** Resolves at the next change of `id`. */
const change = (id: string): Promise<void> =>
  new Promise((resolve) => {
    const stop = transfers.onChange((changed) => {
      if (changed !== id) return
      stop()
      resolve()
    })
  })
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

it('tells how far it is, at most once a second, and forgets what succeeded', async () => {
  const { report, succeed } = begin('a')
  await turn()
  const told: string[] = []
  const stop = transfers.onChange((id) => told.push(id))
  for (const percent of [1, 2, 3]) report(percent)
  expect(told).toEqual(['a'])
  await clock.advance(1000)
  report(50)
  expect(told).toEqual(['a', 'a'])
  expect(transfers.state('a')).toEqual({ kind: 'Running', percent: 50 })
  stop()
  const ended = change('a')
  succeed()
  await ended
  expect(transfers.state('a')).toBeUndefined()
})

it('runs one transfer of an id at a time', async () => {
  const first = begin('b')
  let isSecondBegun = false
  transfers.start('b', async () => {
    isSecondBegun = true
  })
  await turn()
  expect(isSecondBegun).toBe(false)
  const ended = change('b')
  first.succeed()
  await ended
})

it('waits longer with each failure in a row, at most five minutes', async () => {
  const waits: number[] = []
  for (let round = 0; round < 7; round++) {
    const ended = change('c')
    begin('c').fail(new WeirError('VOLUME_SOURCE_FAILED', 'gone'))
    await ended
    const state = transfers.state('c')
    expect(state).toMatchObject({ kind: 'Failed', message: 'gone', isFinal: false })
    waits.push(state?.kind === 'Failed' ? (state.retryAtMillis - clock.now()) / 1000 : 0)
  }
  expect(waits).toEqual([10, 20, 40, 80, 160, 300, 300])
  const succeeded = change('c')
  begin('c').succeed()
  await succeeded
  const failed = change('c')
  begin('c').fail(new Error('again'))
  await failed
  expect(transfers.state('c')).toMatchObject({ retryAtMillis: clock.now() + 10_000 })
})

it('knows that bad input stays bad', async () => {
  const ended = change('d')
  begin('d').fail(new WeirError('VOLUME_IMAGE_REFUSED', 'no image'))
  await ended
  expect(transfers.state('d')).toMatchObject({ isFinal: true })
})

it('calls off: nothing is left to tell, and the next one begins anew', async () => {
  begin('e')
  await turn()
  await transfers.cancel('e')
  await transfers.cancel('never begun')
  expect(transfers.state('e')).toBeUndefined()
  begin('f')
  await turn()
  await transfers.stop()
  expect(transfers.state('f')).toBeUndefined()
})
