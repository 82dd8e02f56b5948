import { spawn } from 'node:child_process'
import { closeSync, openSync, readFileSync } from 'node:fs'
import { WeirError } from '@weir/base'

/** A program to leave running: its words after Node, where its output goes, and how long it may take to get ready. */
export interface Detached {
  readonly words: readonly string[]
  readonly log: string
  readonly timeoutMillis: number
}

/**
 * Starts Node with `words` in a session of its own and resolves when it says it is ready over its IPC channel.
 * @throws UP_FAILED with the end of the log if it ends or takes too long before that; then it is not left running.
 */
export async function startDetached({ words, log, timeoutMillis }: Detached): Promise<void> {
  const output = openSync(log, 'a', 0o600)
  const child = spawn(process.execPath, words, { detached: true, stdio: ['ignore', output, output, 'ipc'] })
  closeSync(output)
  try {
    await new Promise<void>((resolve, reject) => {
      const fail = (why: string): void => {
        reject(new WeirError('UP_FAILED', `the data center did not start (${why}). The end of ${log}:\n${lastLines(log)}`))
      }
      const timer = setTimeout(() => {
        child.kill('SIGKILL')
        fail(`no answer within ${timeoutMillis / 1000} s`)
      }, timeoutMillis)
      child.once('message', () => {
        clearTimeout(timer)
        resolve()
      })
      child.once('exit', (code, signal) => {
        clearTimeout(timer)
        fail(signal ?? `exit code ${code}`)
      })
    })
  } finally {
    if (child.connected) child.disconnect()
    child.unref()
  }
}

const lastLines = (file: string): string => readFileSync(file, 'utf8').trimEnd().split('\n').slice(-8).join('\n')
