import type { KindDefinition, KubernetesObject } from '@weir/api'
import type { Next, Request } from './outcome.ts'

/** Another kind whose changes concern a controller, and the keys they concern. `map` is pure and quick. */
export interface Watched<T extends KubernetesObject = KubernetesObject> {
  readonly kind: KindDefinition<T>
  readonly map: (object: T) => readonly Request[]
}

/**
 * A controller as data; `createManager` runs it. `reconcile` gets a key whose object may be gone, never runs twice at
 * once for one key, and throws to be retried with backoff (a `Terminal` error waits for the next change instead).
 */
export interface Controller {
  readonly name: string
  readonly kind: KindDefinition
  /** Which objects of `kind` are its business; all if absent. One that ceases to be wakes it once more. Pure and quick. */
  readonly concerns?: (object: KubernetesObject) => boolean
  readonly watches: readonly Watched[]
  /** What happens outside the API: each is called once with what wakes a key, and returns what ends it. */
  readonly sources?: readonly ((wake: (request: Request) => void) => () => void)[]
  /** Different keys at once; 4 if absent. */
  readonly concurrency?: number
  readonly reconcile: (request: Request, signal: AbortSignal) => Promise<Next>
}

/** Helps to write `Watched` with the object's type kept. */
export const defineWatch = <T extends KubernetesObject>(watched: Watched<T>): Watched => watched as unknown as Watched

/** Helps to write `Controller.concerns` with the object's type kept. */
export const defineConcern =
  <T extends KubernetesObject>(_kind: KindDefinition<T>, concerns: (object: T) => boolean): Required<Controller>['concerns'] =>
  (object) =>
    concerns(object as T)

/** `Watched.map` to the controlling owner of `ownerKind`, in whatever version it is named. */
export const toOwner =
  (ownerKind: KindDefinition) =>
  ({ metadata }: KubernetesObject): readonly Request[] =>
    (metadata.ownerReferences ?? [])
      .filter(
        ({ apiVersion, kind, controller }) =>
          controller === true && kind === ownerKind.kind && groupOf(apiVersion) === ownerKind.group,
      )
      .map(({ name }) => ({ namespace: ownerKind.namespaced ? (metadata.namespace ?? '') : '', name }))

const groupOf = (apiVersion: string): string => apiVersion.slice(0, Math.max(0, apiVersion.indexOf('/')))
