import { fileURLToPath } from 'node:url'
import { defineConfig, mergeConfig } from 'vitest/config'
import base from '../../vitest.config.ts'
import type { Mutant } from './mutant.ts'

/** The project's tests over sources of which one rule is broken, as WEIR_MUTANT says; no file is changed. */
const mutant = JSON.parse(process.env['WEIR_MUTANT'] ?? 'null') as Mutant | null

export default mergeConfig(
  base,
  defineConfig({
    root: fileURLToPath(new URL('../../', import.meta.url)),
    plugins: [
      {
        name: 'mutant',
        enforce: 'pre',
        transform(code, id) {
          return mutant !== null && id.endsWith(`/${mutant.file}`) ? code.replace(mutant.rule, () => mutant.broken) : undefined
        },
      },
    ],
    // What was transformed with another mutant must not be taken from a cache.
    test: { fsModuleCache: false, bail: 1, testTimeout: 60_000, exclude: ['**/*.long.test.ts', 'tests/e2e/**'] },
  }),
)
