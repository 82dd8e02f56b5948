import type { KindDefinition, KubernetesObject, ObjectList, WatchEvent } from '@weir/api'

/** Names one object. No `namespace` for cluster-scoped kinds. */
export interface ObjectKey {
  readonly namespace?: string
  readonly name: string
}

/** What to list or watch. Selectors as kubectl writes them (`app=web,tier!=db`, `metadata.name=x`). */
export interface ListOptions {
  /** Absent: all namespaces. */
  readonly namespace?: string
  readonly labelSelector?: string
  readonly fieldSelector?: string
  readonly limit?: number
  readonly continue?: string
  readonly resourceVersion?: string
  readonly signal?: AbortSignal
}

export interface WatchOptions extends ListOptions {
  readonly timeoutSeconds?: number
  /** Begins with an ADDED for every object there is, then a BOOKMARK with the annotation `k8s.io/initial-events-end` (WatchList). */
  readonly sendInitialEvents?: boolean
}

/** `merge` is RFC 7386, `json` is RFC 6902. */
export interface Patch {
  readonly type: 'merge' | 'json'
  readonly body: unknown
  readonly subresource?: 'status'
}

export interface DeleteOptions {
  readonly propagationPolicy?: 'Background' | 'Foreground' | 'Orphan'
  readonly uid?: string
  readonly resourceVersion?: string
  readonly gracePeriodSeconds?: number
  readonly signal?: AbortSignal
}

/**
 * The Kubernetes API, typed by `KindDefinition`. Failures are `WeirError`s whose code says what to do:
 * API_NOT_FOUND, API_ALREADY_EXISTS, API_CONFLICT, API_EXPIRED, API_INVALID, API_BAD_REQUEST, API_UNAUTHORIZED, API_FORBIDDEN,
 * API_UNAVAILABLE (also throttled and time-outs), API_INTERNAL, CLIENT_UNREACHABLE, CLIENT_BAD_ANSWER; or the reason of the
 * `signal` that was given. `list` pages through everything unless a `limit` is given.
 */
export interface Client {
  get<T extends KubernetesObject>(kind: KindDefinition<T>, key: ObjectKey, signal?: AbortSignal): Promise<T>
  list<T extends KubernetesObject>(kind: KindDefinition<T>, options?: ListOptions): Promise<ObjectList<T>>
  create<T extends KubernetesObject>(kind: KindDefinition<T>, object: T, signal?: AbortSignal): Promise<T>
  update<T extends KubernetesObject>(kind: KindDefinition<T>, object: T, signal?: AbortSignal): Promise<T>
  updateStatus<T extends KubernetesObject>(kind: KindDefinition<T>, object: T, signal?: AbortSignal): Promise<T>
  patch<T extends KubernetesObject>(kind: KindDefinition<T>, key: ObjectKey, patch: Patch, signal?: AbortSignal): Promise<T>
  delete(kind: KindDefinition, key: ObjectKey, options?: DeleteOptions): Promise<void>
  /** Events after `resourceVersion`, until the server or the signal ends the stream (no error then). ERROR events are thrown. */
  watch<T extends KubernetesObject>(
    kind: KindDefinition<T>,
    options: WatchOptions,
  ): AsyncIterable<Exclude<WatchEvent<T>, { type: 'ERROR' }>>
  /** Any request, for verbs such as `PUT …/virtualmachines/x/start`; failures as above. Returns the parsed JSON, undefined if empty. */
  raw(method: string, path: string, body?: unknown, signal?: AbortSignal): Promise<unknown>
}
