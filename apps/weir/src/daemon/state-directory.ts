import { accessSync, constants, existsSync, mkdirSync } from 'node:fs'
import { homedir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { WeirError } from '@weir/base'

/** Where one data center keeps everything; see docs/architecture.md for what lies where. */
export interface StateDirectory {
  readonly root: string
  readonly kubeconfig: string
  readonly pki: string
  /** Bearer tokens, if the administrator has put any there. */
  readonly tokens: string
  readonly database: string
  readonly machines: string
  readonly volumes: string
  readonly cache: string
  readonly log: string
  readonly pidFile: string
  readonly portFile: string
  /** Where files of this machine are handed over. */
  readonly uploadSocket: string
}

/** `$WEIR_HOME`, else `/var/lib/weir` for root and `~/.local/share/weir` for others. Creates nothing. */
export function stateDirectory(environment: Readonly<Record<string, string | undefined>> = process.env): StateDirectory {
  const fallback = process.getuid?.() === 0 ? '/var/lib/weir' : join(homedir(), '.local/share/weir')
  const root = resolve(environment['WEIR_HOME'] ?? fallback)
  return {
    root,
    kubeconfig: join(root, 'kubeconfig'),
    pki: join(root, 'pki'),
    tokens: join(root, 'pki', 'tokens.csv'),
    database: join(root, 'data', 'fabric.db'),
    machines: join(root, 'machines'),
    volumes: join(root, 'volumes'),
    cache: join(root, 'cache'),
    log: join(root, 'log', 'weir.log'),
    pidFile: join(root, 'run', 'weir.pid'),
    portFile: join(root, 'data', 'port'),
    uploadSocket: join(root, 'run', 'upload.sock'),
  }
}

/**
 * Creates the folders: private ones 0700, those that the unprivileged QEMU user must pass through 0711.
 * @throws UP_FAILED if it may not or cannot write there.
 */
export function createStateDirectory({ root }: StateDirectory): void {
  try {
    makeFolder(root)
    for (const folder of ['pki', 'data', 'log', 'run']) mkdirSync(join(root, folder), { recursive: true, mode: 0o700 })
    for (const folder of ['machines', 'volumes']) mkdirSync(join(root, folder), { recursive: true, mode: 0o711 })
    mkdirSync(join(root, 'cache'), { recursive: true, mode: 0o755 })
    accessSync(join(root, 'log'), constants.W_OK)
  } catch (cause) {
    throw new WeirError(
      'UP_FAILED',
      `the state directory '${root}' cannot be used (${cause instanceof Error ? cause.message : ''}); make it writable, or choose another one: WEIR_HOME=/some/folder weir up`,
      { cause },
    )
  }
}

/** With the folders above it. Node's own recursive form never ends where the kernel lets nobody make any, as under /proc. */
function makeFolder(path: string): void {
  if (existsSync(path)) return
  makeFolder(dirname(path))
  try {
    mkdirSync(path, 0o711)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  }
}
