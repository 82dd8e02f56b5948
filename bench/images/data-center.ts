import { execFileSync } from 'node:child_process'
import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { type Usage, runMeasured, usageOf } from './run-measured.ts'

const main = new URL('../../apps/weir/src/main.ts', import.meta.url).pathname

/** What one `weir import` took: the command itself, and what the data center spent on it. `serverMiB` is its peak since it came up. */
export interface ImportUsage extends Usage {
  readonly serverCpuMillis: number
  readonly serverMiB: number
}

/** A data center of its own folder and port, for imports one after another. */
export interface BenchDataCenter {
  /** Imports an appliance with one disk; `check` gets the disk's file before machine and disk are deleted again. */
  importOnce(ova: string, check: (file: string) => void): Promise<ImportUsage>
  stop(): void
}

/**
 * Starts one. Its folder lies beside the benchmark's files, on the same file system. A disk is `handed over` to it as a file of this
 * machine, or `uploaded` by HTTPS as to a data center elsewhere.
 */
export function startDataCenter(way: 'handed over' | 'uploaded'): BenchDataCenter {
  const home = mkdtempSync(join(tmpdir(), 'weir-bench-'))
  const env = { ...process.env, WEIR_HOME: home, WEIR_ACCEL: 'tcg', KUBECONFIG: join(home, 'kubeconfig') }
  const weir = (...words: readonly string[]): string =>
    execFileSync(process.execPath, [main, ...words], { env, encoding: 'utf8' })
  weir('up', '--port', '0')
  const { pid } = JSON.parse(readFileSync(join(home, 'run', 'weir.pid'), 'utf8')) as { readonly pid: number }
  const elsewhere = join(home, 'elsewhere')
  mkdirSync(elsewhere)
  copyFileSync(join(home, 'kubeconfig'), join(elsewhere, 'kubeconfig'))
  const importEnv = way === 'handed over' ? env : { ...env, WEIR_HOME: elsewhere, KUBECONFIG: join(elsewhere, 'kubeconfig') }
  const files = (): readonly string[] => readdirSync(join(home, 'volumes'), { recursive: true, encoding: 'utf8' })
  const server = (): Omit<Usage, 'millis'> => usageOf(pid) ?? { cpuMillis: 0, peakMiB: 0 }
  return {
    async importOnce(ova, check) {
      const before = server()
      const run = await runMeasured(process.execPath, [main, 'import', ova, '--name', 'bench'], importEnv)
      const after = server()
      check(join(home, 'volumes', files().find((file) => file.endsWith('.img')) ?? ''))
      weir('vm', 'delete', 'bench')
      while (files().some((file) => file.endsWith('.img'))) await pause(50)
      return { ...run, serverCpuMillis: after.cpuMillis - before.cpuMillis, serverMiB: after.peakMiB }
    },
    stop() {
      weir('down')
      rmSync(home, { recursive: true, force: true })
    },
  }
}
