import type { Language, TargetHost } from '@weir/assessment'
import type { Command } from 'commander'
import { collectTargetHost } from '../assess/target-host.ts'
import type { GlobalOptions } from '../cli/session.ts'
import { addFabricCommands, ofFabric } from './fabric/commands.ts'
import type { SourceFlags } from './fabric/open-fabric.ts'
import { number } from './number-flag.ts'
import { languageOption, outputOption } from './output-options.ts'
import { addWavesCommand } from './waves/commands.ts'

/** The flags of `assess`, as commander gives them. */
export interface AssessFlags extends GlobalOptions {
  readonly cluster?: boolean
  readonly output: 'table' | 'json' | 'html' | 'xlsx'
  readonly lang: Language
  readonly name?: string
  readonly rules?: string
  readonly targetHost?: readonly TargetHost[]
  readonly cpuRatio?: number
  readonly cpuLimit: number
  readonly failover: number
  readonly seed: number
  readonly iterations: number
}

/** The flags of `plan`, as commander gives them. */
export interface PlanFlags extends SourceFlags {
  readonly output: 'table' | 'json'
  readonly explain?: string
  readonly seed?: number
  readonly iterations?: number
  readonly seconds?: number
  readonly workers?: number
}

/** Adds the commands that judge an estate and plan for it; they need no data center. */
export function addPlanningCommands(program: Command): void {
  addAssessCommand(program)
  addPlanCommand(program)
}

function addPlanCommand(program: Command): void {
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

function addAssessCommand(program: Command): void {
  program
    .command('assess')
    .helpGroup('Planning:')
    .argument('[file...]', 'RVTools workbooks or CSVs, OVF or OVA folders, usage.csv, estate documents')
    .description('Judge an estate: readiness, concerns, sizes, and how many hosts it needs, step by step')
    .option('--cluster', 'the cluster that the kubeconfig names, beside the files or alone')
    .addOption(outputOption('table', 'json', 'html', 'xlsx'))
    .addOption(languageOption())
    .option('--name <name>', 'how to call the estate')
    .option('--rules <file>', 'checks of your own: a list of {id, severity, when, message} in YAML or JSON, `when` in CEL')
    .option('--target-host <spec>', 'a host that could be bought, NAME=CORES,GHZ,GIB[,PRICE]; may be repeated', collectTargetHost)
    .option('--cpu-ratio <n>', 'vCPUs for each core today (measured, if absent)', number(1, 100, false))
    .option('--cpu-limit <percent>', 'how full the summed CPU curve of a host may get', number(1, 100), 80)
    .option('--failover <hosts>', 'hosts that may fail with every machine still having a place', number(0, 8), 1)
    .option('--seed <n>', 'of the search: the same seed gives the same plan', number(0, 0xffff_ffff), 1)
    .option('--iterations <n>', 'of the search, for each plan', number(0, 10_000_000), 20_000)
    .action(async (files: string[], _, command: Command) => {
      const { runAssess } = await import('../assess/assess-command.ts')
      await runAssess(files, command.optsWithGlobals())
    })
}
