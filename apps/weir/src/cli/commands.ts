import { Argument, type Command, InvalidArgumentError, Option } from 'commander'
import type { MachineVerb } from './verbs.ts'
import { inSession } from './in-session.ts'
import type { Selection } from './show.ts'

/** The flags of commands that show objects. */
interface ShowFlags {
  readonly output: Selection['output']
  readonly headers: boolean
  readonly watch?: boolean
  readonly selector?: string
  readonly allNamespaces?: boolean
  readonly for?: string
}

const machines = 'Machines:'
const dataCenter = 'Data center:'

const outputOption = (): Option =>
  new Option('-o, --output <format>', 'how to show it').choices(['table', 'wide', 'json', 'yaml', 'name']).default('table')

async function showKind(command: Command, kind: 'virtualMachine' | 'node' | 'event', names: readonly string[]): Promise<void> {
  const flags = command.optsWithGlobals<ShowFlags>()
  const [{ show }, kinds] = await Promise.all([import('./show.ts'), import('@weir/api')])
  await inSession(command, (session) =>
    show(session, {
      kind: kinds[kind],
      names,
      output: flags.output,
      headers: flags.headers,
      ...(flags.watch === undefined ? {} : { watch: flags.watch }),
      ...(flags.selector === undefined ? {} : { selector: flags.selector }),
      ...(flags.allNamespaces === undefined ? {} : { allNamespaces: flags.allNamespaces }),
      ...(flags.for === undefined ? {} : { fieldSelector: `involvedObject.name=${flags.for}` }),
    }),
  )
}

const withShowFlags = (command: Command): Command =>
  command
    .addOption(outputOption())
    .option('--no-headers', 'leave out the line of column names')
    .option('-w, --watch', 'go on showing changes')
    .option('-l, --selector <labels>', 'only objects with these labels, as app=web,tier!=db')
    .option('-A, --all-namespaces', 'of all namespaces')

const verbs: readonly (readonly [verb: MachineVerb, does: string, done: string])[] = [
  ['start', 'Start machines', 'started'],
  ['stop', 'Stop machines: asks the guest to power off', 'stopped'],
  ['restart', 'Restart machines', 'restarted'],
  ['pause', 'Freeze machines', 'paused'],
  ['unpause', 'Let frozen machines run again', 'unpaused'],
]

/** Adds every command that speaks to the API of a cluster, whichever it is. */
export function addClusterCommands(program: Command): void {
  program
    .option('--kubeconfig <file>', 'the kubeconfig to use ($KUBECONFIG, else that of the data center here)')
    .option('--context <name>', 'the context of the kubeconfig')
    .option('-n, --namespace <name>', 'the namespace')
  addMachineCommands(program.command('vm').helpGroup(machines).description('Virtual machines'))
  withShowFlags(
    program.command('host').helpGroup(dataCenter).description('Hosts').command('list').description('List the hosts'),
  ).action(async (_, command: Command) => showKind(command, 'node', []))
  withShowFlags(program.command('events').helpGroup(dataCenter).description('What happened'))
    .option('--for <name>', 'only to what has this name, as a machine')
    .action(async (_, command: Command) => showKind(command, 'event', []))
  addImportCommand(program)
  addAccessCommands(program)
}

function addMachineCommands(vm: Command): void {
  vm.showHelpAfterError("'weir vm --help' lists the verbs; kubectl knows machines too, as in: kubectl describe vm NAME")
  withShowFlags(vm.command('list').alias('ls').description('List machines')).action(async (_, command: Command) =>
    showKind(command, 'virtualMachine', []),
  )
  withShowFlags(vm.command('get').argument('<name...>').description('Show machines by name')).action(
    async (names: string[], _, command: Command) => showKind(command, 'virtualMachine', names),
  )
  for (const [verb, description, done] of verbs) {
    const command = vm.command(verb).argument('<name...>').description(description)
    if (verb === 'stop' || verb === 'restart') command.option('--force', 'pull the plug')
    command.action(async (names: string[], flags: { readonly force?: boolean }, self: Command) => {
      const { askMachine, forEachMachine } = await import('./verbs.ts')
      const options = flags.force === true ? { gracePeriod: 0, gracePeriodSeconds: 0 } : {}
      await inSession(self, (session) =>
        forEachMachine(session, { names, done }, (name) => askMachine(session, verb, { name, options })),
      )
    })
  }
  vm.command('console')
    .argument('<name>')
    .description('Use the serial console; Ctrl-] leaves')
    .action(async (name: string, _, command: Command) => {
      const { runConsole } = await import('./console-stream.ts')
      await inSession(command, (session) => runConsole(session, name))
    })
  vm.command('delete')
    .argument('<name...>')
    .description('Delete machines and the disks that were made for them')
    .option('--no-wait', 'do not wait until their guests have powered off and their disks are gone')
    .action(async (names: string[], { wait }: { readonly wait: boolean }, command: Command) => {
      const [{ forEachMachine }, { deleteMachine }] = await Promise.all([import('./verbs.ts'), import('./remove-machine.ts')])
      await inSession(command, (session) => {
        // All at once: each guest may take its time to power off.
        const deletions = new Map(names.map((name) => [name, Promise.allSettled([deleteMachine(session, name, { wait })])]))
        return forEachMachine(session, { names, done: wait ? 'deleted' : 'is being deleted' }, async (name) => {
          const [end] = (await deletions.get(name)) ?? []
          if (end?.status === 'rejected') throw end.reason
        })
      })
    })
}

function addImportCommand(program: Command): void {
  program
    .command('import')
    .helpGroup(machines)
    .argument('<file|url>', 'an .ova, an .ovf beside its disks, a .vmdk, .qcow2 or raw disk')
    .description('Make a machine of an appliance from VMware')
    .option('--name <name>', 'how to call the machine')
    .option('--network-map <source=target...>', 'networks of the source to networks here')
    .option('--start', 'start it when it is complete')
    .option('--compatibility', 'SATA disks and e1000e cards, for guests without virtio drivers')
    .addOption(new Option('-o, --output <format>', 'events as JSON').choices(['json']))
    .action(async (location: string, _, command: Command) => {
      const { runImport } = await import('./import/import-command.ts')
      await runImport(location, command.optsWithGlobals())
    })
}

function absolutePath(text: string): string {
  if (!text.startsWith('/')) throw new InvalidArgumentError(`it must begin with /, as in /${text}.`)
  return text
}

function jsonValue(text: string): unknown {
  try {
    return JSON.parse(text) as unknown
  } catch (error) {
    throw new InvalidArgumentError(`it is no JSON: ${error instanceof Error ? error.message : ''}.`)
  }
}

function addAccessCommands(program: Command): void {
  program
    .command('status')
    .helpGroup(dataCenter)
    .description('Show how the data center is')
    .action(async (_, command: Command) => {
      const { showStatus } = await import('./status.ts')
      await inSession(command, showStatus)
    })
  program
    .command('kubeconfig')
    .helpGroup('Tools:')
    .description('Print the kubeconfig of the data center here')
    .option('--path', 'only where it is')
    .action(async (flags: { readonly path?: boolean }) => {
      const [{ stateDirectory }, { readKubeconfig }] = await Promise.all([
        import('../daemon/state-directory.ts'),
        import('./kubeconfig.ts'),
      ])
      const { kubeconfig } = stateDirectory()
      process.stdout.write(flags.path === true ? `${kubeconfig}\n` : readKubeconfig(kubeconfig))
    })
  program
    .command('api')
    .helpGroup('Tools:')
    .addArgument(new Argument('<method>', 'the HTTP method').argParser((text) => text.toUpperCase()))
    .argument('<path>', 'as /api/v1/namespaces', absolutePath)
    .option('-d, --data <json>', 'the body', jsonValue)
    .description('Send any request to the API')
    .action(async (method: string, path: string, flags: { readonly data?: unknown }, command: Command) => {
      const { sendRaw } = await import('./raw-request.ts')
      await inSession(command, (session) => sendRaw(session, { method, path, body: flags.data }))
    })
  program
    .command('completion')
    .helpGroup('Tools:')
    .addArgument(new Argument('<shell>').choices(['bash', 'zsh', 'fish']))
    .description('Print completion for a shell: source <(weir completion bash)')
    .action(async (shell: 'bash' | 'zsh' | 'fish') => {
      const { completionFor } = await import('./completion.ts')
      process.stdout.write(completionFor(shell, program))
    })
}
