import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'
import { createSqliteDriver, type Event, openRevisionLog, type RevisionLog } from '../../packages/store/src/index.ts'

const rounds = process.env['WEIR_TEST_ALL'] === '1' ? 200 : 12

/** The last acknowledged write of a key. */
interface Acknowledged {
  readonly revision: number
  readonly isDeletion: boolean
}

/** Runs the writer on `file` and kills it with SIGKILL a random moment after its first acknowledgement. */
async function acknowledgedBeforeKill(file: string): Promise<ReadonlyMap<string, Acknowledged>> {
  const writer = spawn(process.execPath, [fileURLToPath(new URL('writer.ts', import.meta.url)), file], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let output = ''
  writer.stdout.setEncoding('utf8').on('data', (text: string) => {
    if (output === '') setTimeout(() => writer.kill('SIGKILL'), Math.random() * 120)
    output += text
  })
  await once(writer, 'close')
  expect(writer.signalCode).toBe('SIGKILL')
  const lines = output.split('\n').slice(0, -1)
  return new Map(
    lines.map((line) => {
      const [key = '', revision = ''] = line.split(' ')
      return [key, { revision: Math.abs(Number(revision)), isDeletion: revision.startsWith('-') }] as const
    }),
  )
}

/** What became of the key: its last acknowledged write, unless a later one was on its way to the disk. */
function checkKey(log: RevisionLog, later: readonly Event[], key: string, { revision, isDeletion }: Acknowledged): void {
  const newer = later.findLast((event) => event.key === key && event.revision > revision)
  const found = log.get(key)
  if (newer !== undefined) expect(found?.value).toBe(newer.value)
  else expect(found?.modRevision).toBe(isDeletion ? undefined : revision)
}

it(`keeps every acknowledged write and deletion, whole, over ${rounds} kills`, { timeout: 600_000 }, async () => {
  const directory = mkdtempSync(join(tmpdir(), 'weir-kill-'))
  const file = join(directory, 'log.db')
  let acknowledgedCount = 0
  let forgotten = 0
  for (let round = 0; round < rounds; round++) {
    const acknowledged = await acknowledgedBeforeKill(file)
    acknowledgedCount += acknowledged.size
    const log = await openRevisionLog(createSqliteDriver(file))
    const events: Event[] = []
    log.watch('/', log.compacted(), (batch) => events.push(...batch))()
    expect(events.map(({ revision }) => revision)).toEqual(
      Array.from({ length: log.head() - log.compacted() }, (_, i) => log.compacted() + 1 + i),
    )
    for (const [key, last] of acknowledged) checkKey(log, events, key, last)
    for (const { key, value, modRevision } of log.list({ prefix: '/' }).entries) {
      expect(value).toBe(`${key} ${modRevision};`.repeat(20))
    }
    forgotten = log.compacted()
    await log.close()
  }
  expect(acknowledgedCount).toBeGreaterThan(rounds)
  expect(forgotten).toBeGreaterThan(0)
  rmSync(directory, { recursive: true })
})
