import { existsSync, readFileSync } from 'node:fs'
import { WeirError } from '@weir/base'
import { engineTools, ensureHostPackages } from '../host-packages/host-packages.ts'
import { startDetached } from './detach.ts'
import { holdExclusively } from './exclusive.ts'
import { createJsonLogger } from './log-file.ts'
import { forgetThisProcess, recordedProcess, recordThisProcess, signalProcess, waitForEnd } from './process-record.ts'
import { createStateDirectory, stateDirectory } from './state-directory.ts'

export interface UpOptions {
  readonly hosts: number
  readonly port?: number
  readonly install: boolean
}

const startMillis = 30_000
/** How long guests may take to power off at `weir down`. */
const guestGraceMillis = 60_000

/** Starts the data center in the background unless it runs; returns true if it had to. Resolves when it is ready. */
export async function up({ hosts, port, install }: UpOptions, say: (line: string) => void): Promise<boolean> {
  const directory = stateDirectory()
  if (recordedProcess(directory.pidFile) !== undefined) return false
  await ensureHostPackages(engineTools, { install, say })
  createStateDirectory(directory)
  const main = new URL('../main.ts', import.meta.url).pathname
  const words = [main, 'up', '--foreground', '--hosts', String(hosts), ...(port === undefined ? [] : ['--port', String(port)])]
  await startDetached({ words, log: directory.log, timeoutMillis: startMillis })
  return true
}

/** Runs the data center in this process until a signal: SIGTERM and SIGINT leave guests running, SIGUSR2 powers them off first. */
export async function upInForeground({ hosts, port, install }: UpOptions): Promise<void> {
  const directory = stateDirectory()
  const logger = createJsonLogger((line) => process.stderr.write(line), Date.now)
  await ensureHostPackages(engineTools, { install, say: (line) => logger.info(line) })
  createStateDirectory(directory)
  const release = await holdExclusively(directory.root)
  const { startDataCenter } = await import('./data-center.ts')
  const dataCenter = await startDataCenter({ directory, hosts, logger, ...(port === undefined ? {} : { port }) })
  recordThisProcess(directory.pidFile)
  process.send?.('ready')
  const signal = await new Promise<string>((resolve) => {
    for (const name of ['SIGTERM', 'SIGINT', 'SIGUSR2'] as const) process.once(name, resolve)
  })
  logger.info('Stopping', { signal })
  await dataCenter.stop(signal === 'SIGUSR2' ? { guestGraceMillis } : {})
  forgetThisProcess(directory.pidFile)
  release()
  process.exit(0)
}

/** Ends the data center; guests are powered off first unless `keepGuests`. False if none ran. @throws DOWN_FAILED */
export async function down({ keepGuests }: { readonly keepGuests: boolean }): Promise<boolean> {
  const { pidFile, log } = stateDirectory()
  const running = recordedProcess(pidFile)
  if (running === undefined || !signalProcess(running, keepGuests ? 'SIGTERM' : 'SIGUSR2')) return false
  if (await waitForEnd(running, guestGraceMillis + 15_000)) return true
  throw new WeirError('DOWN_FAILED', `process ${running.pid} did not stop in time; see ${log}`)
}

/** The address of the running data center, as its kubeconfig tells; undefined if none runs. */
export function runningAddress(): string | undefined {
  const { pidFile, kubeconfig } = stateDirectory()
  if (recordedProcess(pidFile) === undefined || !existsSync(kubeconfig)) return undefined
  const { clusters } = JSON.parse(readFileSync(kubeconfig, 'utf8')) as {
    readonly clusters: readonly { readonly cluster: { readonly server: string } }[]
  }
  return clusters[0]?.cluster.server
}
