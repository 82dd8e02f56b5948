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
  type Next,
  type ObjectWriter,
  type Outcome,
  type Run,
  runSteps,
  type Step,
  toOwner,
} from '../index.ts'
import { memberNames, memberOf, type Outside, type Pool, pool, poolFinalizer, type PoolStatus } from './pool.ts'

/** What the sample stands on. */
export interface PoolDeps {
  readonly context: ManagerContext
  readonly clock: Clock
  readonly outside: Outside
}

export type PoolStep = Step<Pool, PoolStatus>

/** What the sample is put together from. */
export interface PoolParts {
  readonly writer: ObjectWriter<Pool>
  /** True: return. */
  readonly hold: (object: Pool, signal: AbortSignal) => Promise<boolean>
  readonly steps: readonly PoolStep[]
  readonly cleanUp: readonly PoolStep[]
  readonly conclude: (object: Pool, run: Run<PoolStatus>, signal: AbortSignal) => Promise<Next>
  readonly watches: Controller['watches']
}

const ownerIndex = 'owner'
const wait = { kind: 'Wait' } as const

/** The parts of a controller as one should be written. */
export function poolParts({ context, clock, outside }: PoolDeps): PoolParts {
  const { client, cacheOf } = context
  const members = cacheOf(configMap)
  members.addIndex(ownerIndex, ({ metadata }) => (metadata.ownerReferences ?? []).map(({ uid }) => uid))
  const writer = createObjectWriter({ client, clock, kind: pool, finalizer: poolFinalizer })
  return {
    writer,
    hold: (object, signal) => writer.ensureFinalizer(object, signal),
    steps: [fillMembers(client, members), makeRoom(outside)],
    cleanUp: [clear({ client, members, outside })],
    conclude: (object, run, signal) => concludeRun({ writer, object, run }, signal),
    watches: [defineWatch({ kind: configMap, map: toOwner(pool) })],
  }
}

/** A controller of Pools, from the parts of this package alone. */
export function poolController(deps: PoolDeps, parts: PoolParts = poolParts(deps)): Controller {
  const pools = deps.context.cacheOf(pool)
  const { writer, hold, steps, cleanUp, conclude, watches } = parts
  return {
    name: 'pool',
    kind: pool,
    watches,
    reconcile: async (key, signal) => {
      const object = pools.get(key)
      if (object === undefined) return wait
      if (object.metadata.deletionTimestamp !== undefined) {
        // Let go once already, or never held: what holds it now is somebody else's.
        if (object.metadata.finalizers?.includes(poolFinalizer) !== true) return wait
        return await concludeDeletion({ writer, object, run: await runSteps(cleanUp, object, signal) }, signal)
      }
      if (await hold(object, signal)) return wait
      return await conclude(object, await runSteps(steps, object, signal), signal)
    },
  }
}

/** What of the members is not as it is to be. */
const differences = (object: Pool, owned: readonly ConfigMap[]) => {
  const wanted = memberNames(object)
  const found = new Set(owned.map(({ metadata }) => metadata.name))
  return {
    missing: wanted.filter((name) => !found.has(name)),
    wrong: owned.filter(({ metadata, data }) => wanted.includes(metadata.name) && data?.['text'] !== object.spec.text),
    surplus: owned.filter(({ metadata }) => !wanted.includes(metadata.name)),
  }
}

const fillMembers =
  (client: Client, members: CacheReader<ConfigMap>): PoolStep =>
  async (object, signal) => {
    const owned = members.byIndex(ownerIndex, object.metadata.uid ?? '')
    const { missing, wrong, surplus } = differences(object, owned)
    for (const name of missing) await client.create(configMap, memberOf(object, name), signal)
    for (const { metadata } of wrong) {
      const { uid, resourceVersion } = metadata
      const body = { metadata: { uid, resourceVersion }, data: { text: object.spec.text } }
      await client.patch(configMap, metadata, { type: 'merge', body }, signal)
    }
    for (const member of surplus) await remove(client, member, signal)
    return membersTold(missing.length + wrong.length + surplus.length === 0, owned.length)
  }

/** What is told of the members. */
export const membersTold = (isReady: boolean, count: number): Outcome<PoolStatus> => ({
  conditions: [
    { type: 'MembersReady', status: isReady ? 'True' : 'False', reason: isReady ? 'AllThere' : 'Changing', message: '' },
  ],
  status: { members: count },
  next: wait,
})

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
    if (left.length === 0) await outside.release(uid)
    return {
      conditions: [
        left.length === 0
          ? { type: cleanedUp, status: 'True', reason: 'NothingLeft', message: '' }
          : { type: cleanedUp, status: 'False', reason: 'MembersLeft', message: `${left.length} members are being deleted.` },
      ],
      next: wait,
    }
  }

async function remove(client: Client, { metadata }: ConfigMap, signal: AbortSignal): Promise<void> {
  try {
    await client.delete(configMap, metadata, { ...(metadata.uid === undefined ? {} : { uid: metadata.uid }), signal })
  } catch (error) {
    if (!isWeirError(error, 'API_NOT_FOUND')) throw error
  }
}
