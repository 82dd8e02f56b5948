/**
 * An RVTools workbook of about 190,000 rows and 7.7 million cells becomes an estate of 12,240 machines: time and peak memory of a
 * fresh process, beside those of one that only inflates the sheets. Node keeps up to 100 MB for young objects if most of them stay,
 * as they do here; so memory is shown also with that bounded, as `./weir` does it. All run from Node's compile cache, as the command does.
 * Processor time is of all threads. Medians of five interleaved rounds.
 */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { makeWorkbook } from './make-workbook.ts'

interface Round {
  readonly millis: number
  readonly cpuMillis: number
  readonly count: number
  readonly peakMiB: number
}

const median = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0
const directory = mkdtempSync(join(tmpdir(), 'weir-bench-'))
const env = { ...process.env, NODE_COMPILE_CACHE: join(directory, 'compile-cache') }
try {
  const path = join(directory, 'export.xlsx')
  const facts = await makeWorkbook(path, { machines: 12_240, hosts: 400 })
  console.log(
    `workbook: ${(statSync(path).size / 1e6).toFixed(0)} MB, ${(facts.xmlBytes / 1e6).toFixed(0)} MB of XML, ${facts.rows} rows, ` +
      `${(facts.cells / 1e6).toFixed(1)} M cells, ${facts.sharedStrings} shared strings`,
  )
  const reader = new URL('reader.ts', import.meta.url).pathname
  const run = (task: string, ...flags: readonly string[]): Round =>
    JSON.parse(execFileSync(process.execPath, [...flags, reader, task, path], { env, encoding: 'utf8' })) as Round
  run('inflate')
  run('read')
  const rounds: { readonly inflate: Round; readonly read: Round; readonly bounded: Round }[] = []
  for (let round = 0; round < 5; round++)
    rounds.push({ inflate: run('inflate'), read: run('read'), bounded: run('read', '--max-semi-space-size=4') })
  const line = (label: string, of: readonly Round[]): string =>
    `${label.padEnd(36)}${median(of.map(({ millis }) => millis)).toFixed(0)} ms, ` +
    `${median(of.map(({ cpuMillis }) => cpuMillis)).toFixed(0)} ms of processor, peak ${median(of.map(({ peakMiB }) => peakMiB)).toFixed(0)} MiB`
  console.log(
    line(
      'inflating alone',
      rounds.map(({ inflate }) => inflate),
    ),
  )
  console.log(
    `${line(
      'estate, a heap of any size',
      rounds.map(({ read }) => read),
    )}, ${rounds[0]?.read.count ?? 0} machines`,
  )
  console.log(
    line(
      'estate, as ./weir (3000 ms, 200 MB)',
      rounds.map(({ bounded }) => bounded),
    ),
  )
  const ratio = median(rounds.map(({ inflate, bounded }) => bounded.millis / inflate.millis))
  console.log(`estate / inflating alone            ${ratio.toFixed(2)}`)
} finally {
  rmSync(directory, { recursive: true, force: true })
}
