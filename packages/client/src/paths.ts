import { apiVersionOf, type KindDefinition } from '@weir/api'
import type { DeleteOptions, ListOptions, ObjectKey, WatchOptions } from './client.ts'

const segment = encodeURIComponent

/** The path of a kind's collection; of all namespaces if `namespace` is absent or ''. */
export function collectionPath(kind: KindDefinition, namespace: string | undefined): string {
  const root = kind.group === '' ? '/api' : '/apis'
  const scope = kind.namespaced && namespace !== undefined && namespace !== '' ? `/namespaces/${segment(namespace)}` : ''
  return `${root}/${apiVersionOf(kind)}${scope}/${segment(kind.plural)}`
}

/** The path of one object, or of one of its subresources. */
export function objectPath(kind: KindDefinition, key: ObjectKey, subresource?: string): string {
  const path = `${collectionPath(kind, key.namespace)}/${segment(key.name)}`
  return subresource === undefined ? path : `${path}/${subresource}`
}

/** `path` with those of `parameters` that are given. */
export function withQuery(path: string, parameters: Readonly<Record<string, string | number | boolean | undefined>>): string {
  const query = Object.entries(parameters)
    .filter(([, value]) => value !== undefined && value !== '')
    .map(([name, value]) => `${name}=${segment(String(value))}`)
    .join('&')
  return query === '' ? path : `${path}?${query}`
}

/** The query of a list. */
const listQuery = (options: WatchOptions): Readonly<Record<string, string | number | undefined>> => ({
  labelSelector: options.labelSelector,
  fieldSelector: options.fieldSelector,
  resourceVersion: options.resourceVersion,
  limit: options.limit,
  continue: options.continue,
})

/** The path and query of a list, for `Client.raw` and answers that `list` does not type, such as Tables. */
export const listPath = (kind: KindDefinition, options: ListOptions): string =>
  withQuery(collectionPath(kind, options.namespace), listQuery(options))

/** The query of a watch; bookmarks are always asked for. */
export const watchQuery = (options: WatchOptions): Readonly<Record<string, string | number | boolean | undefined>> => ({
  watch: true,
  allowWatchBookmarks: true,
  labelSelector: options.labelSelector,
  fieldSelector: options.fieldSelector,
  resourceVersion: options.resourceVersion,
  timeoutSeconds: options.timeoutSeconds,
  ...(options.sendInitialEvents === true ? { sendInitialEvents: true, resourceVersionMatch: 'NotOlderThan' } : {}),
})

/** The body of a DELETE (Kubernetes `metav1.DeleteOptions`). */
export function deleteBody(options: DeleteOptions): object {
  const preconditions = {
    ...(options.uid === undefined ? {} : { uid: options.uid }),
    ...(options.resourceVersion === undefined ? {} : { resourceVersion: options.resourceVersion }),
  }
  return {
    apiVersion: 'v1',
    kind: 'DeleteOptions',
    ...(options.propagationPolicy === undefined ? {} : { propagationPolicy: options.propagationPolicy }),
    ...(options.gracePeriodSeconds === undefined ? {} : { gracePeriodSeconds: options.gracePeriodSeconds }),
    ...(Object.keys(preconditions).length === 0 ? {} : { preconditions }),
  }
}
