import { execFile } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type Client, createClient } from '@weir/client'
import { createHttpsTransport, type HttpsTransport } from '../../../apps/weir/src/cli/https-transport.ts'
import { loadConnection } from '../../../apps/weir/src/cli/kubeconfig.ts'
import { type FoundProcess, processesOf } from './processes.ts'

export const main = fileURLToPath(new URL('../../../apps/weir/src/main.ts', import.meta.url))

/** How a command ended. */
interface Result {
  readonly code: number
  readonly out: string
  readonly err: string
}

/** A data center as a user has it: the real command, a state directory and a folder for temporary files of its own. */
export interface WeirHome {
  readonly home: string
  /** Of its API. */
  readonly port: number
  readonly environment: NodeJS.ProcessEnv
  /** Runs a command to its end, whatever that is. */
  weir(...words: readonly string[]): Promise<Result>
  /** `weir up`; connects anew. @throws what it said, if it failed. */
  up(...words: readonly string[]): Promise<void>
  /** Ends the data center's own process with SIGKILL, whether it is ready or not; resolves when it is gone. */
  kill(): Promise<void>
  client(): Client
  /** Ends everything and deletes the state directory. */
  remove(): Promise<void>
}

/** A new state directory in which nothing runs yet. */
export async function createWeirHome(): Promise<WeirHome> {
  const home = mkdtempSync(join(tmpdir(), 'weir-home-'))
  const temporary = join(home, 'tmp')
  mkdirSync(temporary)
  const environment = {
    ...process.env,
    WEIR_HOME: home,
    WEIR_ACCEL: 'tcg',
    KUBECONFIG: join(home, 'kubeconfig'),
    TMPDIR: temporary,
    NODE_COMPILE_CACHE: join(tmpdir(), 'node-compile-cache'),
  }
  const port = await freePort()
  let transport: HttpsTransport | undefined
  const weir = (...words: readonly string[]): Promise<Result> =>
    new Promise((resolve) => {
      execFile(process.execPath, [main, ...words], { env: environment, timeout: 150_000 }, (error, out, err) =>
        resolve({ code: typeof error?.code === 'number' ? error.code : error === null ? 0 : 1, out, err }),
      )
    })
  const disconnect = (): void => {
    transport?.close()
    transport = undefined
  }
  const kill = async (): Promise<void> => {
    const recorded = recordedPid(home)
    // At once: the search takes a while in which the data center would go on.
    if (recorded !== undefined) process.kill(recorded, 'SIGKILL')
    disconnect()
    await killAll(home, isDataCenter)
  }
  return {
    home,
    port,
    environment,
    weir,
    async up(...words) {
      disconnect()
      const { code, err } = await weir('up', '--port', String(port), ...words)
      if (code !== 0) throw new Error(`weir up ended with ${code}: ${err}`)
    },
    kill,
    client() {
      transport ??= createHttpsTransport(loadConnection({}, environment))
      return createClient(transport)
    },
    async remove() {
      disconnect()
      await killAll(home, () => true)
      rmSync(home, { recursive: true, force: true })
    },
  }
}

/** Until none is found: one may have started another a moment before its end. */
async function killAll(home: string, isWanted: (found: FoundProcess) => boolean): Promise<void> {
  for (;;) {
    const found = processesOf(home).filter((each) => each.isOfHome && isWanted(each))
    if (found.length === 0) return
    for (const { pid } of found) killIfThere(pid)
    await new Promise(setImmediate)
  }
}

function killIfThere(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
  }
}

const isDataCenter = ({ words }: { readonly words: readonly string[] }): boolean => words.includes('--foreground')

/** The data center's process by its own record, if that is true. */
function recordedPid(home: string): number | undefined {
  try {
    const { pid } = JSON.parse(readFileSync(join(home, 'run', 'weir.pid'), 'utf8')) as { readonly pid: number }
    const words = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0')
    return isDataCenter({ words }) ? pid : undefined
  } catch {
    return undefined
  }
}

/** A port below those that Linux gives out by itself: no connection can take it while the data center is down. */
async function freePort(): Promise<number> {
  const lowest = Number(readFileSync('/proc/sys/net/ipv4/ip_local_port_range', 'utf8').split(/\s/u)[0])
  for (;;) {
    const port = lowest - 1 - Math.floor(Math.random() * 8000)
    const isFree = await new Promise<boolean>((resolve) => {
      const server = createServer()
      server.once('error', () => resolve(false))
      server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)))
    })
    if (isFree) return port
  }
}
