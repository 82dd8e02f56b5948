import { spawnSync } from 'node:child_process'
import { delimiter, dirname } from 'node:path'
import { WeirError } from '@weir/base'

const root = new URL('../../../', import.meta.url).pathname

/** Runs the checks and the tests of the repository; returns the exit code. `all` adds the suites that take minutes. */
export function runTests({ all }: { readonly all: boolean }): number {
  const checks = run(['scripts/check.ts'], all)
  const tests = run(['node_modules/vitest/vitest.mjs', 'run'], all)
  return checks === 0 && tests === 0 ? 0 : 1
}

function run(command: readonly string[], all: boolean): number {
  const result = spawnSync(process.execPath, command, {
    cwd: root,
    stdio: 'inherit',
    env: {
      ...process.env,
      PATH: [dirname(process.execPath), `${root}node_modules/.bin`, process.env['PATH'] ?? ''].join(delimiter),
      WEIR_TEST_ALL: all ? '1' : '0',
    },
  })
  if (result.error !== undefined)
    throw new WeirError('CLI_TOOL_FAILED', `cannot run ${command.join(' ')}`, { cause: result.error })
  return result.status ?? 1
}
