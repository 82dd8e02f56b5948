import { type Command, Option } from 'commander'
import type { MoveRequest } from '../moves/move-flags.ts'
import { number } from '../../flags/number-flag.ts'
import { outputOption } from '../../flags/output-options.ts'
import { collectRequest } from '../place/request-flag.ts'

/** `command` with the options that say which fabric is meant: exactly one is given. */
export const ofFabric = (command: Command): Command =>
  command
    .option('--problem <file>', 'a PlacementProblem in JSON or YAML; - for standard input')
    .option('--cluster', 'what runs now on the cluster that the kubeconfig names')

/** Adds the commands that plan for a running fabric. */
export function addFabricCommands(plan: Command): void {
  addSnapshotCommand(plan)
  addConsolidateCommand(plan)
  addDrainCommand(plan)
  addRebalanceCommand(plan)
  addPlaceCommand(plan)
}

function addSnapshotCommand(plan: Command): void {
  plan
    .command('snapshot')
    .description('Print the PlacementProblem that a cluster is now, for --problem')
    .addOption(outputOption('json', 'yaml'))
    .action(async (_, command: Command) => {
      const { runSnapshot } = await import('../snapshot-command.ts')
      await runSnapshot(command.optsWithGlobals())
    })
}

function addConsolidateCommand(plan: Command): void {
  const command = ofFabric(plan.command('consolidate').description('Plan moves that free as many hosts as the rest has room for'))
  withMoveOptions(withFillOption(command))
    .option('--empty-below <percent>', 'a host that is used more is not emptied', number(1, 100), 45)
    .addOption(new Option('--prefer <what>', 'what is kept small').choices(['mebibytes', 'moves', 'both']).default('mebibytes'))
    .action(async (_, self: Command) => runMoves({ goal: 'Consolidate', hosts: [] }, self))
}

function addDrainCommand(plan: Command): void {
  const command = plan
    .command('drain')
    .argument('[host...]', 'hosts to empty; those in maintenance are emptied as well')
    .description('Plan moves that empty hosts, for maintenance')
  withMoveOptions(ofFabric(command)).action(async (hosts: string[], _, self: Command) => runMoves({ goal: 'Drain', hosts }, self))
}

function addRebalanceCommand(plan: Command): void {
  const command = plan.command('rebalance').description('Plan moves that relieve hosts which are too full, and even out the rest')
  withMoveOptions(withFillOption(ofFabric(command))).action(async (_, self: Command) =>
    runMoves({ goal: 'Rebalance', hosts: [] }, self),
  )
}

const withFillOption = (command: Command): Command =>
  command.option('--fill-up-to <percent>', 'no host is filled beyond this', number(1, 100), 81)

const withMoveOptions = (command: Command): Command =>
  command
    .addOption(outputOption('table', 'json'))
    .option('--out-per-host <n>', 'moves out of a host at once', number(1, 1000), 2)
    .option('--in-per-host <n>', 'moves into a host at once', number(1, 1000), 2)
    .option('--at-once <n>', 'moves at once in all', number(1, 10_000), 8)
    .option('--link <MiB/s>', 'the network of a host, each way', number(1, 1_000_000), 1192)
    .option('--rate <MiB/s>', 'the most that one move gets', number(1, 1_000_000), 596)
    .option('--cooldown <seconds>', 'rest after a move, doubled for each further one of the day', number(0, 604_800), 900)
    .option('--cooldown-max <seconds>', 'the longest rest', number(0, 604_800), 21_600)
    .option('--stable-hours <n>', 'how long what is gained is expected to last', number(0.01, 8760, false), 4)
    .option('--move-cost <n>', 'hours of one running host that an hour of moving costs', number(0, 1000, false), 1)

async function runMoves(request: MoveRequest, command: Command): Promise<void> {
  const { runMoves: run } = await import('../moves/moves-command.ts')
  await run(request, command.optsWithGlobals())
}

function addPlaceCommand(plan: Command): void {
  const command = plan
    .command('place')
    .argument('[name...]', 'workloads of the problem that have no host yet; all of them, if nothing is named')
    .description('Place single workloads on a fabric as it runs, with reasons')
  ofFabric(command)
    .addOption(outputOption('table', 'json'))
    .option('--request <spec>', 'a new workload, NAME=RESOURCE:AMOUNT,…; may be repeated', collectRequest)
    .option('--workloads <file>', 'new workloads, as a problem lists them, in JSON or YAML; - for standard input')
    .option(
      '--manifest <file>',
      'with --cluster: a VirtualMachine, a Pod or a List of them that is to come; - for standard input',
    )
    .option('--explain', 'every host that does not take one, and why')
    .action(async (names: string[], _, self: Command) => {
      const { runPlace } = await import('../place/place-command.ts')
      await runPlace(names, self.optsWithGlobals())
    })
}
