import type { Language, TargetHost } from '@weir/assessment'
import type { Command } from 'commander'
import type { GlobalOptions } from '../cli/session.ts'
import { number } from '../flags/number-flag.ts'
import { languageOption, outputOption } from '../flags/output-options.ts'
import { collectTargetHost } from '../flags/target-host.ts'

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

/** Adds `assess`; it needs no data center. */
export function addAssessCommand(program: Command): void {
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
      const { runAssess } = await import('./assess-command.ts')
      await runAssess(files, command.optsWithGlobals())
    })
}
