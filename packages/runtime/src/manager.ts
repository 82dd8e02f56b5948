import type { KindDefinition, KubernetesObject } from '@weir/api'
import type { Clock, Logger } from '@weir/base'
import type { CacheReader, Client } from '@weir/client'
import type { Controller } from './controller.ts'
import { lead, type LeaderLease } from './leader.ts'
import { startController } from './run-controller.ts'
import { aborted, createSharedReflectors } from './shared-reflectors.ts'
import { trackWrites } from './write-tracker.ts'

/** What controllers are built from. */
export interface ManagerContext {
  /** Write through this one: a key does not run again before the caches show what was written. */
  readonly client: Client
  /** The shared cache of a kind, followed from now on; complete before any controller runs if asked for before `run`. */
  readonly cacheOf: <T extends KubernetesObject>(kind: KindDefinition<T>) => CacheReader<T>
}

/** What a manager stands on. `random` returns numbers from 0 (inclusive) to 1 (exclusive). */
export interface ManagerDeps {
  readonly client: Client
  readonly clock: Clock
  readonly random: () => number
  readonly logger: Logger
  readonly controllers: (context: ManagerContext) => readonly Controller[]
  /** Given: the controllers run only while this process holds the Lease. */
  readonly leader?: LeaderLease
}

/** Runs controllers over shared caches. */
export interface Manager extends ManagerContext {
  /** Runs until `signal` aborts, then resolves when the last reconcile has returned. Call it once. */
  run(signal: AbortSignal): Promise<void>
  /** True once every cache is complete. */
  synced(): boolean
  /** Milliseconds since the server was last heard about the quietest kind; undefined if one was never heard. */
  lastEventAgeMillis(): number | undefined
}

/** A manager that has not begun. */
export function createManager(deps: ManagerDeps): Manager {
  const { clock, random, logger, leader } = deps
  const tracker = trackWrites(deps.client)
  const reflectors = createSharedReflectors(deps)
  const context: ManagerContext = { client: tracker.client, cacheOf: reflectors.cacheOf }
  const controllers = deps.controllers(context)
  for (const { kind, watches } of controllers) for (const each of [kind, ...watches.map((w) => w.kind)]) reflectors.cacheOf(each)

  const hold = async (signal: AbortSignal): Promise<void> => {
    const writes = [...tracker.newestWrites()]
    await Promise.all(writes.map(([id, resourceVersion]) => reflectors.whenAt(id, resourceVersion, signal)))
  }
  const runControllers = async (signal: AbortSignal): Promise<void> => {
    await reflectors.whenSynced(signal)
    if (signal.aborted) return
    const stops = controllers.map((controller) =>
      startController({ clock, random, logger, cacheOf: reflectors.cacheOf, hold, signal }, controller),
    )
    await aborted(signal)
    await Promise.all(stops.map((stop) => stop()))
  }
  return {
    ...context,
    synced: reflectors.synced,
    lastEventAgeMillis: reflectors.lastEventAgeMillis,
    run: async (signal) => {
      const following = reflectors.run(signal)
      await (leader === undefined
        ? runControllers(signal)
        : lead({ client: deps.client, clock, logger, lease: leader }, signal, runControllers))
      await following
    },
  }
}
