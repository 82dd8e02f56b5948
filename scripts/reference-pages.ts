import { exitCodeMeanings } from '../apps/weir/src/cli/failure.ts'
import { createProgram } from '../apps/weir/src/program.ts'
import { errorTable } from '../packages/base/src/index.ts'

type Command = ReturnType<typeof createProgram>

/** A page under docs/reference that is made from the code. */
interface ReferencePage {
  readonly file: string
  readonly text: string
}

/** Every generated page; `npm run gen` writes them, a test compares them. */
export const referencePages = (): readonly ReferencePage[] => [
  { file: 'errors.md', text: errorsPage() },
  { file: 'cli.md', text: commandsPage() },
]

function errorsPage(): string {
  const rows = Object.entries(errorTable).map(([code, { family, meaning }]) => `| \`${code}\` | ${family} | ${meaning} |`)
  return `# Error codes

Every error that Weir reports carries one of these codes. The family says who has to react.

| code | family | meaning |
|---|---|---|
${rows.join('\n')}
`
}

function commandsPage(): string {
  const program = createProgram()
  const codes = Object.entries(exitCodeMeanings).map(([code, meaning]) => `| ${code} | ${meaning} |`)
  return `# The \`weir\` command

Commands that speak to an API use only the Kubernetes API: with \`--kubeconfig\` or \`--context\` they drive any cluster that runs
KubeVirt. Data goes to standard output, everything else to standard error.

| exit code | meaning |
|---|---|
${codes.join('\n')}

## All commands

${optionTable(program).trimStart()}
${program.commands.flatMap((command) => sectionsOf(command, [])).join('\n')}`
}

function sectionsOf(command: Command, parents: readonly string[]): readonly string[] {
  const words = [...parents, command.name()]
  const parameters = command.registeredArguments.map((argument) => {
    const shown = `${argument.name()}${argument.variadic ? '...' : ''}`
    return argument.required ? `<${shown}>` : `[${shown}]`
  })
  const own =
    command.commands.length > 0
      ? []
      : [
          `## weir ${words.join(' ')}\n\n\`weir ${[...words, ...parameters].join(' ')}\`: ${command.description()}.\n${optionTable(command)}`,
        ]
  return [...own, ...command.commands.flatMap((child) => sectionsOf(child, words))]
}

function optionTable({ options }: Command): string {
  if (options.length === 0) return ''
  const rows = options.map(({ flags, description, argChoices, defaultValue }) => {
    const choices = argChoices === undefined ? '' : `: ${argChoices.join(', ')}`
    const usual = typeof defaultValue === 'string' || typeof defaultValue === 'number' ? ` (default ${defaultValue})` : ''
    return `| \`${flags.replaceAll('|', String.raw`\|`)}\` | ${description}${choices}${usual} |`
  })
  return `\n| flag | meaning |\n|---|---|\n${rows.join('\n')}\n`
}
