import { createHash } from 'node:crypto'
import type { KindDefinition, KubernetesObject } from '@weir/api'
import { type Clock, isWeirError, type Logger } from '@weir/base'
import type { Client } from '@weir/client'
import { formatTime } from './conditions.ts'
import { createEventBudget } from './event-budget.ts'

/** What an operator should be told. `reason` is CamelCase and specific (`DiskCopyStalled`), `message` a sentence. */
export interface EventNote {
  readonly type: 'Normal' | 'Warning'
  readonly reason: string
  readonly message: string
}

/** Writes core/v1 Events. */
export interface EventRecorder {
  /**
   * Notes an event of `object`; repeats of it raise one count. After 25 of an object in a row the next ones are dropped, but for
   * one in five minutes. Returns at once and never throws: events are best effort.
   */
  record(object: KubernetesObject, note: EventNote): void
  /** Resolves when all that was recorded has been written or given up. */
  flush(): Promise<void>
}

/** What a recorder stands on. `component` is who reports, `host` the Node it reports from, if it is of one. */
export interface EventRecorderDeps {
  readonly client: Client
  readonly clock: Clock
  readonly logger: Logger
  readonly component: string
  readonly host?: string
}

/** Kubernetes `core/v1 Event`, the fields that are written. */
interface EventObject extends KubernetesObject {
  readonly involvedObject: Readonly<Record<string, string>>
  readonly type: string
  readonly reason: string
  readonly message: string
  readonly count: number
  readonly firstTimestamp: string
  readonly lastTimestamp: string
  readonly source: Source
  readonly reportingComponent: string
}

/** Who reports. */
interface Source {
  readonly component: string
  readonly host?: string
}

const eventKind: KindDefinition<EventObject> = {
  group: '',
  version: 'v1',
  kind: 'Event',
  plural: 'events',
  singular: 'event',
  namespaced: true,
  schema: { type: 'object' },
}

/** Different events that may wait at once; more are dropped, so that a slow server costs no memory. */
const maxPending = 1000
const maxAttempts = 3

/** A recorder that writes one event after the other. */
export function createEventRecorder(deps: EventRecorderDeps): EventRecorder {
  const { clock, logger, component, host } = deps
  const source: Source = { component, ...(host === undefined ? {} : { host }) }
  const pending = new Map<string, EventObject>()
  const budget = createEventBudget(clock)
  let writing: Promise<void> | undefined
  const drain = async (): Promise<void> => {
    for (let next = pending.entries().next().value; next !== undefined; next = pending.entries().next().value) {
      pending.delete(next[0])
      await write(deps, next[1])
    }
    writing = undefined
  }
  return {
    record: (object, note) => {
      const { namespace = '', name, uid = '' } = object.metadata
      if (!budget.take(JSON.stringify([object.kind, namespace, name, uid]))) return
      const event = eventOf(object, note, { source, now: formatTime(clock.now()) })
      const key = `${event.metadata.namespace}/${event.metadata.name}`
      const before = pending.get(key)
      if (before === undefined && pending.size >= maxPending) logger.warn('An event was dropped', { reason: note.reason })
      else
        pending.set(
          key,
          before === undefined ? event : { ...before, count: before.count + 1, lastTimestamp: event.lastTimestamp },
        )
      writing ??= drain()
    },
    flush: async () => await writing,
  }
}

/** The name follows from what happened to whom, so that a repeat finds the first even after a restart. */
function eventOf(object: KubernetesObject, note: EventNote, by: { readonly source: Source; readonly now: string }): EventObject {
  const { namespace, name, uid = '', resourceVersion = '' } = object.metadata
  const digest = createHash('sha256')
    .update(JSON.stringify([by.source, uid, name, object.kind, note]))
    .digest('hex')
    .slice(0, 16)
  return {
    apiVersion: 'v1',
    kind: 'Event',
    metadata: { namespace: namespace ?? 'default', name: `${name.slice(0, 200).replace(/[-.]+$/u, '')}.${digest}` },
    involvedObject: {
      apiVersion: object.apiVersion,
      kind: object.kind,
      name,
      ...(namespace === undefined ? {} : { namespace }),
      ...(uid === '' ? {} : { uid }),
      ...(resourceVersion === '' ? {} : { resourceVersion }),
    },
    ...note,
    message: note.message.slice(0, 1024),
    count: 1,
    firstTimestamp: by.now,
    lastTimestamp: by.now,
    source: by.source,
    reportingComponent: by.source.component,
  }
}

async function write({ client, logger }: EventRecorderDeps, event: EventObject): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      await create(client, event)
      return
    } catch (error) {
      const again = isWeirError(error, 'API_CONFLICT') || isWeirError(error, 'API_NOT_FOUND')
      if (again && attempt < maxAttempts) continue
      logger.warn('An event could not be written', {
        reason: event.reason,
        code: isWeirError(error) ? error.code : String(error),
      })
      return
    }
  }
}

/** Creates the event, or raises the count of the one there is. */
async function create(client: Client, event: EventObject): Promise<void> {
  try {
    await client.create(eventKind, event)
  } catch (error) {
    if (!isWeirError(error, 'API_ALREADY_EXISTS')) throw error
    const { metadata, count } = await client.get(eventKind, event.metadata)
    const { resourceVersion = '' } = metadata
    const body = { metadata: { resourceVersion }, count: count + event.count, lastTimestamp: event.lastTimestamp }
    await client.patch(eventKind, event.metadata, { type: 'merge', body })
  }
}
