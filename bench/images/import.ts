/**
 * Imports of a streamOptimized VMDK against `qemu-img convert` of it: our reader alone, out of an OVA whose manifest comes last, out
 * of one that comes as a stream (any checksum is possible), and `weir import` into a running data center, which makes the disk
 * durable before it answers: one on this machine that reads the file itself, and one that gets it by HTTPS. Five interleaved rounds
 * of each way twice, the second counting; medians; every result is compared with qemu-img. `peak` is of the command and of its data
 * center since that came up.
 */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type BenchDataCenter, startDataCenter } from './data-center.ts'
import { type BenchDisk, makeDisks } from './make-disks.ts'
import { runMeasured, type Usage } from './run-measured.ts'

const rounds = Number(process.argv[2] ?? 5)
const directory = mkdtempSync(join(tmpdir(), 'weir-bench-'))
const target = join(directory, 'target.raw')
const once = new URL('import-once.ts', import.meta.url).pathname

const sameAs = (raw: string, image: string): void => {
  execFileSync('qemu-img', ['compare', '-f', 'raw', '-F', 'raw', raw, image])
}

/** The time of the import itself, without the start of Node; CPU and memory are of the whole process. */
async function inProcess(kind: string, source: string): Promise<Usage> {
  const run = await runMeasured(process.execPath, [once, kind, source, target])
  return { ...run, millis: Number(run.output) }
}

const convert = (vmdk: string): Promise<Usage> => runMeasured('qemu-img', ['convert', '-f', 'vmdk', '-O', 'raw', vmdk, target])

/** What a durable copy costs. */
async function convertAndSync(vmdk: string): Promise<Usage> {
  const run = await convert(vmdk)
  const begun = performance.now()
  execFileSync('sync', [target])
  return { ...run, millis: run.millis + performance.now() - begun }
}

interface Stage {
  readonly here: BenchDataCenter
  readonly elsewhere: BenchDataCenter
  readonly round: number
}

type Row = Usage & { readonly serverCpuMillis?: number; readonly serverMiB?: number }

/**
 * Each way runs twice in a row, and the second run counts: in a virtual machine that gives free memory back to its host, the first
 * one pays for what the way before it has freed, up to its own time once more. It begins when nothing waits to be written back.
 */
async function oneRound(
  { raw, vmdk, ova }: BenchDisk,
  { here, elsewhere, round }: Stage,
): Promise<readonly (readonly [string, Row])[]> {
  const ways: Readonly<Record<string, () => Promise<Row>>> = {
    'qemu-img convert': () => convert(vmdk),
    'reader, the VMDK': () => inProcess('vmdk', vmdk),
    'reader, the OVA from a file': () => inProcess('ova', ova),
    'reader, the OVA as a stream': () => inProcess('stream', ova),
    'qemu-img convert, then sync': () => convertAndSync(vmdk),
    'weir import, whole command': () => here.importOnce(ova, (file) => sameAs(raw, file)),
    'weir import, by HTTPS': () => elsewhere.importOnce(ova, (file) => sameAs(raw, file)),
  }
  const rows: [string, Row][] = []
  const all = Object.entries(ways)
  for (const [name, run] of [...all.slice(round % all.length), ...all.slice(0, round % all.length)]) {
    for (const counts of [false, true]) {
      rmSync(target, { force: true })
      execFileSync('sync')
      const row = await run()
      if (counts) rows.push([name, row])
      if (!name.startsWith('weir')) sameAs(raw, target)
    }
  }
  return rows
}

const median = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0

function print(disk: BenchDisk, rows: readonly (readonly [string, Row])[]): void {
  const of = (name: string, value: (row: Row) => number | undefined): number =>
    median(rows.filter(([each]) => each === name).map(([, row]) => value(row) ?? 0))
  const base = of('qemu-img convert', ({ millis }) => millis)
  console.log(`\n${disk.name}: 1 GiB, 640 MiB used; medians of ${rounds} rounds`)
  for (const name of new Set(rows.slice(0, rows.length / rounds).map(([each]) => each))) {
    const millis = of(name, (row) => row.millis)
    const server = of(name, (row) => row.serverMiB)
    const cpu = of(name, (row) => row.cpuMillis + (row.serverCpuMillis ?? 0))
    const peaks = [of(name, (row) => row.peakMiB), ...(server === 0 ? [] : [server])].map((peak) => peak.toFixed(0)).join(' + ')
    console.log(
      `${name.padEnd(28)} ${millis.toFixed(0).padStart(6)} ms  ${(base / millis).toFixed(2)}x   cpu ${cpu.toFixed(0).padStart(5)} ms   peak ${peaks} MiB`,
    )
  }
}

const stage = { here: startDataCenter('handed over'), elsewhere: startDataCenter('uploaded') }
try {
  for (const disk of await makeDisks(directory)) {
    const rows: (readonly [string, Row])[] = []
    for (let round = 0; round < rounds; round++) rows.push(...(await oneRound(disk, { ...stage, round })))
    print(disk, rows)
  }
} finally {
  stage.here.stop()
  stage.elsewhere.stop()
  rmSync(directory, { recursive: true })
}
