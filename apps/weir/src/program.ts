import { Command } from 'commander'
import { addAssessCommand } from './assess/commands.ts'
import { addClusterCommands } from './cli/commands.ts'
import { addDataCenterCommands } from './daemon/commands.ts'
import { addPlanCommand } from './plan/commands.ts'

const examples = `
Examples:
  weir demo                              # everything, once: a data center and an appliance from VMware that runs in it
  weir up --hosts 3                      # a data center of three hosts on this machine
  weir import web.ova --start            # an appliance becomes a machine
  weir vm list -w                        # machines, and every change of them
  weir vm console web                    # its serial console; Ctrl-] leaves

Use "weir <command> --help" for more about a command.`

/** Every command of `weir`. It ends by exceptions, not by leaving the process. */
export function createProgram(): Command {
  const program = new Command('weir')
    .description('Weir turns servers into a data center as a service: virtual machines and containers on one Kubernetes fabric.')
    .version('0.1.0')
    .showSuggestionAfterError()
    .exitOverride()
    .addHelpText('after', examples)
  addDataCenterCommands(program)
  addClusterCommands(program)
  addAssessCommand(program)
  addPlanCommand(program)
  addTestCommand(program)
  program.commandsGroup('Tools:')
  return program
}

function addTestCommand(program: Command): void {
  program
    .command('test')
    .helpGroup('Tools:')
    .description('Run all checks and tests of this repository')
    .option('--all', 'add the suites that take minutes', false)
    .action(async (options: { readonly all: boolean }) => {
      const { runTests } = await import('./test-command.ts')
      process.exitCode = await runTests(options)
    })
}
