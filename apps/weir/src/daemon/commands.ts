import { type Command, InvalidArgumentError } from 'commander'
import type { DownOutcome } from './down-command.ts'

const wholeNumber =
  (minimum: number, maximum: number) =>
  (text: string): number => {
    const value = Number(text)
    if (!/^\d+$/u.test(text) || value < minimum || value > maximum)
      throw new InvalidArgumentError(`must be a whole number from ${minimum} to ${maximum}.`)
    return value
  }

interface UpFlags {
  readonly hosts?: number
  readonly port?: number
  readonly foreground: boolean
  readonly install: boolean
}

/** Adds `demo`, `up` and `down`. */
export function addDataCenterCommands(program: Command): void {
  program
    .command('demo')
    .helpGroup('Data center:')
    .argument('[file]', 'an appliance (.ova); without one a small Linux is built')
    .description('Start the data center, import an appliance from VMware, and run it')
    .option('--no-install', 'install no packages, only say which are missing')
    .action(async (file: string | undefined, options: { readonly install: boolean }) => {
      const { runDemo } = await import('../demo/demo-command.ts')
      await runDemo({ ...options, ...(file === undefined ? {} : { file }) })
    })
  program
    .command('up')
    .helpGroup('Data center:')
    .description('Start the data center on this machine')
    .option('--hosts <n>', 'cut the machine into this many hosts (as many as at the last start, else 1)', wholeNumber(1, 64))
    .option('--port <n>', 'port of the API on 127.0.0.1 (the one of the last start, else 6443)', wholeNumber(0, 65_535))
    .option('--foreground', 'stay in the foreground, for a supervisor; SIGTERM leaves guests running', false)
    .option('--no-install', 'install no packages, only say which are missing')
    .action(async ({ foreground, ...options }: UpFlags) => {
      if (foreground) {
        const { upInForeground } = await import('./foreground.ts')
        return upInForeground(options)
      }
      const { runningAddress, up } = await import('./up-command.ts')
      const isNew = await up(options, (line) => console.error(line))
      const { stateDirectory } = await import('./state-directory.ts')
      const { kubeconfig } = stateDirectory()
      if (!isNew) await (await import('./as-asked.ts')).assertAsAsked(options, kubeconfig)
      console.log(`The data center is ${isNew ? 'up' : 'already up'}: ${runningAddress() ?? ''}`)
      console.log(`  export KUBECONFIG=${kubeconfig}`)
      return undefined
    })
  program
    .command('down')
    .helpGroup('Data center:')
    .description('Power off the guests, then stop the data center')
    .option('--keep-guests', 'leave the guests running; the next `weir up` adopts them', false)
    .action(async (options: { readonly keepGuests: boolean }) => {
      const { down } = await import('./down-command.ts')
      console.log(outcomes[await down(options, (line) => console.error(line))])
    })
}

const outcomes = {
  Stopped: 'The data center is down.',
  NothingRan: 'No data center runs here.',
  WasKilled:
    "No data center runs here: the last one was killed. Guests go on without it; 'weir up' takes them over, then 'weir down' stops them.",
} as const satisfies Record<DownOutcome, string>
