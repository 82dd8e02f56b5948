import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { WeirError } from '@weir/base'
import { pause } from '../cli/pause.ts'
import { engineTools, ensureHostPackages } from '../host-packages/host-packages.ts'
import { startDetached } from './detach.ts'
import { recordedProcess } from './process-record.ts'
import { createStateDirectory, stateDirectory } from './state-directory.ts'

export interface UpOptions {
  readonly hosts?: number
  readonly port?: number
  readonly install: boolean
}

type Say = (line: string) => void

const startMillis = 30_000
/** Longer than any start or stop takes. */
const settleMillis = 90_000

/**
 * Starts the data center in the background unless it runs; returns true if it had to. Resolves when it is ready; waits for a
 * start or a stop that another command has begun. @throws UP_FAILED with the reason.
 */
export async function up({ hosts, port, install }: UpOptions, say: Say): Promise<boolean> {
  const directory = stateDirectory()
  const main = fileURLToPath(new URL('../main.ts', import.meta.url))
  const words = [main, 'up', '--foreground', ...flag('--hosts', hosts), ...flag('--port', port)]
  const deadline = performance.now() + settleMillis
  while (!(await runs(directory.pidFile, say))) {
    await ensureHostPackages(engineTools, { install, say })
    createStateDirectory(directory)
    const report = await startDetached({
      words,
      directory: directory.root,
      environment: { WEIR_HOME: directory.root },
      log: directory.log,
      timeoutMillis: startMillis,
    })
    if (report === 'Ready') return true
    // Another one was first, and has not said yet how far it is.
    if (performance.now() > deadline)
      throw new WeirError(
        'UP_FAILED',
        `another process works on '${directory.root}' and does not say that it is ready; end it first`,
      )
  }
  return false
}

const flag = (name: string, value: number | undefined): readonly string[] => (value === undefined ? [] : [name, String(value)])

/** Whether the data center runs, once it neither starts nor stops. @throws UP_FAILED if that takes too long. */
async function runs(pidFile: string, say: Say): Promise<boolean> {
  const deadline = performance.now() + settleMillis
  let told = ''
  for (;;) {
    const record = recordedProcess(pidFile)
    if (record === undefined || record.state === 'running') return record !== undefined
    if (performance.now() > deadline)
      throw new WeirError(
        'UP_FAILED',
        `process ${record.pid} has been ${record.state} for ${settleMillis / 1000} s; see its log, or end it: kill -9 ${record.pid}`,
      )
    if (told !== record.state) say(`The data center is ${record.state}; waiting for that ...`)
    told = record.state
    await pause(25)
  }
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
