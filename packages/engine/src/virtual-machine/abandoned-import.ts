import { importingAnnotation, virtualMachine } from '@weir/api'
import type { Clock } from '@weir/base'
import type { Controller, EventRecorder, ManagerContext, Next, Request } from '@weir/runtime'

export interface AbandonedImportDeps {
  readonly context: ManagerContext
  readonly clock: Clock
  readonly events: EventRecorder
}

/** An import that has not said for so long that it goes on was killed, and nobody has repeated it. */
const abandonedMillis = 600_000
const wait: Next = { kind: 'Wait' }

/**
 * Deletes machines whose import was abandoned, with the disks it had filled: they never were complete, and nobody would find
 * out. What counts is how long we have seen the mark unchanged, so that no two clocks are compared; a restart counts anew.
 */
export function abandonedImportController({ context, clock, events }: AbandonedImportDeps): Controller {
  const machines = context.cacheOf(virtualMachine)
  const seen = new Map<string, { readonly mark: string; readonly since: number }>()
  const reconcile = async ({ namespace, name }: Request): Promise<Next> => {
    const key = `${namespace}/${name}`
    const machine = machines.get({ namespace, name })
    const mark = machine?.metadata.annotations?.[importingAnnotation]
    if (machine === undefined || mark === undefined || machine.metadata.deletionTimestamp !== undefined) {
      seen.delete(key)
      return wait
    }
    const before = seen.get(key)
    const since = before?.mark === mark ? before.since : clock.now()
    seen.set(key, { mark, since })
    const remaining = since + abandonedMillis - clock.now()
    if (remaining > 0) return { kind: 'PollAfter', seconds: remaining / 1000, reason: 'an import may have been abandoned' }
    const message = `Its import has not gone on for ${abandonedMillis / 60_000} minutes; it is deleted with what was imported of it`
    events.record(machine, { type: 'Warning', reason: 'ImportAbandoned', message })
    const { uid = '', resourceVersion = '' } = machine.metadata
    await context.client.delete(virtualMachine, { namespace, name }, { uid, resourceVersion })
    return wait
  }
  return { name: 'abandonedimport', kind: virtualMachine, watches: [], reconcile }
}
