import { defineConfig } from 'vitest/config'

/** Suites that take minutes (random crashes by the hundred, full-size disks) are named `*.long.test.ts` and run with `./weir test --all`. */
const long = process.env['WEIR_TEST_ALL'] === '1' ? [] : ['**/*.long.test.ts']

export default defineConfig({
  test: {
    include: ['packages/*/src/**/*.test.ts', 'apps/*/src/**/*.test.ts', 'tests/**/*.test.ts'],
    exclude: ['**/node_modules/**', ...long],
    maxWorkers: 2,
    testTimeout: 30_000,
    hookTimeout: 120_000,
    reporters: [['default', { summary: false }], './scripts/count-reporter.ts'],
  },
})
