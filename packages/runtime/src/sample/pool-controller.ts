import { type ConfigMap, configMap } from '@weir/api'
import { type Clock, isWeirError } from '@weir/base'
import type { CacheReader, Client } from '@weir/client'
import {
  cleanedUp,
  concludeDeletion,
  concludeRun,
  type Controller,
  createObjectWriter,
  defineWatch,
  type ManagerContext,
  type Outcome,
  runSteps,
  type Step,
  toOwner,
} from '../index.ts'
import { memberNames, memberOf, type Outside, type Pool, pool, poolFinalizer, type PoolStatus } from './pool.ts'

/** Ways in which people write such a controller wrong. Tests of convergence must notice each. */
export const mistakes = [
  'acts before the finalizer',
  'lets go before it has cleaned up',
  'gives members new names each time',
  'tells no status when a step fails',
  'remembers what it made instead of looking',
  'does not watch its members',
  'takes an error of one member for the end',
] as const

/** One of `mistakes`. */
export type Mistake = (typeof mistakes)[number]

/** What the sample stands on. */
export interface PoolDeps {
  readonly context: ManagerContext
  readonly clock: Clock
  readonly outside: Outside
  readonly mistake?: Mistake | undefined
}

type PoolStep = Step<Pool, PoolStatus>

const ownerIndex = 'owner'
const wait = { kind: 'Wait' } as const

/** A controller as one should be written, from the parts of this package alone; and wrong, if a `mistake` is asked for. */
export function poolController(deps: PoolDeps): Controller {
  const { context, clock, outside, mistake } = deps
  const { client, cacheOf } = context
  const pools = cacheOf(pool)
  const members = cacheOf(configMap)
  members.addIndex(ownerIndex, ({ metadata }) => (metadata.ownerReferences ?? []).map(({ uid }) => uid))
  const writer = createObjectWriter({ client, clock, kind: pool, finalizer: poolFinalizer })
  const made = new Set<string>()
  const steps = [
    mistake?.startsWith('remembers') === true ? fromMemory(deps, made) : fillMembers(deps, members),
    makeRoom(outside),
  ]
  const cleanUp = [mistake === 'lets go before it has cleaned up' ? pretend : clear({ client, members, outside })]
  return {
    name: 'pool',
    kind: pool,
    watches: mistake === 'does not watch its members' ? [] : [defineWatch({ kind: configMap, map: toOwner(pool) })],
    reconcile: async (key, signal) => {
      const object = pools.get(key)
      if (object === undefined) return wait
      if (object.metadata.deletionTimestamp !== undefined) {
        // Let go once already: what holds it now is somebody else's.
        if (object.metadata.finalizers?.includes(poolFinalizer) !== true) return wait
        return await concludeDeletion({ writer, object, run: await runSteps(cleanUp, object, signal) }, signal)
      }
      if (mistake === 'acts before the finalizer') await runSteps(steps, object, signal)
      if (await writer.ensureFinalizer(object, signal)) return wait
      const run = await runSteps(steps, object, signal)
      if (mistake === 'tells no status when a step fails' && run.errors.length > 0) throw new AggregateError(run.errors)
      return await concludeRun({ writer, object, run }, signal)
    },
  }
}

/** What of the members is not as it is to be. */
const differences = (object: Pool, owned: readonly ConfigMap[]) => {
  const wanted = memberNames(object)
  const found = new Map(owned.map((member) => [member.metadata.name, member]))
  return {
    missing: wanted.filter((name) => !found.has(name)),
    wrong: owned.filter(({ metadata, data }) => wanted.includes(metadata.name) && data?.['text'] !== object.spec.text),
    surplus: owned.filter(({ metadata }) => !wanted.includes(metadata.name)),
  }
}

const fillMembers =
  ({ context: { client }, mistake }: PoolDeps, members: CacheReader<ConfigMap>): PoolStep =>
  async (object, signal) => {
    const owned = members.byIndex(ownerIndex, object.metadata.uid ?? '')
    const { missing, wrong, surplus } = differences(object, owned)
    const suffix = mistake === 'gives members new names each time' ? `-x${String(object.metadata.resourceVersion)}` : ''
    for (const name of missing.slice(0, mistake?.startsWith('gives') === true ? object.spec.size - owned.length : undefined)) {
      try {
        await client.create(configMap, memberOf(object, `${name}${suffix}`), signal)
      } catch (error) {
        if (mistake !== 'takes an error of one member for the end') throw error
        return told('True', object.spec.size)
      }
    }
    for (const { metadata } of wrong) {
      const { uid, resourceVersion } = metadata
      const body = { metadata: { uid, resourceVersion }, data: { text: object.spec.text } }
      await client.patch(configMap, metadata, { type: 'merge', body }, signal)
    }
    if (mistake !== 'gives members new names each time') for (const member of surplus) await remove(client, member, signal)
    return told(missing.length + wrong.length + surplus.length === 0 ? 'True' : 'False', owned.length)
  }

const told = (status: 'True' | 'False', count: number): Outcome<PoolStatus> => ({
  conditions: [{ type: 'MembersReady', status, reason: status === 'True' ? 'AllThere' : 'Changing', message: '' }],
  status: { members: count },
  next: wait,
})

const fromMemory =
  ({ context: { client } }: PoolDeps, made: Set<string>): PoolStep =>
  async (object, signal) => {
    for (const name of memberNames(object)) {
      if (made.has(`${object.metadata.uid}/${name}`)) continue
      made.add(`${object.metadata.uid}/${name}`)
      await client.create(configMap, memberOf(object, name), signal)
    }
    return told('True', object.spec.size)
  }

const makeRoom =
  (outside: Outside): PoolStep =>
  async ({ metadata: { uid = '' }, spec }) => {
    if ((await outside.roomOf(uid)) !== spec.size) await outside.setRoom(uid, spec.size)
    return { conditions: [{ type: 'RoomMade', status: 'True', reason: 'AsAsked', message: '' }], next: wait }
  }

interface Clearing {
  readonly client: Client
  readonly members: CacheReader<ConfigMap>
  readonly outside: Outside
}

const clear =
  ({ client, members, outside }: Clearing): PoolStep =>
  async ({ metadata: { uid = '' } }, signal) => {
    const left = members.byIndex(ownerIndex, uid)
    for (const member of left) await remove(client, member, signal)
    await outside.release(uid)
    return {
      conditions: [
        left.length === 0
          ? { type: cleanedUp, status: 'True', reason: 'NothingLeft', message: '' }
          : { type: cleanedUp, status: 'False', reason: 'MembersLeft', message: `${left.length} members are being deleted.` },
      ],
      next: wait,
    }
  }

const pretend: PoolStep = () =>
  Promise.resolve({ conditions: [{ type: cleanedUp, status: 'True', reason: 'NothingLeft', message: '' }], next: wait })

async function remove(client: Client, { metadata }: ConfigMap, signal: AbortSignal): Promise<void> {
  try {
    await client.delete(configMap, metadata, { ...(metadata.uid === undefined ? {} : { uid: metadata.uid }), signal })
  } catch (error) {
    if (!isWeirError(error, 'API_NOT_FOUND')) throw error
  }
}
