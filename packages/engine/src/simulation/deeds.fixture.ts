import { persistentVolumeClaim, type RunStrategy, virtualMachine, virtualMachineInstance } from '@weir/api'
import { isWeirError, WeirError } from '@weir/base'
import type { Fault } from '@weir/testkit'
import { type Arbitrary, boolean, constantFrom, integer, nat, oneof, record, constant, array, tuple } from 'fast-check'
import { pause, restart, start, stop, unpause, type Verb } from '../subresources/verbs.ts'
import { aClaim, aMachine, type DiskWish, type MachineWish } from './objects.fixture.ts'
import type { EngineWorld } from './world.fixture.ts'

/** Something that users, guests, networks or time do, or one move of the engine. */
export type Deed =
  | { readonly kind: 'create'; readonly wish: MachineWish }
  | { readonly kind: 'createClaim' | 'deleteClaim'; readonly name: string }
  | { readonly kind: 'delete'; readonly name: string; readonly what: 'machine' | 'instance' }
  | { readonly kind: 'strategy'; readonly name: string; readonly runStrategy: RunStrategy }
  | {
      readonly kind: 'verb'
      readonly name: string
      readonly verb: keyof typeof verbs
      readonly body: Readonly<Record<string, number>>
    }
  | { readonly kind: 'guest'; readonly index: number; readonly does: 'shutDown' | 'crash' }
  /** Runs pending keys, all at once; each of their requests waits for so many turns of the event loop. */
  | { readonly kind: 'run'; readonly index: number; readonly count: number; readonly delays: readonly number[] }
  | { readonly kind: 'sync'; readonly index: number }
  | { readonly kind: 'collect' }
  /** Rounds in which everybody does their work. */
  | { readonly kind: 'work'; readonly rounds: number }
  | { readonly kind: 'faults'; readonly faults: readonly Fault[] }
  | { readonly kind: 'crash'; readonly index: number; readonly requests: number; readonly isLost: boolean }
  | { readonly kind: 'advance'; readonly seconds: number }
  | { readonly kind: 'import'; readonly index: number; readonly isWell: boolean }
  | { readonly kind: 'silence'; readonly index: number; readonly isSilent: boolean }

const verbs = { start, stop, restart, pause, unpause } satisfies Readonly<Record<string, Verb>>
const names = ['a', 'b', 'c'] as const
const strategies = ['Always', 'RerunOnFailure', 'Once', 'Manual', 'Halted'] as const

const diskWish: Arbitrary<DiskWish> = oneof(
  {
    weight: 3,
    arbitrary: record({
      kind: constantFrom('blank' as const, 'http' as const, 'scratch' as const),
      name: constantFrom('root', 'data'),
    }),
  },
  constant({ kind: 'claim' as const, name: 'extra', claim: '' }),
)
/** Claims are of one machine each: two that write one disk would keep each other from starting, for ever. */
const claimOf = (machine: string): string => `claim-${machine}`
const machineWish: Arbitrary<MachineWish> = record({
  name: constantFrom(...names),
  runStrategy: constantFrom<RunStrategy>('Always', ...strategies, 'Always'),
  memory: constantFrom('1Gi', '1Gi', '2Gi', '2Gi', '64Gi'),
  disks: array(diskWish, { maxLength: 2 }).map((disks) =>
    disks.filter(({ name }, at) => disks.findIndex((each) => each.name === name) === at),
  ),
  graceSeconds: constantFrom(0, 30, 300),
  ports: constantFrom([], [22]),
}).map((wish) => ({
  ...wish,
  disks: wish.disks.map((disk) => (disk.kind === 'claim' ? { ...disk, claim: claimOf(wish.name) } : disk)),
}))

const userDeed: Arbitrary<Deed> = oneof(
  { weight: 4, arbitrary: record({ kind: constant('create' as const), wish: machineWish }) },
  {
    weight: 2,
    arbitrary: record({ kind: constantFrom('createClaim' as const, 'deleteClaim' as const), name: constantFrom(...names) }),
  },
  record({
    kind: constant('delete' as const),
    name: constantFrom(...names),
    what: constantFrom('machine' as const, 'instance' as const),
  }),
  record({ kind: constant('strategy' as const), name: constantFrom(...names), runStrategy: constantFrom(...strategies) }),
  record({
    kind: constant('verb' as const),
    name: constantFrom(...names),
    verb: constantFrom('start' as const, 'stop' as const, 'restart' as const, 'pause' as const, 'unpause' as const),
    body: constantFrom({}, { gracePeriod: 0 }),
  }),
)
const worldDeed: Arbitrary<Deed> = oneof(
  record({ kind: constant('import' as const), index: constant(0), isWell: constant(true) }),
  record({ kind: constant('guest' as const), index: nat(3), does: constantFrom('shutDown' as const, 'crash' as const) }),
  record({ kind: constant('collect' as const) }),
  record({
    kind: constant('faults' as const),
    faults: array(constantFrom<Fault>('pass', 'unreachable', 'lost', 'conflict', 'busy'), { minLength: 1, maxLength: 6 }),
  }),
  record({ kind: constant('crash' as const), index: nat(30), requests: nat(4), isLost: boolean() }),
  record({ kind: constant('advance' as const), seconds: constantFrom(1, 5, 15, 45, 400) }),
  record({ kind: constant('import' as const), index: nat(1), isWell: boolean() }),
  record({ kind: constant('silence' as const), index: nat(2), isSilent: boolean() }),
)
const runDeed: Arbitrary<Deed> = record({
  kind: constant('run' as const),
  index: nat(30),
  count: integer({ min: 1, max: 4 }),
  delays: array(nat(4), { maxLength: 12 }),
})
const engineDeed: Arbitrary<Deed> = oneof(
  { weight: 3, arbitrary: runDeed },
  { weight: 2, arbitrary: record({ kind: constant('sync' as const), index: nat(10) }) },
  { weight: 2, arbitrary: record({ kind: constant('work' as const), rounds: integer({ min: 1, max: 16 }) }) },
)

/** Deeds in the proportion in which something interesting comes of them. */
export const deed: Arbitrary<Deed> = oneof(
  { weight: 2, arbitrary: userDeed },
  { weight: 2, arbitrary: worldDeed },
  { weight: 6, arbitrary: engineDeed },
)

/** A data center at work: machines that are there, and as far as they have come. */
export const beginning: Arbitrary<readonly Deed[]> = tuple(
  array(record({ kind: constant('create' as const), wish: machineWish }), { minLength: 1, maxLength: 3 }),
  array(record({ kind: constant('createClaim' as const), name: constantFrom(...names) }), { maxLength: 2 }),
  integer({ min: 0, max: 16 }),
).map(([machines, claims, rounds]) => [...machines, ...claims, { kind: 'work', rounds }])

const sourceFailed = (): WeirError => new WeirError('VOLUME_SOURCE_FAILED', 'the source went away')

const pick = <T>(items: readonly T[], index: number): T | undefined => items[index % Math.max(1, items.length)]

const keyOf = (name: string) => ({ namespace: 'default', name })

type Doing<K extends Deed['kind']> = (world: EngineWorld, deed: Extract<Deed, { readonly kind: K }>) => Promise<unknown>

const doings: { readonly [K in Deed['kind']]: Doing<K> } = {
  create: ({ client }, { wish }) => client.create(virtualMachine, aMachine(wish)),
  createClaim: ({ client }, { name }) => client.create(persistentVolumeClaim, aClaim(claimOf(name))),
  deleteClaim: ({ client }, { name }) => client.delete(persistentVolumeClaim, keyOf(claimOf(name))),
  delete: ({ client }, { what, name }) =>
    client.delete(what === 'machine' ? virtualMachine : virtualMachineInstance, keyOf(name)),
  strategy: ({ client }, { name, runStrategy }) =>
    client.patch(virtualMachine, keyOf(name), { type: 'merge', body: { spec: { runStrategy } } }),
  verb: ({ client, machines }, { verb, name, body }) => verbs[verb]({ client, machines }, keyOf(name), body),
  guest: async ({ processes }, { index, does }) => {
    const spec = pick(processes.alive(), index)
    if (spec !== undefined) processes[does](spec.id)
  },
  run: (world, { index, count, delays }) => {
    const pending = world.loop.pending()
    world.delays.push(...delays)
    return world.run(...pending.slice(index % Math.max(1, pending.length)).slice(0, count))
  },
  sync: async ({ loop }, { index }) => {
    const kind = pick(loop.kinds(), index)
    if (kind !== undefined) await loop.sync(kind)
  },
  collect: ({ api }) => api.server.housekeeping.settle(),
  work: (world, { rounds }) => world.work(rounds),
  faults: async (world, { faults }) => void world.faults.push(...faults),
  crash: (world, { index, ...how }) => {
    const job = pick(world.loop.pending(), index)
    return job === undefined ? world.restart() : world.crashDuring(job, how)
  },
  advance: (world, { seconds }) => world.advance(seconds * 1000),
  import: async (world, { index, isWell }) => {
    if (index < world.imports().length) await world.finishImport(index, isWell ? undefined : sourceFailed())
  },
  silence: async ({ agents, silent }, { index, isSilent }) => {
    const host = pick(agents, index)?.host ?? ''
    if (isSilent) silent.add(host)
    else silent.delete(host)
  },
}

/** Does a deed; what the API refuses its users is no matter. */
export async function perform<K extends Deed['kind']>(
  world: EngineWorld,
  deed: Extract<Deed, { readonly kind: K }>,
): Promise<void> {
  try {
    await (doings[deed.kind] as Doing<K>)(world, deed)
  } catch (error) {
    if (!isWeirError(error) || !['NotFound', 'AlreadyExists', 'Conflict'].includes(error.family)) throw error
  }
}
