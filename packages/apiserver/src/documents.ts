import type { RevisionLog } from '@weir/store'
import { createDiscovery, type ServedGroup } from './discovery.ts'
import { methodNotAllowed, pathNotFound } from './failure.ts'
import { healthOf } from './health.ts'
import { createOpenApi } from './openapi/openapi.ts'
import type { KindRegistry } from './registry.ts'
import type { ApiRequest, ApiResponse } from './request.ts'
import { cached, json, plain } from './responses.ts'

const version = {
  major: '1',
  minor: '35',
  gitVersion: 'v1.35.0+weir-embedded',
  gitCommit: '',
  gitTreeState: 'clean',
  buildDate: '1970-01-01T00:00:00Z',
  goVersion: 'go0.0.0',
  compiler: 'node',
  platform: 'linux/amd64',
}

interface DocumentDeps {
  readonly registry: KindRegistry
  readonly groups: readonly ServedGroup[]
  readonly log: Pick<RevisionLog, 'failure'>
}

/** Answers paths that are no resources: discovery, version, health, OpenAPI. @throws 404, 405 */
export function createDocuments({ registry, groups, log }: DocumentDeps): (request: ApiRequest) => ApiResponse {
  const discovery = createDiscovery(registry, groups)
  const openApi = createOpenApi(registry)
  const openApiRoot = '/openapi/v3'
  const openApiAt = (path: string) => {
    if (path === openApiRoot) return openApi.index()
    return path.startsWith(`${openApiRoot}/`) ? openApi.document(path.slice(openApiRoot.length + 1)) : undefined
  }
  return (request) => {
    const { method, path, query, headers } = request
    if (method !== 'GET' && method !== 'HEAD') throw methodNotAllowed()
    if (path === '/version') return json(200, version)
    const found = discovery.answer(path, headers['accept'] ?? '')
    if (found !== undefined) return cached(request, found)
    const health = healthOf(path, { isVerbose: query.has('verbose'), failure: log.failure() })
    if (health !== undefined) return plain(health.code, health.text)
    const document = openApiAt(path)
    if (document === undefined) throw pathNotFound()
    return cached(request, { contentType: 'application/json', etag: document.etag, text: document.body })
  }
}
