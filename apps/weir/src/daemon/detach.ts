import { spawn } from 'node:child_process'
import { closeSync, openSync, readFileSync } from 'node:fs'
import { WeirError } from '@weir/base'

/** A program to leave running: its words after Node, where its output goes, and how long it may take to get ready. */
export interface Detached {
  readonly words: readonly string[]
  /** Where it runs: the folder of whoever starts it may go, and threads cannot be started where no folder is. */
  readonly directory: string
  /** Beside the environment of this process. */
  readonly environment: Readonly<Record<string, string>>
  readonly log: string
  readonly timeoutMillis: number
}

/**
 * What keeps a process that lives for months small, at no cost that can be measured: new objects get 2 MiB where V8 takes up to
 * 16 (three times), threads share one heap of malloc, which glibc else holds for each of them, and the buffers of transfers go back
 * to the system when they are done.
 */
const leanFlags = ['--max-semi-space-size=2']
const leanEnvironment = { MALLOC_ARENA_MAX: '1', MALLOC_MMAP_THRESHOLD_: '262144', MALLOC_TRIM_THRESHOLD_: '1048576' }

/** Keeps `leanEnvironment` from the programs that this process starts. */
export function forgetLeanEnvironment(): void {
  for (const name of Object.keys(leanEnvironment)) Reflect.deleteProperty(process.env, name)
}

/** What a program started so says over its IPC channel, once: it is ready, it gives way to one that was first, or why it failed. */
export type StartReport =
  | { readonly kind: 'Ready' }
  | { readonly kind: 'GivesWay' }
  | { readonly kind: 'Failed'; readonly message: string }

/** Tells the starter, if there is one; resolves when it is told. */
export const reportStart = (report: StartReport): Promise<void> =>
  new Promise((resolve) => {
    if (process.send === undefined || !process.connected) resolve()
    else process.send(report, undefined, undefined, () => resolve())
  })

/**
 * Starts Node with `words` in a session of its own and resolves with what it reports.
 * @throws UP_FAILED with its reason, or with the end of the log if it ends or takes too long before it says one; then it runs
 * no more.
 */
export async function startDetached({
  words,
  directory,
  environment,
  log,
  timeoutMillis,
}: Detached): Promise<'Ready' | 'GivesWay'> {
  const output = openSync(log, 'a', 0o600)
  const child = spawn(process.execPath, [...leanFlags, ...words], {
    cwd: directory,
    env: { ...process.env, ...leanEnvironment, ...environment },
    detached: true,
    stdio: ['ignore', output, output, 'ipc'],
  })
  closeSync(output)
  let reason: string | undefined
  const timer = setTimeout(() => {
    reason ??= `no answer within ${timeoutMillis / 1000} s; the end of ${log}: ${lastLines(log)}`
    child.kill('SIGKILL')
  }, timeoutMillis)
  try {
    return await new Promise((resolve, reject) => {
      const fail = (why: string): void => reject(new WeirError('UP_FAILED', `the data center did not start: ${why}`))
      child.once('message', (message) => {
        const report = message as StartReport
        // One that failed is waited for until it is gone.
        if (report.kind === 'Failed') reason = report.message
        else resolve(report.kind)
      })
      child.once('error', (error) => fail(error.message))
      child.once('exit', (code, signal) =>
        fail(reason ?? `it ended with ${signal ?? `exit code ${code}`}; the end of ${log}: ${lastLines(log)}`),
      )
    })
  } finally {
    clearTimeout(timer)
    if (child.connected) child.disconnect()
    child.unref()
  }
}

const lastLines = (file: string): string => readFileSync(file, 'utf8').trimEnd().split('\n').slice(-8).join('\n')
