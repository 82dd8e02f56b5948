import { mkdir } from 'node:fs/promises'
import { setTimeout as pause } from 'node:timers/promises'

import { type Clock, type Logger, WeirError } from '@weir/base'

import { type Accelerator, runFiles } from './argv.ts'
import { connected } from './console-broker.ts'
import { fetchGuestInfo } from './guest-agent.ts'
import { launchMachine, type LaunchOptions } from './launch.ts'
import type { Machines, MachineSpec, MachineState, MachineStream } from './machine.ts'
import {
  lastWords,
  loadMachine,
  loadMachineIds,
  type MachineExit,
  machinePaths,
  type MachinePaths,
  removeMachineFiles,
  type SavedMachine,
  writeWhole,
} from './machine-files.ts'
import { attachMachine, explainEnd, type QemuMachine } from './qemu-machine.ts'
import { isProcessAlive, type ProcessRecord, signalProcess, startTime, waitUntilGone } from './process-record.ts'
import { createTurns } from './turns.ts'

/** Where and with what machines run. One `directory` belongs to one running `Machines` at a time. */
export interface QemuMachinesDeps {
  /** State directory of the machines of one host; made if missing. */
  readonly directory: string
  readonly clock: Clock
  readonly logger: Logger
  /** The verdict of `probeKvm`. */
  readonly accelerator: Accelerator
  /** The group that opens the KVM device to guests, as `probeKvm` found; none if absent. */
  readonly kvmGroupId?: number
  /** Name or path of QEMU; `qemu-system-x86_64` unless given. */
  readonly qemu?: string
  /** `/usr/share/OVMF` unless given. */
  readonly firmwareDirectory?: string
}

type Entry = { readonly kind: 'attached'; readonly machine: QemuMachine } | { readonly kind: 'ended'; readonly exit: MachineExit }

const startMillis = 30_000
const adoptMillis = 3000
const agentMillis = 1000
const trimMillis = 60_000

interface Collection {
  readonly deps: QemuMachinesDeps
  readonly entries: Map<string, Entry>
  readonly notify: (id: string) => void
}

/**
 * The machines of one host as QEMU processes (see `Machines`). A machine has one life: `ensure` after its end changes
 * nothing until `remove`. Calls for one id wait for each other, calls for different ids do not.
 */
export function createQemuMachines(deps: QemuMachinesDeps): Machines {
  const listeners = new Set<(id: string) => void>()
  const notify = (id: string): void => listeners.forEach((listener) => listener(id))
  const all: Collection = { deps, entries: new Map(), notify }
  const turns = createTurns()
  const closing = new AbortController()
  void trimLogs(all, closing.signal)
  let lastSync = 0
  return {
    adopt: () => adoptAll(all),
    ensure: (spec, signal) => turns.take(spec.id, () => ensureMachine(all, spec, signal)),
    state: (id) => stateOf(all.entries.get(id)),
    list: () => [...all.entries.keys()],
    pause: async (id) => running(all, id).execute('stop'),
    unpause: async (id) => running(all, id).execute('cont'),
    powerDown: async (id) => running(all, id).powerDown(),
    kill: (id) => turns.take(id, () => killMachine(all, id)),
    remove: (id) => turns.take(id, () => removeMachine(all, id)),
    async guestInfo(id) {
      const machine = running(all, id)
      const path = machine.socketPath(runFiles.agent)
      return turns.take(`agent/${id}`, () => fetchGuestInfo(path, (lastSync = (lastSync % 1_000_000) + 1), agentMillis))
    },
    console: async (id) => running(all, id).console.open(),
    vnc: async (id) => openVnc(running(all, id)),
    onChange(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    async close() {
      closing.abort()
      await Promise.all(
        [...all.entries.values()].map(async (entry) => {
          if (entry.kind === 'attached') await entry.machine.close()
        }),
      )
    },
  }
}

function stateOf(entry: Entry | undefined): MachineState | undefined {
  if (entry === undefined) return undefined
  return entry.kind === 'attached' ? entry.machine.state() : { phase: 'Exited', ...entry.exit }
}

function running(all: Collection, id: string): QemuMachine {
  const entry = all.entries.get(id)
  if (entry?.kind === 'attached' && entry.machine.state().phase !== 'Exited') return entry.machine
  throw new WeirError('MACHINE_NOT_RUNNING', `Machine '${id}' does not run on this host`)
}

async function adoptAll(all: Collection): Promise<readonly string[]> {
  await mkdir(all.deps.directory, { recursive: true })
  const ids = await loadMachineIds(all.deps.directory)
  // One machine that cannot be read must not hide the others.
  const adopt = (id: string): Promise<void> =>
    adoptMachine(all, id).catch((error: unknown) => all.deps.logger.error('a machine could not be adopted', error, { id }))
  await Promise.all(ids.map(adopt))
  return [...all.entries.keys()]
}

/** What an earlier run left of a machine: a process, the trace of one, or a beginning that never came to a process. */
async function adoptMachine(all: Collection, id: string): Promise<void> {
  if (all.entries.has(id)) return
  const paths = machinePaths(all.deps.directory, id)
  const saved = await loadMachine(paths)
  if (saved.process !== undefined && isProcessAlive(saved.process))
    return attach(all, { id, paths, saved, process: saved.process })
  if (saved.process === undefined || saved.spec === undefined) return removeMachineFiles(paths)
  const exit = saved.exit ?? (await explainEnd({ intent: saved.intent }, { paths }, all.deps.clock))
  await writeWhole(paths.exit, JSON.stringify(exit))
  all.entries.set(id, { kind: 'ended', exit })
}

interface Found {
  readonly id: string
  readonly paths: MachinePaths
  readonly saved: SavedMachine
  readonly process: ProcessRecord
}

async function attach(all: Collection, { id, paths, saved, process }: Found): Promise<void> {
  const seed = {
    id,
    paths,
    process,
    startedAt: startTime(process),
    ...(saved.intent === undefined ? {} : { intent: saved.intent }),
  }
  const machine = await attachMachine(seed, { ...all.deps, onChange: all.notify }, AbortSignal.timeout(adoptMillis))
  all.entries.set(id, { kind: 'attached', machine })
}

async function ensureMachine(all: Collection, spec: MachineSpec, signal: AbortSignal): Promise<void> {
  signal.throwIfAborted()
  const paths = machinePaths(all.deps.directory, spec.id)
  if (!all.entries.has(spec.id)) await adoptMachine(all, spec.id)
  if (all.entries.has(spec.id)) return
  try {
    await startMachine(all, spec, { paths, signal })
  } catch (error) {
    await discard(all, paths)
    throw error
  }
  all.notify(spec.id)
}

interface Start {
  readonly paths: MachinePaths
  readonly signal: AbortSignal
}

async function startMachine(all: Collection, spec: MachineSpec, { paths, signal }: Start): Promise<void> {
  const { deps } = all
  const options: LaunchOptions = {
    qemu: deps.qemu ?? 'qemu-system-x86_64',
    accelerator: deps.accelerator,
    firmwareDirectory: deps.firmwareDirectory ?? '/usr/share/OVMF',
    ...(deps.kvmGroupId === undefined ? {} : { kvmGroupId: deps.kvmGroupId }),
  }
  const { ended } = await launchMachine(spec, paths, options)
  const process = await recordedProcess(paths, ended)
  const limit = AbortSignal.any([signal, AbortSignal.timeout(startMillis)])
  if (process !== undefined) {
    const seed = { id: spec.id, paths, process, startedAt: startTime(process), ended }
    const machine = await attachMachine(seed, { ...deps, onChange: all.notify }, limit)
    if (machine.state().phase !== 'Exited' && !limit.aborted) {
      all.entries.set(spec.id, { kind: 'attached', machine })
      return
    }
    await machine.close()
  }
  signal.throwIfAborted()
  const words = await lastWords(paths)
  const why = words === '' ? `it said nothing and ${limit.aborted ? 'did not answer in time' : 'ended'}` : words
  throw new WeirError('MACHINE_START_FAILED', `QEMU did not start machine '${spec.namespace}/${spec.name}': ${why}`)
}

/** A shell takes a few milliseconds to its record. */
const lookMillis = 2

/** The record that the process writes of itself first; undefined if it ended without one. */
async function recordedProcess(paths: MachinePaths, ended: Promise<string>): Promise<ProcessRecord | undefined> {
  let over = false
  void ended.then(() => (over = true))
  while (true) {
    const last = over
    const saved = await loadMachine(paths)
    if (saved.process !== undefined || last) return saved.process
    await pause(lookMillis)
  }
}

/** Undoes a start that failed: nothing of it stays. */
async function discard(all: Collection, paths: MachinePaths): Promise<void> {
  const { process } = await loadMachine(paths)
  if (process !== undefined) {
    signalProcess(process, 'SIGKILL')
    await waitUntilGone(process, startMillis, all.deps.clock)
  }
  await removeMachineFiles(paths)
}

async function killMachine(all: Collection, id: string): Promise<void> {
  const entry = all.entries.get(id)
  if (entry?.kind === 'attached') await entry.machine.kill()
}

async function removeMachine(all: Collection, id: string): Promise<void> {
  const paths = machinePaths(all.deps.directory, id)
  if (!all.entries.has(id)) await adoptMachine(all, id)
  await killMachine(all, id)
  await removeMachineFiles(paths)
  if (all.entries.delete(id)) all.notify(id)
}

async function openVnc(machine: QemuMachine): Promise<MachineStream> {
  const socket = await connected(machine.socketPath(runFiles.vnc)).catch((error: unknown) => {
    throw new WeirError('MACHINE_UNRESPONSIVE', 'The screen of the machine cannot be reached', { cause: error })
  })
  socket.on('error', () => {})
  return {
    incoming: socket,
    write: (bytes) =>
      new Promise((resolve, reject) => {
        socket.write(bytes, (error) => (error instanceof Error ? reject(error) : resolve()))
      }),
    close: () => socket.destroy(),
  }
}

async function trimLogs(all: Collection, closing: AbortSignal): Promise<void> {
  while (!closing.aborted) {
    await all.deps.clock.sleep(trimMillis, closing)
    for (const entry of all.entries.values()) if (entry.kind === 'attached') await entry.machine.trimLog()
  }
}
