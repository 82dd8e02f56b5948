import { execFile } from 'node:child_process'
import { expect } from 'vitest'
import type { Kubectl, KubectlResult } from './kubectl.ts'
import type { LiveServer } from './live-server.ts'

/** kubectl against one server, with a cache of its own. Arguments are one text, split at spaces. */
export interface KubectlSession {
  readonly kubectl: (args: string, input?: string) => Promise<KubectlResult>
  /** What a command that must work printed. */
  readonly ok: (args: string, input?: string) => Promise<string>
  /** Starts a command that does not end by itself; it is ended when `isEnough` says so of its output. */
  readonly start: (
    args: string,
    isEnough: (seen: string) => boolean,
  ) => { readonly output: Promise<string>; readonly isRunning: () => boolean }
}

/** A session of the administrator, or of whoever `kubeconfig` names. */
export function createSession(
  client: Kubectl,
  server: () => Pick<LiveServer, 'kubeconfig'>,
  cache: () => string,
): KubectlSession {
  const all = (args: string): readonly string[] => [
    '--kubeconfig',
    server().kubeconfig,
    `--cache-dir=${cache()}`,
    ...args.split(' '),
  ]
  const kubectl = (args: string, input?: string): Promise<KubectlResult> => client.run(all(args), input)
  return {
    kubectl,
    ok: async (args, input) => {
      const { code, stdout, stderr } = await kubectl(args, input)
      expect(code, `kubectl ${args}: ${stderr}`).toBe(0)
      return stdout
    },
    start: (args, isEnough) => {
      const child = execFile(client.path, all(args))
      let seen = ''
      child.stdout?.on('data', (piece: string) => {
        seen += piece
        if (isEnough(seen)) child.kill()
      })
      const output = new Promise<string>((resolve) => {
        child.once('close', () => resolve(seen))
      })
      return { output, isRunning: () => child.exitCode === null && child.signalCode === null }
    },
  }
}
