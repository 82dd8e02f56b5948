/** The `weir` command. */
import { enableCompileCache } from 'node:module'
import { watchStandardOutput } from './cli/standard-output.ts'

enableCompileCache()
watchStandardOutput()
const [{ CommanderError }, { createProgram }] = await Promise.all([import('commander'), import('./program.ts')])

try {
  await createProgram().parseAsync()
} catch (error) {
  if (error instanceof CommanderError) process.exitCode = error.exitCode === 0 ? 0 : 2
  else {
    const { exitCodeOf, failureText } = await import('./cli/failure.ts')
    process.stderr.write(failureText(error))
    process.exitCode = exitCodeOf(error)
  }
}
