import type { ApiExtension, ExtensionAnswer, ExtensionCall } from '@weir/api'
import type { ApiRequest, User } from './request.ts'
import type { ResourcePath } from './route.ts'

/** Lets the extension answer that serves `path`; undefined if none does. The caller has checked who asks, and whether they may. */
export type CallExtension = (request: ApiRequest, path: ResourcePath, user: User) => Promise<ExtensionAnswer | undefined>

/** Calls of `extensions` by group, version and resource. */
export const createExtensionCalls = (extensions: readonly ApiExtension[]): CallExtension => {
  const find = ({ group, version, resource, subresource }: ResourcePath): ApiExtension | undefined => {
    const wanted = subresource === undefined ? resource : `${resource}/${subresource}`
    return extensions.find(
      (extension) =>
        extension.group === group && extension.version === version && extension.resources.some(({ name }) => name === wanted),
    )
  }
  return async (request, path, user) => find(path)?.handle(callOf(request, path, user))
}

function callOf(request: ApiRequest, path: ResourcePath, user: User): ExtensionCall {
  const { method, query, headers, body, signal } = request
  const { resource, namespace, name, subresource, tail } = path
  return {
    method,
    resource,
    ...(namespace === undefined ? {} : { namespace }),
    ...(name === undefined ? {} : { name }),
    ...(subresource === undefined ? {} : { subresource }),
    tail,
    query: new Map(query),
    headers,
    user: user.name,
    body,
    signal,
  }
}
