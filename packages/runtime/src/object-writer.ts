import type { Condition, KindDefinition, KubernetesObject } from '@weir/api'
import { type Clock, isWeirError } from '@weir/base'
import type { Client } from '@weir/client'
import { formatTime, setConditions } from './conditions.ts'
import { mergePatchOf } from './merge-patch.ts'
import type { Outcome } from './outcome.ts'

/** What a writer stands on. `finalizer` is `<domain>/<name>`. */
export interface ObjectWriterDeps<T extends KubernetesObject> {
  readonly client: Client
  readonly clock: Clock
  readonly kind: KindDefinition<T>
  readonly finalizer: string
}

/** The writes that a reconciler makes on its own object. Each says what it builds on: a stale `object` gives API_CONFLICT. */
export interface ObjectWriter<T extends KubernetesObject> {
  /**
   * True if the object may not be acted for now: it had to write, or the object is gone. Then return; the write or the deletion
   * wakes the reconciler again. @throws API_CONFLICT
   */
  ensureFinalizer(object: T, signal?: AbortSignal): Promise<boolean>
  /** Call it last on deletion. Success if the object or the finalizer is gone. @throws API_CONFLICT */
  removeFinalizer(object: T, signal?: AbortSignal): Promise<void>
  /**
   * Writes conditions and status fields (undefined removes one) in one request, only if they change anything; returns true if
   * so. `lastTransitionTime` is taken care of, and so is `observedGeneration` where the kind has it. Success if the object is
   * gone. @throws API_CONFLICT
   */
  patchStatus<S>(object: T, run: Pick<Outcome<S>, 'conditions' | 'status'>, signal?: AbortSignal): Promise<boolean>
}

/** A writer of one kind's finalizer and status. */
export function createObjectWriter<T extends KubernetesObject>(deps: ObjectWriterDeps<T>): ObjectWriter<T> {
  const { finalizer, clock, kind } = deps
  const isGenerationObserved = hasObservedGeneration(kind)
  const setFinalizers = (object: T, finalizers: readonly string[], signal: AbortSignal | undefined): Promise<boolean> =>
    mergePatch(deps, { object, body: { metadata: { ...precondition(object), finalizers } }, signal })
  return {
    ensureFinalizer: async (object, signal) => {
      const present = object.metadata.finalizers ?? []
      if (present.includes(finalizer)) return false
      await setFinalizers(object, [...present, finalizer], signal)
      return true
    },
    removeFinalizer: async (object, signal) => {
      const present = object.metadata.finalizers ?? []
      if (!present.includes(finalizer)) return
      const others = present.filter((name) => name !== finalizer)
      await setFinalizers(object, others, signal)
    },
    patchStatus: async (object, { conditions, status }, signal) => {
      const before = statusOf(object)
      const fresh = isGenerationObserved ? conditions.map((condition) => observed(condition, object)) : conditions
      const after = {
        ...before,
        ...status,
        ...(fresh.length === 0 ? {} : { conditions: setConditions(before.conditions, fresh, formatTime(clock.now())) }),
      }
      const patch = mergePatchOf(before, after)
      if (patch === undefined) return false
      return await mergePatch(deps, {
        object,
        body: { metadata: precondition(object), status: patch },
        subresource: 'status',
        signal,
      })
    },
  }
}

/** KubeVirt and CDI have conditions of their own, without it. */
const hasObservedGeneration = ({ schema }: KindDefinition): boolean =>
  schema.properties?.['status']?.properties?.['conditions']?.items?.properties?.['observedGeneration'] !== undefined

const observed = (condition: Condition, { metadata: { generation } }: KubernetesObject): Condition =>
  generation === undefined ? condition : { observedGeneration: generation, ...condition }

interface Write {
  readonly object: KubernetesObject
  readonly body: unknown
  readonly subresource?: 'status'
  readonly signal: AbortSignal | undefined
}

/** False if the object is gone. */
async function mergePatch<T extends KubernetesObject>(
  { client, kind }: ObjectWriterDeps<T>,
  { object, body, subresource, signal }: Write,
): Promise<boolean> {
  try {
    await client.patch(
      kind,
      object.metadata,
      { type: 'merge', body, ...(subresource === undefined ? {} : { subresource }) },
      signal,
    )
    return true
  } catch (error) {
    if (isWeirError(error, 'API_NOT_FOUND')) return false
    throw error
  }
}

/** The uid too: an object of the same name that came after ours must not get our write. */
const precondition = ({ metadata: { uid, resourceVersion } }: KubernetesObject): object => ({
  ...(uid === undefined ? {} : { uid }),
  ...(resourceVersion === undefined ? {} : { resourceVersion }),
})

type StatusFields = Readonly<Record<string, unknown>> & { readonly conditions?: readonly Condition[] }

const statusOf = (object: KubernetesObject): StatusFields => ('status' in object ? (object.status as StatusFields) : {})
