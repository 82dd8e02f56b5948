import { configMap } from '@weir/api'
import { isWeirError, silentLogger, WeirError } from '@weir/base'
import { createWorld, type Mishap, type Process, type World } from '@weir/testkit'
import { type Arbitrary, array, assert, asyncProperty, check, constantFrom, integer, oneof, record } from 'fast-check'
import { describe, expect, it } from 'vitest'
import { cleanedUp, createManager, getCondition, isConditionTrue } from '../index.ts'
import { aPool, memberNames, type Outside, type Pool, pool, poolFinalizer } from './pool.ts'
import { mistakes } from './mistakes.ts'
import { poolController, poolParts } from './pool-controller.ts'

/** No room is ever given for this size: a step that fails for good, while the others must not suffer. */
const impossibleSize = 4
const usersFinalizer = 'users.example/keep'

/** What happens in a story. Users write without mishaps; the program meets them. */
type Deed =
  | { readonly kind: 'write'; readonly name: string; readonly size: number; readonly text: string }
  | { readonly kind: 'delete' | 'keep' | 'unkeep'; readonly name: string }
  | { readonly kind: 'spoil' | 'remove'; readonly name: string; readonly member: number }
  | { readonly kind: 'wait'; readonly millis: number }
  | { readonly kind: 'strike'; readonly mishaps: readonly Mishap[] }
  | { readonly kind: 'restart' | 'lag' | 'catchUp' | 'compact' | 'cut' }

const name = constantFrom('a', 'b')
const mishaps = ['unreachable', 'lost', 'cut', 'conflict', 'busy', 'crash', 'crashAfter'] as const
const mishap = constantFrom<Mishap>('pass', ...mishaps)
const weighed = <T>(weight: number, arbitrary: Arbitrary<T>) => ({ weight, arbitrary })
const deed: Arbitrary<Deed> = oneof(
  weighed(
    4,
    record({
      kind: constantFrom('write' as const),
      name,
      size: integer({ min: 0, max: impossibleSize }),
      text: constantFrom('x', 'y'),
    }),
  ),
  weighed(3, record({ kind: constantFrom('delete' as const, 'keep' as const, 'unkeep' as const), name })),
  weighed(2, record({ kind: constantFrom('spoil' as const, 'remove' as const), name, member: integer({ min: 0, max: 2 }) })),
  weighed(4, record({ kind: constantFrom('strike' as const), mishaps: array(mishap, { minLength: 1, maxLength: 8 }) })),
  weighed(4, record({ kind: constantFrom('wait' as const), millis: constantFrom(0, 0, 60, 400, 3000, 61_000) })),
  weighed(
    3,
    record({
      kind: constantFrom<'restart' | 'lag' | 'catchUp' | 'compact' | 'cut'>('restart', 'lag', 'catchUp', 'compact', 'cut'),
    }),
  ),
)

/** A story under way. */
interface Scene {
  readonly world: World
  /** Room by the uid of the Pool that it was given to. */
  readonly rooms: Map<string, number>
  /** The uids of Pools that users hold back. */
  readonly kept: Set<string>
  /** Rules that were seen broken on the way. */
  readonly violations: string[]
}

async function createScene(seed: number, mistake?: string): Promise<Scene> {
  const rooms = new Map<string, number>()
  const violations: string[] = []
  const outside: Outside = {
    roomOf: (id) => Promise.resolve(rooms.get(id)),
    setRoom: async (id, size) => {
      if (storedPool(world, id)?.metadata.finalizers?.includes(poolFinalizer) !== true)
        violations.push(`room was made for a Pool that nothing holds`)
      if (size === impossibleSize) throw new WeirError('VOLUME_NO_SPACE', `there is no room for ${size}`)
      rooms.set(id, size)
    },
    release: async (id) => void rooms.delete(id),
  }
  const program = async ({ client, clock, random, signal, carry }: Process): Promise<void> => {
    const carried = { roomOf: carry(outside.roomOf), setRoom: carry(outside.setRoom), release: carry(outside.release) }
    const manager = createManager({
      client,
      clock,
      random,
      logger: silentLogger,
      controllers: (context) => {
        const deps = { context, clock, outside: carried }
        const parts = poolParts(deps)
        return [poolController(deps, { ...parts, ...mistakes[mistake ?? '']?.(parts, deps) })]
      },
    })
    await manager.run(signal)
  }
  const world = await createWorld({ program, kinds: [pool], seed })
  return { world, rooms, kept: new Set(), violations }
}

/** As the server has it now; a request would see a later state. */
const storedPool = (world: World, uid: string): Pool | undefined =>
  world.api.log
    .list({ prefix: '' })
    .entries.filter(({ value }) => value.includes(uid))
    .map(({ value }) => JSON.parse(value) as Pool)
    .find(({ kind, metadata }) => kind === pool.kind && metadata.uid === uid)

const findPool = async ({ world }: Scene, poolName: string): Promise<Pool | undefined> =>
  await world.users.get(pool, { namespace: 'default', name: poolName }).catch(() => undefined)

async function write(scene: Scene, { name, size, text }: Extract<Deed, { kind: 'write' }>): Promise<void> {
  const { users } = scene.world
  const spec = { size, text }
  const found = await findPool(scene, name)
  if (found === undefined) await users.create(pool, aPool(name, spec))
  else await users.patch(pool, found.metadata, { type: 'merge', body: { spec } }).catch(ignoreMissing)
}

async function hold(scene: Scene, poolName: string, isHeld: boolean): Promise<void> {
  const { metadata } = (await findPool(scene, poolName)) ?? {}
  if (metadata === undefined || (isHeld && metadata.deletionTimestamp !== undefined)) return
  const others = (metadata.finalizers ?? []).filter((each) => each !== usersFinalizer)
  const { uid = '', resourceVersion } = metadata
  const body = { metadata: { uid, resourceVersion, finalizers: isHeld ? [...others, usersFinalizer] : others } }
  try {
    await scene.world.users.patch(pool, metadata, { type: 'merge', body })
  } catch (error) {
    if (isWeirError(error, 'API_CONFLICT')) return await hold(scene, poolName, isHeld)
    return ignoreMissing(error)
  }
  if (isHeld) scene.kept.add(uid)
  else scene.kept.delete(uid)
}

const ignoreMissing = (error: unknown): void => {
  if (!isWeirError(error, 'API_NOT_FOUND')) throw error
}

async function perform(scene: Scene, deed: Deed): Promise<void> {
  const { world } = scene
  const { users } = world
  switch (deed.kind) {
    case 'write':
      return await write(scene, deed)
    case 'delete':
      return await users.delete(pool, { namespace: 'default', name: deed.name }).catch(ignoreMissing)
    case 'keep':
    case 'unkeep':
      return await hold(scene, deed.name, deed.kind === 'keep')
    case 'spoil': {
      const body = { data: { text: 'spoilt' } }
      const key = { namespace: 'default', name: `${deed.name}-${deed.member}` }
      return void (await users.patch(configMap, key, { type: 'merge', body }).catch(ignoreMissing))
    }
    case 'remove':
      return await users.delete(configMap, { namespace: 'default', name: `${deed.name}-${deed.member}` }).catch(ignoreMissing)
    case 'wait':
      return await world.clock.advance(deed.millis)
    case 'strike':
      return world.strike(deed.mishaps)
    case 'restart':
      return world.restart()
    case 'lag':
      return world.gate.close()
    case 'catchUp':
      return world.gate.open()
    case 'cut':
      return world.gate.cut()
    case 'compact':
      return await world.api.log.compact(world.api.log.head())
  }
}

/** What there is, and what there should be by what users wrote alone. */
async function compare({ world, rooms, kept, violations }: Scene): Promise<{ readonly found: object; readonly wanted: object }> {
  const pools = (await world.users.list(pool)).items
  const members = (await world.users.list(configMap)).items.filter(
    ({ metadata }) => metadata.ownerReferences?.[0]?.kind === 'Pool',
  )
  const alive = pools.filter(({ metadata }) => metadata.deletionTimestamp === undefined)
  const doable = alive.filter(({ spec }) => spec.size !== impossibleSize)
  const doableUids = new Set(doable.map(({ metadata }) => metadata.uid))
  const pickRooms = (entries: Iterable<readonly [string | undefined, number]>) =>
    Object.fromEntries([...entries].filter(([uid]) => !alive.some(({ metadata }) => metadata.uid === uid) || doableUids.has(uid)))
  return {
    found: {
      violations,
      // One that was deleted before it was ever held has no status: nothing was there to be cleaned up.
      pools: pools.map(({ metadata, status }) => {
        const ready = getCondition(status?.conditions, 'MembersReady')
        return {
          finalizers: (metadata.finalizers ?? []).toSorted(),
          ...(metadata.deletionTimestamp === undefined
            ? { members: status?.members, ready: [ready?.status, ready?.observedGeneration] }
            : { isCleaned: status?.conditions === undefined || isConditionTrue(status.conditions, cleanedUp) }),
        }
      }),
      members: Object.fromEntries(
        members.map(({ metadata, data }) => [`${metadata.name} of ${metadata.ownerReferences?.[0]?.uid}`, data]),
      ),
      rooms: pickRooms(rooms),
    },
    wanted: {
      violations: [],
      pools: pools.map(({ metadata, spec }) => {
        const users = kept.has(metadata.uid ?? '') ? [usersFinalizer] : []
        return metadata.deletionTimestamp === undefined
          ? { finalizers: [poolFinalizer, ...users].toSorted(), members: spec.size, ready: ['True', metadata.generation] }
          : { finalizers: users, isCleaned: true }
      }),
      members: Object.fromEntries(
        alive.flatMap((each) =>
          memberNames(each).map((member) => [`${member} of ${each.metadata.uid}`, { text: each.spec.text }]),
        ),
      ),
      rooms: pickRooms(doable.map(({ metadata, spec }) => [metadata.uid, spec.size])),
    },
  }
}

/** Longer than any backoff. */
const calmMillis = 120_000

/**
 * Tells the story, lets the world calm down, and asks for the final state; then the program starts anew and must find nothing
 * to do. Returns how many requests the story took.
 */
async function tell(
  deeds: readonly Deed[],
  { seed, mistake }: { readonly seed: number; readonly mistake?: string },
): Promise<number> {
  const scene = await createScene(seed, mistake)
  const { world } = scene
  try {
    world.restart()
    for (const each of deeds) await perform(scene, each)
    await world.calm(calmMillis)
    const { found, wanted } = await compare(scene)
    expect(found).toEqual(wanted)
    const requestCount = world.requests()
    const head = world.api.log.head()
    world.restart()
    await world.calm(1000)
    expect(world.api.log.head()).toBe(head)
    return requestCount
  } finally {
    await world.end()
  }
}

/** A life: made, changed, robbed, deleted; each time the controller has done its work. */
const life: readonly Deed[] = [
  { kind: 'write', name: 'a', size: 2, text: 'x' },
  { kind: 'wait', millis: 1000 },
  { kind: 'write', name: 'a', size: 1, text: 'y' },
  { kind: 'wait', millis: 1000 },
  { kind: 'remove', name: 'a', member: 0 },
  { kind: 'wait', millis: 1000 },
  { kind: 'delete', name: 'a' },
]

it.each(mishaps)('comes to the same state if any one request meets: %s', async (mishap) => {
  for (let before = 0, requestCount = 1; before < requestCount; before++) {
    const strike: Deed = { kind: 'strike', mishaps: [...Array.from({ length: before }, () => 'pass' as const), mishap] }
    requestCount = await tell([strike, ...life], { seed: before })
  }
})

describe('comes to the state that users asked for, though the caches lag while they', () => {
  const deeds: readonly Deed[] = [
    { kind: 'write', name: 'a', size: 1, text: 'x' },
    { kind: 'write', name: 'a', size: 2, text: 'y' },
    { kind: 'keep', name: 'a' },
    { kind: 'unkeep', name: 'a' },
    { kind: 'delete', name: 'a' },
    { kind: 'remove', name: 'a', member: 0 },
  ]
  const [made] = deeds
  const told = ({ kind, ...more }: Deed): string => [kind, ...Object.values(more)].join(' ')
  it.each(deeds.flatMap((first) => deeds.map((second) => [told(first), told(second), first, second] as const)))(
    '%s, %s',
    async (_first, _second, first, second) => {
      if (made === undefined) return
      const lag: Deed = { kind: 'lag' }
      const pause: Deed = { kind: 'wait', millis: 100 }
      const catchUp: Deed = { kind: 'catchUp' }
      const keep: Deed = { kind: 'keep', name: 'a' }
      for (const before of [[], [made], [made, keep]]) {
        await tell([...before, pause, lag, first, second, catchUp], { seed: 1 })
        await tell([...before, pause, lag, first, second, { kind: 'compact' }, { kind: 'cut' }, catchUp], { seed: 1 })
      }
    },
  )
})

const stories = (minLength: number, mistake?: string) =>
  asyncProperty(array(deed, { minLength, maxLength: 25 }), integer(), async (deeds, seed) => {
    await tell(deeds, { seed, ...(mistake === undefined ? {} : { mistake }) })
  })

it('comes to the state that users asked for, whatever happens on the way', { timeout: 600_000 }, async () => {
  await assert(stories(1), { numRuns: process.env['WEIR_TEST_ALL'] === '1' ? 2000 : 60 })
})

describe('notices a controller that', { timeout: 120_000 }, () => {
  it.each(Object.keys(mistakes))('%s', async (mistake) => {
    const { errorInstance } = await check(stories(10, mistake), { numRuns: 200, endOnFailure: true, seed: 5 })
    expect(errorInstance).toMatchObject({ name: 'AssertionError' })
  })
})
