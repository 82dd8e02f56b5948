import type { Command } from 'commander'
import { addFabricCommands, ofFabric } from './fabric/commands.ts'
import type { SourceFlags } from './fabric/open-fabric.ts'
import { number } from '../flags/number-flag.ts'
import { outputOption } from '../flags/output-options.ts'
import { addWavesCommand } from './waves/commands.ts'

/** The flags of `plan`, as commander gives them. */
export interface PlanFlags extends SourceFlags {
  readonly output: 'table' | 'json'
  readonly explain?: string
  readonly seed?: number
  readonly iterations?: number
  readonly seconds?: number
  readonly workers?: number
}

/** Adds the commands that plan for a fabric; they need no data center. */
export function addPlanCommand(program: Command): void {
  const plan = program
    .command('plan')
    .helpGroup('Planning:')
    .description('Plan where workloads run, where they move, and when machines migrate')
    .addHelpText('after', '\nWithout a command it is "weir plan all".')
  addAllCommand(plan)
  addFabricCommands(plan)
  addWavesCommand(plan)
}

/** `weir plan` without a command; what it does not know as one comes here as well. */
function addAllCommand(plan: Command): void {
  ofFabric(plan.command('all', { isDefault: true }))
    .description('Place all workloads on hosts: a plan with its bound, and reasons')
    .addOption(outputOption('table', 'json'))
    .option('--explain <workload>', 'why it is where it is, and not elsewhere')
    .option('--seed <n>', 'instead of that of the problem', number(0, 0xffff_ffff))
    .option('--iterations <n>', 'instead of those of the problem', number(0, 100_000_000))
    .option('--seconds <n>', 'end the search after so long; such a plan may differ from run to run', number(0.1, 86_400, false))
    .option('--workers <n>', 'threads that search (one for each core, if absent); the plan does not depend on it', number(1, 64))
    .allowExcessArguments()
    .action(async (_, command: Command) => {
      const [unknown] = command.args
      const known = plan.commands.map((each) => each.name()).join(', ')
      if (unknown !== undefined) command.error(`error: unknown command '${unknown}' of plan; there are: ${known}`)
      const { runPlan } = await import('./plan-command.ts')
      await runPlan(command.optsWithGlobals())
    })
}
