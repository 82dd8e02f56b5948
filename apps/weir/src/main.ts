/** The `weir` command. */
import { enableCompileCache } from 'node:module'

enableCompileCache()
const { Command } = await import('commander')

const program = new Command('weir').description('Weir turns servers into a data center as a service.').version('0.1.0')
program
  .command('test')
  .description('Run all checks and tests of this repository')
  .option('--all', 'add the suites that take minutes', false)
  .action(async (options: { readonly all: boolean }) => {
    const { runTests } = await import('./test-command.ts')
    process.exitCode = await runTests(options)
  })
await program.parseAsync()
