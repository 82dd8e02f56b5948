/**
 * An RVTools workbook of about 190,000 rows and 7.7 million cells becomes an estate of 12,000 machines: time and peak memory of a
 * fresh process, beside those of one that only inflates the sheets. Medians of five interleaved rounds.
 */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { makeWorkbook } from './make-workbook.ts'

interface Round {
  readonly millis: number
  readonly count: number
  readonly peakMiB: number
}

const median = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0
const directory = mkdtempSync(join(tmpdir(), 'weir-bench-'))
try {
  const path = join(directory, 'export.xlsx')
  const facts = await makeWorkbook(path, { machines: 12_000, hosts: 400 })
  console.log(
    `workbook: ${(statSync(path).size / 1e6).toFixed(0)} MB, ${(facts.xmlBytes / 1e6).toFixed(0)} MB of XML, ${facts.rows} rows, ` +
      `${(facts.cells / 1e6).toFixed(1)} M cells, ${facts.sharedStrings} shared strings`,
  )
  const reader = new URL('reader.ts', import.meta.url).pathname
  const run = (task: string): Round =>
    JSON.parse(execFileSync(process.execPath, [reader, task, path], { encoding: 'utf8' })) as Round
  const inflating: Round[] = []
  const reading: Round[] = []
  for (let round = 0; round < 5; round++) {
    inflating.push(run('inflate'))
    reading.push(run('read'))
  }
  const millis = (rounds: readonly Round[]): number => median(rounds.map((round) => round.millis))
  const peak = (rounds: readonly Round[]): number => median(rounds.map((round) => round.peakMiB))
  console.log(`inflating alone    ${millis(inflating).toFixed(0)} ms, peak ${peak(inflating).toFixed(0)} MiB`)
  console.log(`estate             ${millis(reading).toFixed(0)} ms (goal 3000), peak ${peak(reading).toFixed(0)} MiB (goal 190)`)
  console.log(`ratio              ${(millis(reading) / millis(inflating)).toFixed(2)}, ${reading[0]?.count ?? 0} machines`)
} finally {
  rmSync(directory, { recursive: true, force: true })
}
