import type { KindDefinition, KubernetesObject } from '@weir/api'
import type { Clock, Logger } from '@weir/base'
import type { CacheReader, Client } from '@weir/client'
import type { Controller } from './controller.ts'
import { lead } from './leader.ts'
import type { LeaderLease } from './lease.ts'
import { startController } from './run-controller.ts'
import type { RunReport } from './run-report.ts'
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
  /** For metrics: called after each run, but for those that the end of the manager cut short. It must not throw. */
  readonly onRun?: (report: RunReport) => void
}

/** Runs controllers over shared caches. */
export interface Manager extends ManagerContext {
  /**
   * Runs until `signal` aborts, then resolves when the last reconcile has returned; rejects if a controller cannot be started.
   * Either way nothing of it goes on. Call it once.
   */
  run(signal: AbortSignal): Promise<void>
  /** True once every cache is complete. */
  synced(): boolean
  /** Milliseconds since the server was last heard about the quietest kind; undefined if one was never heard. */
  lastEventAgeMillis(): number | undefined
}

/** A manager that has not begun. */
export function createManager(deps: ManagerDeps): Manager {
  const { clock, random, logger, leader, onRun } = deps
  const reflectors = createSharedReflectors(deps)
  const { cacheOf } = reflectors
  const tracker = trackWrites(deps.client, reflectors.find)
  const context: ManagerContext = { client: tracker.client, cacheOf }
  const controllers = deps.controllers(context)
  for (const { kind, watches } of controllers) for (const each of [kind, ...watches.map((w) => w.kind)]) cacheOf(each)

  const runControllers = async (signal: AbortSignal): Promise<void> => {
    await reflectors.whenSynced(signal)
    if (signal.aborted) return
    const stops: (() => Promise<void>)[] = []
    try {
      for (const controller of controllers)
        stops.push(
          await startController({ clock, random, logger, cacheOf, onRun, signal, hold: tracker.whenVisible }, controller),
        )
      await aborted(signal)
    } finally {
      await Promise.all(stops.map((stop) => stop()))
    }
  }
  return {
    ...context,
    synced: reflectors.synced,
    lastEventAgeMillis: reflectors.lastEventAgeMillis,
    run: async (signal) => {
      const failed = new AbortController()
      const during = AbortSignal.any([signal, failed.signal])
      const following = reflectors.run(during)
      try {
        await (leader === undefined
          ? runControllers(during)
          : lead({ client: deps.client, clock, logger, lease: leader }, during, runControllers))
      } finally {
        failed.abort(new Error('the manager has ended'))
        await following
      }
    },
  }
}
