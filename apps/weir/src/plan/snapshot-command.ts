import { terminalText } from '../cli/terminal-text.ts'
import { findingLines } from '../text/finding-lines.ts'
import { openFabric, type SourceFlags } from './fabric/open-fabric.ts'

/** The flags of `plan snapshot`, as commander gives them. */
export interface SnapshotFlags extends SourceFlags {
  readonly output: 'json' | 'yaml'
}

/**
 * Prints the placement problem that a cluster is now, for `--problem` of the other commands; what could not be taken over goes to
 * standard error. @throws as `openFabric`
 */
export async function runSnapshot(flags: SnapshotFlags): Promise<void> {
  const { problem, findings, staysBecause } = await openFabric({ ...flags, cluster: true })
  const { documentText } = await import('../cli/output.ts')
  process.stdout.write(await documentText(problem, flags.output))
  const stays = [...staysBecause].slice(0, 50).map(([name, why]) => `'${name}' cannot be moved: ${why}.`)
  process.stderr.write(terminalText([...stays, ...findingLines(findings, '')]))
}
