/** The `weir` command. */
import { enableCompileCache } from 'node:module'

enableCompileCache()
const [{ Command, CommanderError }, { addClusterCommands }, { addDataCenterCommands }] = await Promise.all([
  import('commander'),
  import('./cli/commands.ts'),
  import('./daemon/commands.ts'),
])

const program = new Command('weir')
  .description('Weir turns servers into a data center as a service: virtual machines and containers on one Kubernetes fabric.')
  .version('0.1.0')
  .showSuggestionAfterError()
  .exitOverride()
addDataCenterCommands(program)
addClusterCommands(program)
for (const command of program.commands) command.copyInheritedSettings(program)
try {
  await program.parseAsync()
} catch (error) {
  if (error instanceof CommanderError) process.exitCode = error.exitCode === 0 ? 0 : 2
  else {
    const { exitCodeOf, failureText } = await import('./cli/failure.ts')
    process.stderr.write(failureText(error))
    process.exitCode = exitCodeOf(error)
  }
}
