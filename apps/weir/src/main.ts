/** The `weir` command. */
import { enableCompileCache } from 'node:module'

enableCompileCache()
const { Command } = await import('commander')
const { addDataCenterCommands } = await import('./daemon/commands.ts')

const program = new Command('weir').description('Weir turns servers into a data center as a service.').version('0.1.0')
addDataCenterCommands(program)
try {
  await program.parseAsync()
} catch (error) {
  const isKnown = error instanceof Error && error.name === 'WeirError'
  console.error(isKnown ? `error: ${error.message}` : error)
  process.exitCode = 1
}
