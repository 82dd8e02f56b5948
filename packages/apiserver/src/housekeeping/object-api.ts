import type { KindDefinition, KubernetesObject } from '@weir/api'

/** Names one object; `namespace` is '' for cluster-scoped kinds. */
export interface ObjectName {
  readonly namespace: string
  readonly name: string
}

/** A durable change. `deleted` carries the last state. */
export interface ObjectChange {
  readonly kind: KindDefinition
  readonly object: KubernetesObject
  readonly deleted: boolean
}

export type DeletionPolicy = 'Background' | 'Foreground'

/**
 * What housekeeping needs of the API server: its objects, past HTTP and authorization. Reads see every durable write.
 * Writes obey finalizers, resourceVersion and uid as those over HTTP do, and throw API_NOT_FOUND, API_ALREADY_EXISTS or
 * API_CONFLICT when somebody else was first.
 */
export interface ObjectApi {
  /** Every stored kind once, in its storage version. */
  kinds(): readonly KindDefinition[]
  get(kind: KindDefinition, name: ObjectName): KubernetesObject | undefined
  /** Of all namespaces without `namespace`. */
  list(kind: KindDefinition, namespace?: string): readonly KubernetesObject[]
  create(kind: KindDefinition, object: KubernetesObject): Promise<void>
  /** Replaces the object, its status, or (of a Namespace) its `spec.finalizers`. */
  update(kind: KindDefinition, object: KubernetesObject, subresource?: 'status' | 'finalize'): Promise<void>
  /** Deletes exactly this object, by its uid. */
  delete(kind: KindDefinition, object: KubernetesObject, policy: DeletionPolicy): Promise<void>
  /**
   * Tells of the objects there are, as changes, before it returns, and then of every change in order. Changes of objects that
   * neither have nor had an owner and are not on their way out may be left out, but for Namespaces and
   * CustomResourceDefinitions; deletions never are. Returns the end of it.
   */
  subscribe(listener: (change: ObjectChange) => void): () => void
}

/** The stored kind of a group and name, undefined if it is not served (any more, or yet). */
export const findKind = (api: ObjectApi, group: string, kind: string): KindDefinition | undefined =>
  api.kinds().find((definition) => definition.group === group && definition.kind === kind)

/** The group of an apiVersion. */
export const groupOf = (apiVersion: string): string =>
  apiVersion.includes('/') ? apiVersion.slice(0, apiVersion.indexOf('/')) : ''

/** Where an object is. */
export const nameOf = ({ metadata }: KubernetesObject): ObjectName => ({
  namespace: metadata.namespace ?? '',
  name: metadata.name,
})

export const isDeleting = ({ metadata }: KubernetesObject): boolean => metadata.deletionTimestamp !== undefined

export const hasFinalizer = ({ metadata }: KubernetesObject, finalizer: string): boolean =>
  metadata.finalizers?.includes(finalizer) ?? false

/** The object without one of its finalizers. */
export const withoutFinalizer = <T extends KubernetesObject>(object: T, finalizer: string): T => ({
  ...object,
  metadata: { ...object.metadata, finalizers: (object.metadata.finalizers ?? []).filter((item) => item !== finalizer) },
})
