import type { KindDefinition, KubernetesObject } from '@weir/api'
import { isWeirError } from '@weir/base'
import { type Cache, type CacheReader, type Client, createCache } from '@weir/client'
import type { Controller, ManagerContext, Request } from '@weir/runtime'

/** A controller and a key that waits to be run. */
export interface Job {
  readonly controller: Controller
  readonly request: Request
}

/**
 * A manager whose every move the test makes: caches show what they showed at their last `sync`, each of its own time, and a
 * key runs when it is told to. Woken by the same rules as a real manager's: watches, concerns, sources, polls, errors.
 */
export interface ReconcileLoop extends ManagerContext {
  /** Brings the cache of one kind up to date, which wakes whom it concerns. True if it changed. */
  sync(kind: KindDefinition): Promise<boolean>
  /** The kinds that are followed, in order of their names. */
  kinds(): readonly KindDefinition[]
  /** What waits to be run now, in order of names. */
  pending(): readonly Job[]
  /** When the next poll is due, in milliseconds since the epoch; undefined if none is. */
  nextPoll(): number | undefined
  /** Runs one job to its end. Errors of the API and of ports are tried again; others are thrown. */
  run(job: Job): Promise<void>
  /** Wakes every key of every controller. */
  wakeAll(): void
  end(): void
}

interface LoopDeps {
  /** For the controllers. */
  readonly client: Client
  /** For the caches: it never fails. */
  readonly reader: Client
  readonly now: () => number
  readonly controllers: (context: ManagerContext) => readonly Controller[]
}

const kindName = ({ group, plural }: KindDefinition): string => `${group}/${plural}`
const pathOf = ({ namespace, name }: Request): string => `${namespace}/${name}`
const byName = <T>(nameOf: (item: T) => string, items: readonly T[]): readonly T[] =>
  items.toSorted((a, b) => (nameOf(a) < nameOf(b) ? -1 : 1))

/** A loop that has seen nothing yet. */
export function createReconcileLoop({ client, reader, now, controllers: build }: LoopDeps): ReconcileLoop {
  const caches = new Map<string, { readonly kind: KindDefinition; readonly cache: Cache }>()
  const cacheOf = <T extends KubernetesObject>(kind: KindDefinition<T>): CacheReader<T> => {
    const found = caches.get(kindName(kind))?.cache ?? createCache()
    caches.set(kindName(kind), { kind, cache: found })
    return found as unknown as CacheReader<T>
  }
  const jobs = new Map<string, Job>()
  const polls = new Map<string, Job & { readonly dueAt: number }>()
  const idOf = ({ controller, request }: Job): string => `${controller.name} ${pathOf(request)}`
  const wake = (controller: Controller, request: Request): void => {
    const job = { controller, request }
    polls.delete(idOf(job))
    jobs.set(idOf(job), job)
  }
  const controllers = build({ client, cacheOf })
  const ends = controllers.flatMap((controller) => {
    const { concerns = () => true } = controller
    const own = {
      kind: controller.kind,
      map: (object: KubernetesObject): readonly Request[] =>
        concerns(object) ? [{ namespace: object.metadata.namespace ?? '', name: object.metadata.name }] : [],
    }
    const watches = [own, ...controller.watches].map(({ kind, map }) =>
      cacheOf(kind).subscribe(({ object, previous }) => {
        for (const each of previous === undefined ? [object] : [object, previous])
          map(each).forEach((request) => wake(controller, request))
      }),
    )
    return [...watches, ...(controller.sources ?? []).map((begin) => begin((request) => wake(controller, request)))]
  })
  return {
    client,
    cacheOf,
    kinds: () =>
      byName(
        kindName,
        [...caches.values()].map(({ kind }) => kind),
      ),
    sync: async (kind) => {
      const cache = caches.get(kindName(kind))?.cache
      if (cache === undefined) return false
      let changes = 0
      const stop = cache.subscribe(() => changes++)
      const number = cache.beginList()
      const { items, metadata } = await reader.list(kind)
      cache.replace(items, metadata.resourceVersion, number)
      stop()
      return changes > 0
    },
    pending: () => {
      for (const [id, { dueAt, controller, request }] of polls)
        if (dueAt <= now()) {
          polls.delete(id)
          jobs.set(id, { controller, request })
        }
      return byName(idOf, [...jobs.values()])
    },
    nextPoll: () => [...polls.values()].map(({ dueAt }) => dueAt).toSorted((a, b) => a - b)[0],
    run: async (job) => {
      jobs.delete(idOf(job))
      try {
        const next = await job.controller.reconcile(job.request, new AbortController().signal)
        if (next.kind === 'PollAfter') polls.set(idOf(job), { ...job, dueAt: now() + next.seconds * 1000 })
      } catch (error) {
        if (!isWeirError(error) || !['Conflict', 'Unavailable', 'Capacity'].includes(error.family)) throw error
        jobs.set(idOf(job), job)
      }
    },
    wakeAll: () => {
      for (const controller of controllers) {
        const { concerns = () => true } = controller
        for (const object of cacheOf(controller.kind).list())
          if (concerns(object)) wake(controller, { namespace: object.metadata.namespace ?? '', name: object.metadata.name })
      }
    },
    end: () => ends.forEach((end) => end()),
  }
}
