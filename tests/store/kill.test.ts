import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { createSqliteDriver, openRevisionLog } from '../../packages/store/src/index.ts'

const rounds = process.env['WEIR_TEST_ALL'] === '1' ? 100 : 10

/** Runs the writer on `file` and kills it with SIGKILL a random moment after its first acknowledgement. */
async function acknowledgedBeforeKill(file: string): Promise<readonly (readonly [key: string, revision: number])[]> {
  const writer = spawn(process.execPath, [new URL('writer.ts', import.meta.url).pathname, file], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let output = ''
  writer.stdout.setEncoding('utf8').on('data', (text: string) => {
    if (output === '') setTimeout(() => writer.kill('SIGKILL'), Math.random() * 60)
    output += text
  })
  await once(writer, 'close')
  expect(writer.signalCode).toBe('SIGKILL')
  return output
    .split('\n')
    .slice(0, -1)
    .map((line) => [line.split(' ')[0] ?? '', Number(line.split(' ')[1])] as const)
}

it(`keeps every acknowledged write, whole, over ${rounds} kills`, { timeout: 300_000 }, async () => {
  const directory = mkdtempSync(join(tmpdir(), 'weir-kill-'))
  const file = join(directory, 'log.db')
  let acknowledgedCount = 0
  for (let round = 0; round < rounds; round++) {
    const acknowledged = await acknowledgedBeforeKill(file)
    acknowledgedCount += acknowledged.length
    const log = await openRevisionLog(createSqliteDriver(file))
    const wrong = acknowledged.filter(([key, revision]) => log.get(key)?.modRevision !== revision)
    expect(wrong).toEqual([])
    expect(log.list({ prefix: '/' }).entries.filter(({ key, value }) => value !== key.repeat(20))).toEqual([])
    const revisions: number[] = []
    log.watch('/', 0, (events) => revisions.push(...events.map(({ revision }) => revision)))()
    expect(revisions).toEqual(Array.from({ length: log.head() }, (_, i) => i + 1))
    await log.close()
  }
  expect(acknowledgedCount).toBeGreaterThan(rounds)
  rmSync(directory, { recursive: true })
})
