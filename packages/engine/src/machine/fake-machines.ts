import { WeirError } from '@weir/base'
import { createByteQueue } from './byte-queue.ts'
import type { MachineExit } from './machine-files.ts'
import type { Machines, MachineSpec, MachineState, MachineStream } from './machine.ts'
import { createTurns } from './turns.ts'

/** A process of the fake. */
interface FakeProcess {
  readonly spec: MachineSpec
  readonly pid: number
  phase: 'Running' | 'Paused'
  isStoppedByDisk: boolean
  exit: MachineExit | undefined
}

/** How one process came to its end by our own hand, while its guest still ran. */
interface FakeKill {
  readonly id: string
  readonly reason: 'Killed' | 'Removed'
}

/** What guests do when left alone, and what the world holds against a start. */
export interface FakeHabits {
  /** Whether the guest powers off when its power button is pressed. True if absent. */
  readonly obeys?: (spec: MachineSpec) => boolean
  /** QEMU's last words if it does not start; undefined if it does. */
  readonly refuses?: (spec: MachineSpec) => string | undefined
}

/**
 * The processes of an imagined machine. They outlive every `Machines` over them, as QEMU's do; what happens to them by
 * themselves is told here.
 */
export interface FakeProcessTable {
  /** Another `Machines` over the same processes, as after a restart: it knows nothing until it adopts. */
  open(): Machines
  /** The processes that run now. */
  alive(): readonly MachineSpec[]
  /** Everything of which there is a trace, by id. */
  traces(): readonly string[]
  /** The ends that were not the guest's own doing, in order. */
  kills(): readonly FakeKill[]
  /** The guest shuts itself down. */
  shutDown(id: string): void
  /** QEMU dies. */
  crash(id: string): void
  /** A write of the guest fails, as on a full disk: QEMU stops it until it is unpaused. */
  failDisk(id: string): void
  /** Takes away what is left of a machine, as somebody with a shell would. */
  forget(id: string): void
}

interface World {
  readonly processes: Map<string, FakeProcess>
  readonly kills: FakeKill[]
  readonly watchers: Set<(id: string) => void>
  readonly habits: FakeHabits
  lastPid: number
}

/** No processes. */
export function createFakeProcessTable(habits: FakeHabits = {}): FakeProcessTable {
  const world: World = { processes: new Map(), kills: [], watchers: new Set(), habits, lastPid: 1000 }
  return {
    open: () => openMachines(world),
    alive: () => [...world.processes.values()].flatMap(({ spec, exit }) => (exit === undefined ? spec : [])),
    traces: () => [...world.processes.keys()],
    kills: () => world.kills,
    shutDown: (id) => end(world, id, { reason: 'GuestShutdown', message: 'The guest shut itself down.' }),
    crash: (id) => end(world, id, { reason: 'Crashed', message: 'QEMU ended with signal SIGSEGV without a word' }),
    failDisk: (id) => stopByDisk(world, id),
    forget: (id) => void world.processes.delete(id),
  }
}

function end(world: World, id: string, exit: MachineExit): void {
  const process = world.processes.get(id)
  if (process === undefined || process.exit !== undefined) return
  process.exit = exit
  world.watchers.forEach((watch) => watch(id))
}

function stopByDisk(world: World, id: string): void {
  const process = world.processes.get(id)
  if (process === undefined || process.exit !== undefined) return
  Object.assign(process, { phase: 'Paused', isStoppedByDisk: true })
  world.watchers.forEach((watch) => watch(id))
}

function openMachines(world: World): Machines {
  /** What this handle has heard of. */
  const known = new Set<string>()
  const listeners = new Set<(id: string) => void>()
  const turns = createTurns()
  const tell = (id: string): void => {
    if (known.has(id)) listeners.forEach((listener) => listener(id))
  }
  world.watchers.add(tell)
  const adopt = (id: string): boolean => {
    if (world.processes.has(id)) known.add(id)
    return known.has(id) && world.processes.has(id)
  }
  const find = (id: string): FakeProcess | undefined => (known.has(id) ? world.processes.get(id) : undefined)
  const running = (id: string): FakeProcess => {
    const process = find(id)
    if (process === undefined || process.exit !== undefined)
      throw new WeirError('MACHINE_NOT_RUNNING', `Machine '${id}' does not run on this host`)
    return process
  }
  const setPhase = (id: string, phase: 'Running' | 'Paused'): void => {
    Object.assign(running(id), { phase, isStoppedByDisk: false })
    tell(id)
  }
  const kill = (id: string, reason: FakeKill['reason']): void => {
    if (find(id)?.exit !== undefined || find(id) === undefined) return
    world.kills.push({ id, reason })
    end(world, id, { reason: 'Killed', message: 'The machine was ended as asked.' })
  }
  return {
    adopt: async () => [...world.processes.keys()].filter(adopt),
    ensure: (spec, signal) =>
      turns.take(spec.id, async () => {
        signal.throwIfAborted()
        if (adopt(spec.id)) return
        start(world, spec)
        known.add(spec.id)
        tell(spec.id)
      }),
    state: (id) => stateOf(find(id)),
    list: () => [...known].filter((id) => world.processes.has(id)),
    pause: async (id) => setPhase(id, 'Paused'),
    unpause: async (id) => setPhase(id, 'Running'),
    powerDown: async (id) => {
      const { spec, phase } = running(id)
      if (phase === 'Running' && (world.habits.obeys?.(spec) ?? true))
        end(world, id, { reason: 'Stopped', message: 'The guest powered off as asked.' })
    },
    kill: (id) => turns.take(id, async () => kill(id, 'Killed')),
    remove: (id) =>
      turns.take(id, async () => {
        adopt(id)
        kill(id, 'Removed')
        world.processes.delete(id)
        tell(id)
        known.delete(id)
      }),
    guestInfo: async (id) => ({ hostname: running(id).spec.name, osName: 'Imaginary Linux', addresses: ['10.0.2.15'] }),
    console: async (id) => talk(`console of ${running(id).spec.name}\r\n`),
    vnc: async (id) => {
      running(id)
      return talk('RFB 003.008\n')
    },
    onChange: (listener) => {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
    close: async () => {
      world.watchers.delete(tell)
      listeners.clear()
      known.clear()
    },
  }
}

/** @throws MACHINE_START_FAILED if a disk is taken, as QEMU's image locks have it, or if the world refuses. */
function start(world: World, spec: MachineSpec): void {
  const writable = (of: MachineSpec): readonly string[] => of.disks.flatMap(({ readOnly, path }) => (readOnly ? [] : path))
  const taken = [...world.processes.values()].find(
    ({ exit, spec: other }) => exit === undefined && writable(other).some((path) => writable(spec).includes(path)),
  )
  const words =
    taken === undefined ? world.habits.refuses?.(spec) : 'Failed to get "write" lock; Is another process using the image?'
  if (words !== undefined)
    throw new WeirError('MACHINE_START_FAILED', `QEMU did not start machine '${spec.namespace}/${spec.name}': ${words}`)
  world.processes.set(spec.id, { spec, pid: ++world.lastPid, phase: 'Running', isStoppedByDisk: false, exit: undefined })
}

function stateOf(process: FakeProcess | undefined): MachineState | undefined {
  if (process === undefined) return undefined
  if (process.exit !== undefined) return { phase: 'Exited', ...process.exit }
  const { phase, isStoppedByDisk, pid, spec } = process
  return { phase, isStoppedByDisk, pid, guestAgentConnected: spec.guestAgent, startedAt: '2026-01-01T00:00:00Z' }
}

/** A conversation that greets and says everything back. */
function talk(greeting: string): MachineStream {
  const queue = createByteQueue(1 << 16, () => {})
  queue.push(Buffer.from(greeting))
  return { incoming: queue.incoming, write: async (bytes) => queue.push(bytes), close: () => queue.end() }
}
