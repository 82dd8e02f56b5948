import { constants } from 'node:fs'
import { open, rm } from 'node:fs/promises'
import { join } from 'node:path'

import { type Clock, isWeirError, type Logger, WeirError } from '@weir/base'

import { connectQmp, type QmpClient, type QmpEvent } from '../qmp/qmp-client.ts'
import { runFiles } from './argv.ts'
import { type ConsoleBroker, createConsoleBroker } from './console-broker.ts'
import type { MachineState } from './machine.ts'
import { type Intent, lastWords, type MachineExit, type MachinePaths, writeWhole } from './machine-files.ts'
import { isProcessAlive, type ProcessRecord, signalProcess, waitUntilGone } from './process-record.ts'

/** One QEMU process that runs or ran, seen through QMP. Its `state` follows QEMU's events. */
export interface QemuMachine {
  state(): MachineState
  /** Runs a QMP command. @throws MACHINE_NOT_RUNNING once the machine has exited; MACHINE_UNRESPONSIVE, MACHINE_COMMAND_REFUSED. */
  execute(command: string): Promise<void>
  /** As `execute('system_powerdown')`; remembers that it was us who asked. */
  powerDown(): Promise<void>
  /** Resolves when the process is gone: asked to quit, then killed. */
  kill(): Promise<void>
  readonly console: ConsoleBroker
  /** Path of one of `runFiles` as a short path: a socket's may have 107 bytes only. */
  socketPath(name: string): string
  /** Cuts the console log when it is larger than 8 MiB. */
  trimLog(): Promise<void>
  /** Lets go without touching the process. */
  close(): Promise<void>
}

/** What a machine is made from: its process, and what an earlier run of ours knew of it. */
export interface MachineSeed {
  readonly id: string
  readonly paths: MachinePaths
  readonly process: ProcessRecord
  readonly startedAt: string
  /** What an earlier run of ours asked of it. */
  readonly intent?: Intent
  /** Known if we are the process's parent. */
  readonly ended?: Promise<string>
}

/** What a machine needs of its surroundings. `onChange` is called after each change of `state`. */
export interface MachineDeps {
  readonly clock: Clock
  readonly logger: Logger
  readonly onChange: (id: string) => void
}

const quitMillis = 3000
const watchMillis = 1000
const maxLogBytes = 8 << 20

/** Everything that changes in a machine. */
interface Life {
  qmp: QmpClient | undefined
  phase: 'Running' | 'Paused'
  /** A disk has failed since the guest ran last. */
  isDiskFailing: boolean
  agentConnected: boolean
  intent: Intent | undefined
  /** False while it is an earlier run's. */
  isIntentOurs: boolean
  /** Set when the guest or somebody outside ended the machine, before the process is gone. */
  cause: MachineExit | undefined
  exit: MachineExit | undefined
  /** The one write of how it ended. */
  recorded: Promise<void> | undefined
}

/**
 * Attaches to a process: resolves when QEMU has answered on QMP, or the process is gone, or `signal` aborts; until the
 * process ends it is attached again and again, in the background too.
 */
export async function attachMachine(seed: MachineSeed, deps: MachineDeps, signal: AbortSignal): Promise<QemuMachine> {
  const life: Life = {
    qmp: undefined,
    phase: 'Running',
    isDiskFailing: false,
    agentConnected: false,
    intent: seed.intent,
    isIntentOurs: false,
    cause: undefined,
    exit: undefined,
    recorded: undefined,
  }
  const directory = await open(seed.paths.run, constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW)
  // Through the open directory a path stays short, whatever the length of the state directory.
  const socketPath = (name: string): string => `/proc/self/fd/${directory.fd}/${name}`
  const closing = new AbortController()
  const broker = createConsoleBroker({ socket: socketPath(runFiles.serial), log: join(seed.paths.run, runFiles.serialLog) })
  const attached = Promise.withResolvers<void>()
  const stop = (): void => attached.resolve()
  signal.addEventListener('abort', stop, { once: true })
  const watching = watchProcess({ seed, deps, life, socketPath, closing: closing.signal, onAttached: stop }).finally(async () => {
    attached.resolve()
    broker.close()
    await directory.close()
  })
  await attached.promise
  signal.removeEventListener('abort', stop)
  return {
    state: () => stateOf(life, seed),
    execute: (command) => execute(life, seed, command),
    async powerDown() {
      await remember(life, seed, 'powerDown')
      await execute(life, seed, 'system_powerdown')
    },
    async kill() {
      await killMachine(life, seed, deps.clock)
      await watching
    },
    console: broker,
    socketPath,
    trimLog: () => trimLog(join(seed.paths.run, runFiles.serialLog)),
    async close() {
      closing.abort()
      life.qmp?.close()
      await watching
    },
  }
}

function stateOf(life: Life, seed: MachineSeed): MachineState {
  if (life.exit !== undefined) return { phase: 'Exited', ...life.exit }
  const { startedAt, process } = seed
  const { phase, isDiskFailing, agentConnected } = life
  const isStoppedByDisk = phase === 'Paused' && isDiskFailing
  return { phase, isStoppedByDisk, pid: process.pid, guestAgentConnected: agentConnected, startedAt }
}

interface Watch {
  readonly seed: MachineSeed
  readonly deps: MachineDeps
  readonly life: Life
  readonly socketPath: (name: string) => string
  readonly closing: AbortSignal
  readonly onAttached: () => void
}

/** Follows the process to its end: QMP while QEMU speaks, its process number while it does not. */
async function watchProcess(watch: Watch): Promise<void> {
  const { seed, deps, life, closing } = watch
  let pause = 2
  while (!closing.aborted && isProcessAlive(seed.process)) {
    const qmp = await connectQmp(qmpTarget(watch), closing).catch(() => undefined)
    if (qmp === undefined) {
      await deps.clock.sleep(pause, closing)
      pause = Math.min(pause * 1.5, watchMillis)
      continue
    }
    life.qmp = qmp
    await readStatus(watch, qmp).catch((error: unknown) =>
      deps.logger.warn('QEMU did not tell its status', { id: seed.id, error: String(error) }),
    )
    watch.onAttached()
    await qmp.closed
    life.qmp = undefined
    // A socket is closed a moment before its process is gone.
    if (!closing.aborted) await waitUntilGone(seed.process, watchMillis, deps.clock)
  }
  if (closing.aborted) return
  // Its number is free, and how it ended is known, once we as its parent have noticed.
  if (seed.ended !== undefined) await Promise.race([seed.ended, deps.clock.sleep(watchMillis, closing)])
  life.exit = life.cause ?? (await explainEnd(life, seed, deps.clock))
  await recordExit(life, seed, life.exit).catch((error: unknown) =>
    deps.logger.error('the end of a machine was not recorded', error, { id: seed.id }),
  )
  deps.onChange(seed.id)
}

/** Once: two writers of one file would take each other's unfinished copy away. */
const recordExit = (life: Life, seed: MachineSeed, exit: MachineExit): Promise<void> =>
  (life.recorded ??= writeWhole(seed.paths.exit, JSON.stringify(exit)))

const qmpTarget = (watch: Watch): Parameters<typeof connectQmp>[0] => ({
  path: watch.socketPath(runFiles.qmp),
  onEvent: (event) => onEvent(watch, event),
})

/** What happened while nobody listened. */
async function readStatus(watch: Watch, qmp: QmpClient): Promise<void> {
  const { life } = watch
  const status = textField(await qmp.execute('query-status'), 'status')
  const devices = await qmp.execute('query-chardev')
  const agent = (Array.isArray(devices) ? (devices as readonly unknown[]) : []).find(
    (each) => textField(each, 'label') === 'agent',
  )
  life.agentConnected = field(agent, 'frontend-open') === true
  if (status === 'shutdown') endAfterShutdown(watch, true)
  else {
    life.phase = isStopped(status) ? 'Paused' : 'Running'
    life.isDiskFailing = status === 'io-error'
    await forgetEarlierIntent(watch)
  }
  watch.deps.onChange(watch.seed.id)
}

/** The machine goes on: whoever still wants it to end asks again. Else its end would be explained by a wish of long ago. */
async function forgetEarlierIntent({ life, seed }: Watch): Promise<void> {
  if (life.isIntentOurs || life.intent === undefined) return
  life.intent = undefined
  await rm(seed.paths.intent, { force: true })
}

/** QEMU's RunStates in which the guest's processors stand still. */
const isStopped = (status: string | undefined): boolean =>
  status !== undefined && ['paused', 'io-error', 'internal-error', 'guest-panicked', 'suspended', 'watchdog'].includes(status)

function onEvent(watch: Watch, { event, data }: QmpEvent): void {
  const { life, deps, seed } = watch
  if (event === 'SHUTDOWN') return endAfterShutdown(watch, data['guest'] === true)
  // It comes before the STOP that it causes, and tells by itself only why.
  if (event === 'BLOCK_IO_ERROR') {
    life.isDiskFailing ||= data['action'] === 'stop'
    return
  }
  if (event === 'STOP') life.phase = 'Paused'
  else if (event === 'RESUME') Object.assign(life, { phase: 'Running', isDiskFailing: false } satisfies Partial<Life>)
  else if (event === 'VSERPORT_CHANGE') life.agentConnected = data['open'] === true
  else return
  // QEMU also stops after a shutdown; that is no pause.
  if (life.cause === undefined) deps.onChange(seed.id)
}

/** The guest is off, or QEMU was asked from outside to end. The reason is on disk before the process may go. */
function endAfterShutdown(watch: Watch, byGuest: boolean): void {
  const { life, seed, deps } = watch
  life.cause ??= shutdownReason(life.intent, byGuest)
  recordExit(life, seed, life.cause)
    .then(() => life.qmp?.execute('quit'))
    .catch((error: unknown) => {
      if (isWeirError(error, 'MACHINE_UNRESPONSIVE')) return
      deps.logger.error('a machine that was shut down could not be ended', error, { id: seed.id })
      signalProcess(seed.process, 'SIGTERM')
    })
}

function shutdownReason(intent: Intent | undefined, byGuest: boolean): MachineExit {
  if (intent === 'kill') return { reason: 'Killed', message: 'The machine was ended as asked.' }
  if (!byGuest) return { reason: 'Killed', message: 'QEMU was told to end by a signal from outside.' }
  return intent === 'powerDown'
    ? { reason: 'Stopped', message: 'The guest powered off as asked.' }
    : { reason: 'GuestShutdown', message: 'The guest shut itself down.' }
}

/** The reason of an end that QEMU did not announce. */
export async function explainEnd(
  known: { readonly intent: Intent | undefined },
  seed: Pick<MachineSeed, 'paths' | 'ended'>,
  clock: Clock,
): Promise<MachineExit> {
  if (known.intent === 'kill') return { reason: 'Killed', message: 'The machine was ended as asked.' }
  const how = seed.ended === undefined ? undefined : await Promise.race([seed.ended, clock.sleep(watchMillis)])
  const words = await lastWords(seed.paths)
  const ending = typeof how === 'string' ? ` with ${how}` : ''
  return { reason: 'Crashed', message: `QEMU ended${ending}${words === '' ? ' without a word' : `: ${words}`}`.slice(0, 1024) }
}

async function execute(life: Life, seed: MachineSeed, command: string): Promise<void> {
  if (life.exit !== undefined || life.cause !== undefined) {
    throw new WeirError('MACHINE_NOT_RUNNING', `Machine '${seed.id}' has ended; there is nothing to ${command}`)
  }
  if (life.qmp === undefined) throw new WeirError('MACHINE_UNRESPONSIVE', `QEMU of machine '${seed.id}' does not answer`)
  await life.qmp.execute(command)
}

async function remember(life: Life, seed: MachineSeed, intent: Intent): Promise<void> {
  if (life.exit !== undefined) return
  life.intent = intent
  life.isIntentOurs = true
  await writeWhole(seed.paths.intent, intent)
}

async function killMachine(life: Life, seed: MachineSeed, clock: Clock): Promise<void> {
  if (life.exit !== undefined) return
  await remember(life, seed, 'kill')
  // QEMU writes its image metadata back when it quits by itself.
  await life.qmp?.execute('quit', {}, quitMillis).catch(() => {})
  if (life.qmp !== undefined || !isProcessAlive(seed.process)) {
    if (await waitUntilGone(seed.process, quitMillis, clock)) return
  }
  signalProcess(seed.process, 'SIGKILL')
  if (!(await waitUntilGone(seed.process, quitMillis * 10, clock))) {
    throw new WeirError(
      'MACHINE_UNRESPONSIVE',
      `Process ${seed.process.pid} of machine '${seed.id}' does not end; the host may be stuck on storage`,
    )
  }
}

async function trimLog(path: string): Promise<void> {
  const log = await open(path, constants.O_RDWR | constants.O_NOFOLLOW).catch(() => undefined)
  if (log === undefined) return
  try {
    if ((await log.stat()).size > maxLogBytes) await log.truncate(0)
  } finally {
    await log.close()
  }
}

const field = (value: unknown, name: string): unknown =>
  typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>)[name] : undefined

const textField = (value: unknown, name: string): string | undefined => {
  const found = field(value, name)
  return typeof found === 'string' ? found : undefined
}
