import { expect, it } from 'vitest'
import { healthOf } from './health.ts'

const failure = new Error('disk full')
const answer = (path: string, isVerbose = false, failed?: Error) => {
  const found = healthOf(path, { isVerbose, failure: failed })
  return found && [found.code, found.text]
}

it.each(['/healthz', '/livez', '/readyz', '/readyz/ping', '/livez/store'])('%s is ok in one word', (path) => {
  expect(answer(path)).toEqual([200, 'ok'])
})

it('tells every check when asked', () => {
  expect(answer('/readyz', true)).toEqual([200, '[+]ping ok\n[+]store ok\nreadyz check passed\n'])
})

it('fails when the store takes no writes any more, and says nothing secret', () => {
  const body = '[+]ping ok\n[-]store failed: see the log of the server\nreadyz check failed\n'
  expect(answer('/readyz', false, failure)).toEqual([500, body])
  expect(answer('/readyz/store', false, failure)?.[0]).toBe(500)
  expect(answer('/readyz/ping', false, failure)).toEqual([200, 'ok'])
})

it.each(['/readyz/etcd', '/readyz/store/x', '/health', '/', '/readyz/'])('%s is no check', (path) => {
  expect(answer(path)).toBeUndefined()
})
