import { spawn } from 'node:child_process'
import { WeirError } from '@weir/base'
import { boundToUs } from '@weir/images'

/** Where and for how long a tool may run. */
export interface RunOptions {
  readonly directory?: string
  readonly input?: string
  readonly timeoutMillis?: number
  readonly environment?: Readonly<Record<string, string>>
}

/**
 * The standard output of a tool, which gets its words as they are and ends when we do.
 * @throws CLI_TOOL_FAILED with the tool's last words, if it fails, cannot be started or takes longer than the deadline (2 minutes).
 */
export const runTool = async (command: string, words: readonly string[], options: RunOptions = {}): Promise<string> =>
  new Promise((resolve, reject) => {
    const [starter, ...rest] = boundToUs([command, ...words])
    const child = spawn(starter, rest, {
      cwd: options.directory,
      env: { ...process.env, LC_ALL: 'C', ...options.environment },
      timeout: options.timeoutMillis ?? 120_000,
      stdio: ['pipe', 'pipe', 'pipe'],
    })
    const output: Buffer[] = []
    const errors: Buffer[] = []
    child.stdout.on('data', (chunk: Buffer) => output.push(chunk))
    child.stderr.on('data', (chunk: Buffer) => errors.push(chunk))
    child.stdin.on('error', () => {})
    child.stdin.end(options.input ?? '')
    child.on('error', (cause) => reject(new WeirError('CLI_TOOL_FAILED', `${command} could not be started`, { cause })))
    child.on('close', (code, signal) => {
      if (code === 0) return resolve(Buffer.concat(output).toString('utf8'))
      const words = Buffer.concat(errors).toString('utf8').trim().split('\n').slice(-3).join(' ')
      reject(new WeirError('CLI_TOOL_FAILED', `${command} failed (${signal ?? `exit code ${code}`}): ${words}`))
    })
  })
