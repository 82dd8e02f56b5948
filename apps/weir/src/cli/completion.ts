import type { Command } from 'commander'

interface Completion {
  /** The words before, without flags: `vm start`. */
  readonly path: string
  /** Commands and flags that may follow. */
  readonly words: readonly string[]
  /** True if names of machines may follow as well. */
  readonly takesMachines: boolean
}

/** Every command of a program, with what may follow it. */
function completionsOf(command: Command, path: readonly string[] = []): readonly Completion[] {
  const options = [...command.options, ...(defaultOf(command)?.options ?? [])]
  const words = [...command.commands.map((child) => child.name()), ...options.flatMap(({ long }) => long ?? [])]
  const takesMachines = path[0] === 'vm' && command.registeredArguments.some((argument) => argument.name() === 'name')
  return [
    { path: path.join(' '), words, takesMachines },
    ...command.commands.flatMap((child) => completionsOf(child, [...path, child.name()])),
  ]
}

/** The command that runs if none is named; commander has no public way to ask for it. */
function defaultOf(command: Command): Command | undefined {
  const name: unknown = Reflect.get(command, '_defaultCommandName')
  return command.commands.find((child) => child.name() === name)
}

/** The completion script of `program` for a shell: commands and flags without a call of it, names of machines by one. */
export function completionFor(shell: 'bash' | 'zsh' | 'fish', program: Command): string {
  const completions = completionsOf(program)
  if (shell === 'fish') return fish(program.name(), completions)
  const script = bash(program.name(), { completions, flagsWithValue: flagsWithValueOf(program) })
  return shell === 'zsh' ? `autoload -U +X bashcompinit && bashcompinit\n${script}` : script
}

/** Flags of any command whose next word is their value. */
const flagsWithValueOf = (command: Command): readonly string[] => [
  ...new Set([
    ...command.options.flatMap(({ required, short, long }) => (required ? [short ?? [], long ?? []].flat() : [])),
    ...command.commands.flatMap(flagsWithValueOf),
  ]),
]

interface BashParts {
  readonly completions: readonly Completion[]
  readonly flagsWithValue: readonly string[]
}

/** Words after a command that takes machines are names: only the longest known path before them counts. */
const bash = (name: string, { completions, flagsWithValue }: BashParts): string => `_${name}_complete() {
  local path='' word words='' machines='' before=''
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    case $before in ${flagsWithValue.join('|')}) before='' && continue ;; esac
    before=$word
    case $word in -*) continue ;; esac
    case $path in ${pathsWithMachines(completions)}) ;; *) path="\${path:+$path }$word" ;; esac
  done
  case $path in
${completions.map(({ path, words, takesMachines }) => `    '${path}') words='${words.join(' ')}'${takesMachines ? ' machines=yes' : ''} ;;`).join('\n')}
  esac
  case $machines\${COMP_WORDS[COMP_CWORD]} in yes-*) ;; yes*) words=$(${machineNames(name)}) ;; esac
  COMPREPLY=($(compgen -W "$words" -- "\${COMP_WORDS[COMP_CWORD]}"))
}
complete -o default -F _${name}_complete ${name}
`

const pathsWithMachines = (completions: readonly Completion[]): string =>
  completions.flatMap(({ path, takesMachines }) => (takesMachines ? [`'${path}'`] : [])).join('|')

const machineNames = (name: string): string => `${name} vm list -o name 2>/dev/null | cut -d/ -f2`

function fish(name: string, completions: readonly Completion[]): string {
  return completions
    .map(({ path, words, takesMachines }) => {
      const seen =
        path === ''
          ? '__fish_use_subcommand'
          : path
              .split(' ')
              .map((word) => `__fish_seen_subcommand_from ${word}`)
              .join('; and ')
      const machines = takesMachines ? ` (${machineNames(name)})` : ''
      return `complete -c ${name} -n '${seen}' -f -a '${words.join(' ')}${machines}'\n`
    })
    .join('')
}
