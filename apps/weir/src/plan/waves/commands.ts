import type { AppSource } from '@weir/assessment'
import { type Command, Option } from 'commander'
import { collectTargetHost } from '../../flags/target-host.ts'
import { number } from '../../flags/number-flag.ts'
import { languageOption, outputOption } from '../../flags/output-options.ts'
import { parseStart } from './wave-times.ts'

/** Adds `plan waves`. */
export function addWavesCommand(plan: Command): void {
  const command = plan
    .command('waves')
    .description('Plan in which window each application migrates: dependencies, windows, staff, room on the target')
    .option('--problem <file>', 'a WaveProblem in JSON or YAML; - for standard input')
    .option('--estate <file...>', 'make one of an estate, of files as `weir assess` reads them')
    .option('--draft', 'print the problem that is made of the estate, to go on with it')
    .addOption(outputOption('table', 'json', 'html'))
    .addOption(languageOption())
    .option('--start <time>', 'when the programme starts, to show dates, as 2026-12-04T20:00:00Z', parseStart)
  withEstateOptions(command).action(async (_, self: Command) => {
    const { runWaves } = await import('./waves-command.ts')
    await runWaves(self.optsWithGlobals())
  })
}

/** What an estate does not say; a problem says it itself. */
const withEstateOptions = (command: Command): Command =>
  command
    .addOption(
      new Option('--app-from <field>', 'with --estate: machines that go together')
        .choices(['machine', 'vApp', 'folder', 'resourcePool', 'cluster'] satisfies AppSource[])
        .default('vApp'),
    )
    .option('--windows <n>', 'with --estate: how many windows', number(1, 5000), 26)
    .option('--every-hours <n>', 'with --estate: from the start of a window to the next', number(1, 8760), 168)
    .option('--window-hours <n>', 'with --estate: how long one is', number(1, 8760), 8)
    .option('--transfer <MiB/s>', 'with --estate: how fast all copies together are', number(0.001, 1_000_000, false), 600)
    .option('--cut-overs <n>', 'with --estate: machines that the staff cuts over in a window', number(1, 1_000_000), 40)
    .option('--target-host <spec>', 'with --estate: the host to go to, NAME=CORES,GHZ,GIB', collectTargetHost)
    .option('--target-count <n>', 'with --estate: how many there are (as many as it takes by volume)', number(1, 100_000))
    .option('--reuse-hosts', 'with --estate: source hosts join the target when they are free')
    .option('--failover <hosts>', 'with --estate: target hosts that may fail', number(0, 16), 1)
    .option('--cpu-ratio <n>', 'with --estate: vCPUs for each core', number(1, 100, false), 4)
    .option('--pilots <n>', 'with --estate: small waves at the start', number(0, 5000), 1)
