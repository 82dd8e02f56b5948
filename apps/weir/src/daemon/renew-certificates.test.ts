import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ensurePki, type Pki } from '@weir/apiserver'
import { silentLogger } from '@weir/base'
import { createTestClock, eventually, type TestClock } from '@weir/testkit'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { renewCertificates } from './renew-certificates.ts'
import { createStateDirectory, type StateDirectory, stateDirectory } from './state-directory.ts'

const dayMillis = 86_400_000
let directory: StateDirectory
let clock: TestClock
let stopping: AbortController
let presented: Pick<Pki, 'caPem' | 'server'>[]
let running: Promise<void>

beforeEach(async () => {
  directory = stateDirectory({ WEIR_HOME: mkdtempSync(join(tmpdir(), 'weir-renew-')) })
  createStateDirectory(directory)
  clock = createTestClock(Date.now())
  stopping = new AbortController()
  presented = []
  const pki = await ensurePki(directory.pki, clock)
  const https = { present: (renewed: Pick<Pki, 'caPem' | 'server'>) => void presented.push(renewed) }
  running = renewCertificates({ directory, pki, https, url: 'https://127.0.0.1:1', clock, logger: silentLogger }, stopping.signal)
})
afterEach(async () => {
  stopping.abort()
  await running
  rmSync(directory.root, { recursive: true })
})

/** A day passes, once the last look is over: keys take their time. */
async function passDay(): Promise<void> {
  await eventually(() => clock.sleepers() > 0)
  await clock.advance(dayMillis)
}

/** Lets days pass until something was presented, and no more. */
async function passUntilPresented(): Promise<void> {
  while (presented.length === 0) await passDay()
  await eventually(() => clock.sleepers() > 0)
}

it('presents new certificates once the old ones end within a month, with a kubeconfig to match', async () => {
  const begun = clock.now()
  await passUntilPresented()
  const passedDays = (clock.now() - begun) / dayMillis
  expect(passedDays).toBeGreaterThan(300)
  stopping.abort()
  await running
  const pki = await ensurePki(directory.pki, clock)
  expect(presented[0]?.server).toEqual(pki.server)
  expect(readFileSync(directory.kubeconfig, 'utf8')).toContain(Buffer.from(pki.admin.certPem).toString('base64'))
})

it('tries again the day after something was wrong', async () => {
  const file = join(directory.pki, 'server.pem')
  const good = readFileSync(file)
  writeFileSync(file, 'damaged')
  for (let day = 0; day < 400; day++) await passDay()
  expect(presented).toEqual([])
  writeFileSync(file, good)
  await passUntilPresented()
})
