import { spawn } from 'node:child_process'
import { main } from '../data-center/weir-home.ts'

/** How a command ended, and what it said. */
export interface CommandResult {
  readonly code: number
  readonly out: string
  readonly err: string
}

/** Runs the real command to its end, whatever that is. `input` is its standard input; `environment` comes on top of this process's own. */
export const runWeir = (
  words: readonly string[],
  { input = '', environment = {} }: { readonly input?: string; readonly environment?: NodeJS.ProcessEnv } = {},
): Promise<CommandResult> =>
  new Promise((resolve) => {
    const child = spawn(process.execPath, [main, ...words], {
      stdio: ['pipe', 'pipe', 'pipe'],
      env: { ...process.env, ...environment },
    })
    let [out, err] = ['', '']
    child.stdout.setEncoding('utf8').on('data', (part: string) => (out += part))
    child.stderr.setEncoding('utf8').on('data', (part: string) => (err += part))
    // A command that needs no input may have ended before it is there.
    child.stdin.on('error', () => {})
    child.on('close', (code) => resolve({ code: code ?? 1, out, err }))
    child.stdin.end(input)
  })
