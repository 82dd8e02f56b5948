import type { KindDefinition } from '@weir/api'
import { schemaNameOf } from './components.ts'
import { rootOf } from './document-root.ts'

type Json = Readonly<Record<string, unknown>>

const parameter = (name: string, type: string, place = 'query'): Json => ({
  name,
  in: place,
  ...(place === 'path' ? { required: true } : {}),
  schema: { type, uniqueItems: true },
})

const writeParameters = ['dryRun', 'fieldManager', 'fieldValidation'].map((name) => parameter(name, 'string'))
const patchParameters = [...writeParameters, parameter('force', 'boolean')]
const listParameters = [
  ...['continue', 'fieldSelector', 'labelSelector', 'resourceVersion', 'resourceVersionMatch'].map((name) =>
    parameter(name, 'string'),
  ),
  ...['allowWatchBookmarks', 'sendInitialEvents', 'watch'].map((name) => parameter(name, 'boolean')),
  ...['limit', 'timeoutSeconds'].map((name) => parameter(name, 'integer')),
]
const deleteParameters = [
  parameter('dryRun', 'string'),
  parameter('gracePeriodSeconds', 'integer'),
  parameter('propagationPolicy', 'string'),
]

const patchTypes = ['application/json-patch+json', 'application/merge-patch+json']

/** The paths of a kind, with the actions and query parameters that kubectl looks for before it validates or dry-runs. */
export function pathsOf(kind: KindDefinition): Json {
  const root = `/${rootOf(kind)}`
  const inScope = kind.namespaced ? `${root}/namespaces/{namespace}/${kind.plural}` : `${root}/${kind.plural}`
  const scope = kind.namespaced ? [parameter('namespace', 'string', 'path')] : []
  const named = [parameter('name', 'string', 'path'), ...scope]
  const object = `${inScope}/{name}`
  return {
    ...(kind.namespaced ? { [`${root}/${kind.plural}`]: { get: operation(kind, 'list', listParameters) } } : {}),
    [inScope]: {
      get: operation(kind, 'list', listParameters),
      post: operation(kind, 'post', writeParameters),
      delete: operation(kind, 'deletecollection', deleteParameters),
      parameters: scope,
    },
    [object]: {
      get: operation(kind, 'get', []),
      put: operation(kind, 'put', writeParameters),
      patch: operation(kind, 'patch', patchParameters),
      delete: operation(kind, 'delete', deleteParameters),
      parameters: named,
    },
    ...(kind.statusSubresource === true ? { [`${object}/status`]: statusOperations(kind, named) } : {}),
  }
}

const statusOperations = (kind: KindDefinition, parameters: readonly Json[]): Json => ({
  get: operation(kind, 'get', []),
  put: operation(kind, 'put', writeParameters),
  patch: operation(kind, 'patch', patchParameters),
  parameters,
})

function operation(definition: KindDefinition, action: string, parameters: readonly Json[]): Json {
  const { group, version, kind } = definition
  const name = schemaNameOf(definition)
  return {
    parameters,
    ...bodyOf(action, name),
    responses: { 200: { description: 'OK', content: jsonOf(action === 'list' ? `${name}List` : name) } },
    'x-kubernetes-action': action,
    'x-kubernetes-group-version-kind': { group, kind, version },
  }
}

const jsonOf = (schema: string, types: readonly string[] = ['application/json']): Json =>
  Object.fromEntries(types.map((type) => [type, { schema: { $ref: `#/components/schemas/${schema}` } }]))

function bodyOf(action: string, schema: string): Json {
  if (action === 'post' || action === 'put') return { requestBody: { required: true, content: jsonOf(schema) } }
  const meta = 'io.k8s.apimachinery.pkg.apis.meta.v1'
  if (action === 'patch') return { requestBody: { required: true, content: jsonOf(`${meta}.Patch`, patchTypes) } }
  return action === 'delete' ? { requestBody: { content: jsonOf(`${meta}.DeleteOptions`) } } : {}
}
