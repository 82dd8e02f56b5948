import type { Command } from 'commander'

/** Every command of a program: its words, and what may follow them. */
function pathsOf(command: Command, path: readonly string[] = []): readonly (readonly [path: string, words: readonly string[]])[] {
  const own = command.commands.map((child) => child.name())
  const flags = command.options.flatMap(({ long }) => long ?? [])
  return [[path.join(' '), [...own, ...flags]], ...command.commands.flatMap((child) => pathsOf(child, [...path, child.name()]))]
}

/** The completion script of `program` for a shell: commands and flags, without a call of the program. */
export function completionFor(shell: 'bash' | 'zsh' | 'fish', program: Command): string {
  const name = program.name()
  const paths = pathsOf(program)
  if (shell === 'fish') return fish(name, paths)
  const cases = paths.map(([path, words]) => `    '${path}') words='${words.join(' ')}' ;;`).join('\n')
  const script = `_${name}_complete() {
  local path='' word words=''
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    case $word in -*) ;; *) path="\${path:+$path }$word" ;; esac
  done
  case $path in
${cases}
  esac
  COMPREPLY=($(compgen -W "$words" -- "\${COMP_WORDS[COMP_CWORD]}"))
}
complete -o default -F _${name}_complete ${name}
`
  return shell === 'zsh' ? `autoload -U +X bashcompinit && bashcompinit\n${script}` : script
}

function fish(name: string, paths: readonly (readonly [path: string, words: readonly string[]])[]): string {
  return paths
    .map(([path, words]) => {
      const seen =
        path === ''
          ? '__fish_use_subcommand'
          : path
              .split(' ')
              .map((word) => `__fish_seen_subcommand_from ${word}`)
              .join('; and ')
      return `complete -c ${name} -n '${seen}' -f -a '${words.join(' ')}'\n`
    })
    .join('')
}
