import type { Clock, Logger } from '@weir/base'
import { createCompactionPlan } from './compaction.ts'
import { reconcileDefinition } from './definitions.ts'
import { sweepEvents } from './events.ts'
import { collect } from './garbage.ts'
import { createKeyLoop } from './key-loop.ts'
import { reconcileNamespace } from './namespaces.ts'
import { isDeleting, type ObjectApi, type ObjectChange } from './object-api.ts'
import { createOwnerGraph } from './owner-graph.ts'

export interface HousekeepingDeps {
  readonly api: ObjectApi
  readonly log: { head(): number; compact(before: number): Promise<void> }
  readonly clock: Clock
  readonly logger: Logger
}

/** What the API server does by itself: see `createHousekeeping`. */
export interface Housekeeping {
  /** Works until no key waits; for tests, which own the clock. */
  readonly settle: () => Promise<void>
  /** Forgets old Events and old revisions, and looks at everything that is owned, once. */
  readonly sweep: () => Promise<void>
  /** Works until `signal` aborts. */
  readonly run: (signal: AbortSignal) => Promise<void>
}

const sweepMillis = 60_000

/**
 * Empties deleted namespaces, gives namespaces their ServiceAccount, collects what lost its owners, settles
 * CustomResourceDefinitions, deletes old Events, compacts the log. Level based: it may be started at any state, any time.
 */
export function createHousekeeping({ api, log, clock, logger }: HousekeepingDeps): Housekeeping {
  const graph = createOwnerGraph()
  const plan = createCompactionPlan()
  const now = (): string => `${new Date(clock.now()).toISOString().slice(0, 19)}Z`
  const loop = (name: string, work: (key: string) => Promise<void>) => createKeyLoop({ name, clock, logger, work })
  const namespaces = loop('namespaces', (key) => reconcileNamespace(api, key, now()))
  const garbage = loop('garbage', (key) => collect({ api, graph }, key))
  const definitions = loop('definitions', (key) => reconcileDefinition(api, key, now()))

  const onChange = (change: ObjectChange): void => {
    for (const uid of graph.apply(change)) garbage.add(uid)
    const { kind, object, deleted } = change
    const { name, namespace } = object.metadata
    if (kind.group === '' && kind.kind === 'Namespace') namespaces.add(name)
    // The last object of a namespace lets it go, its finalizers hold it up, its ServiceAccount comes back.
    else if (namespace !== undefined && (deleted || isDeleting(object))) namespaces.add(namespace)
    if (kind.group === 'apiextensions.k8s.io' && kind.kind === 'CustomResourceDefinition') definitions.add(name)
    else if (deleted && kind.group.includes('.')) definitions.add(`${kind.plural}.${kind.group}`)
  }
  const sweep = async (): Promise<void> => {
    await sweepEvents(api, clock.now())
    // An owner's kind may be served only now: no change of the dependent tells of that.
    for (const uid of graph.open()) garbage.add(uid)
    const before = plan.next(log.head(), clock.now())
    if (before > 0) await log.compact(before)
  }
  const sweepForEver = async (signal: AbortSignal): Promise<void> => {
    while (!signal.aborted) {
      await sweep().catch((error: unknown) => logger.error('Sweeping failed and will be done again', error))
      await clock.sleep(sweepMillis, signal)
    }
  }
  const loops = [namespaces, garbage, definitions]
  let end: (() => void) | undefined
  /** Once, though it is settled first and run then: every change would be looked at twice. */
  const subscribe = (): void => {
    end ??= api.subscribe(onChange)
  }
  return {
    settle: async () => {
      subscribe()
      // Each loop may make work for the others.
      for (let round = 0; round < 20; round++) for (const loop of loops) await loop.drain()
    },
    sweep,
    run: async (signal) => {
      subscribe()
      await Promise.all([...loops.map((loop) => loop.run(signal)), sweepForEver(signal)])
      end?.()
      end = undefined
    },
  }
}
