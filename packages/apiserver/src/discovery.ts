import { createHash } from 'node:crypto'
import { type ApiExtension, apiVersionOf, type KindDefinition } from '@weir/api'
import { compareVersions } from './kube-version.ts'
import type { KindRegistry } from './registry.ts'
import type { TaggedDocument } from './responses.ts'

const verbs = ['create', 'delete', 'deletecollection', 'get', 'list', 'patch', 'update', 'watch'] as const
const partVerbs = ['get', 'patch', 'update'] as const

/** What code serves: all that discovery knows of an extension. */
export type ServedGroup = Pick<ApiExtension, 'group' | 'version' | 'resources'>

interface GroupVersion {
  readonly group: string
  readonly version: string
  readonly kinds: readonly KindDefinition[]
  readonly extensions: readonly ServedGroup[]
}

/** What discovery tells: the legacy documents and the aggregated one. All are JSON values; `etag` names their state. */
export interface Discovery {
  /** The answer to a discovery path, undefined if it is none. `accept` may ask for the aggregated form. */
  answer(path: string, accept: string): TaggedDocument | undefined
}

const aggregated = 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList'

/** Discovery over what `registry` holds now. */
export function createDiscovery(registry: KindRegistry, extensions: readonly ServedGroup[]): Discovery {
  const groupVersions = (): readonly GroupVersion[] => {
    const found = new Map<string, { group: string; version: string; kinds: KindDefinition[]; extensions: ServedGroup[] }>()
    const at = (group: string, version: string) => {
      const key = `${group}/${version}`
      const entry = found.get(key) ?? { group, version, kinds: [], extensions: [] }
      found.set(key, entry)
      return entry
    }
    for (const kind of registry.kinds()) at(kind.group, kind.version).kinds.push(kind)
    for (const extension of extensions) at(extension.group, extension.version).extensions.push(extension)
    return [...found.values()]
  }
  const legacy = (path: string): object | undefined => {
    const all = groupVersions()
    if (path === '/api') return { kind: 'APIVersions', versions: ['v1'], serverAddressByClientCIDRs: [] }
    if (path === '/apis') return { kind: 'APIGroupList', apiVersion: 'v1', groups: groupsOf(all).map(groupDocument) }
    const match = /^\/(?:api\/(v1)|apis\/([^/]+)(?:\/([^/]+))?)$/u.exec(path)
    if (match === null) return undefined
    const [, core, group = '', version] = match
    if (core === undefined && version === undefined) {
      const versions = groupsOf(all).find(([name]) => name === group)
      return versions === undefined ? undefined : { kind: 'APIGroup', apiVersion: 'v1', ...groupDocument(versions) }
    }
    const found = all.find((item) => item.group === group && item.version === (core ?? version))
    return found === undefined ? undefined : resourceList(found)
  }
  return {
    answer(path, accept) {
      if ((path === '/api' || path === '/apis') && accept.includes('as=APIGroupDiscoveryList')) {
        const wanted = groupsOf(groupVersions(), path === '/api')
        const isV2 = accept.includes('v=v2;') || accept.endsWith('v=v2')
        const version = isV2 ? 'v2' : 'v2beta1'
        return seal(
          {
            kind: 'APIGroupDiscoveryList',
            apiVersion: `apidiscovery.k8s.io/${version}`,
            metadata: {},
            items: wanted.map(aggregatedGroup),
          },
          isV2 ? aggregated : aggregated.replace('v=v2', 'v=v2beta1'),
        )
      }
      const document = legacy(path)
      return document === undefined ? undefined : seal(document, 'application/json')
    },
  }
}

function seal(document: object, contentType: string): TaggedDocument {
  const text = JSON.stringify(document)
  return { contentType, text, etag: `"${createHash('sha256').update(text).digest('hex').toUpperCase()}"` }
}

type Group = readonly [name: string, versions: readonly GroupVersion[]]

function groupsOf(all: readonly GroupVersion[], core = false): readonly Group[] {
  const groups = Map.groupBy(
    all.filter(({ group }) => (group === '') === core),
    ({ group }) => group,
  )
  return [...groups].map(
    ([name, versions]) => [name, versions.toSorted((a, b) => compareVersions(a.version, b.version))] as const,
  )
}

function groupDocument([name, versions]: Group): object {
  const list = versions.map(({ group, version }) => ({ groupVersion: apiVersionOf({ group, version }), version }))
  return { name, versions: list, preferredVersion: list[0] }
}

const kindVerbs = (kind: KindDefinition): readonly string[] =>
  kind.kind === 'Namespace' && kind.group === '' ? verbs.filter((verb) => verb !== 'deletecollection') : verbs

/** The subresources of a stored kind. */
const partsOf = (kind: KindDefinition): readonly (readonly [name: string, verbs: readonly string[]])[] => [
  ...(kind.statusSubresource === true ? [['status', partVerbs] as const] : []),
  ...(kind.kind === 'Namespace' && kind.group === '' ? [['finalize', ['update']] as const] : []),
]

function resourceList({ group, version, kinds, extensions }: GroupVersion): object {
  const stored = kinds.flatMap((kind) => [
    {
      name: kind.plural,
      singularName: kind.singular,
      namespaced: kind.namespaced,
      kind: kind.kind,
      verbs: kindVerbs(kind),
      ...(kind.shortNames === undefined ? {} : { shortNames: kind.shortNames }),
      ...(kind.categories === undefined ? {} : { categories: kind.categories }),
    },
    ...partsOf(kind).map(([name, own]) => ({
      name: `${kind.plural}/${name}`,
      singularName: '',
      namespaced: kind.namespaced,
      kind: kind.kind,
      verbs: own,
    })),
  ])
  const served = extensions.flatMap(({ resources }) =>
    resources.map(({ name, kind, namespaced, verbs: own }) => ({ name, singularName: '', namespaced, kind, verbs: own })),
  )
  return {
    kind: 'APIResourceList',
    apiVersion: 'v1',
    groupVersion: apiVersionOf({ group, version }),
    resources: [...stored, ...served],
  }
}

function aggregatedGroup([name, versions]: Group): object {
  return {
    metadata: { name, creationTimestamp: null },
    versions: versions.map(({ group, version, kinds, extensions }) => ({
      version,
      freshness: 'Current',
      resources: [
        ...kinds.map(aggregatedKind),
        ...extensions.flatMap((extension) => aggregatedExtension({ group, version }, extension)),
      ],
    })),
  }
}

function aggregatedKind(kind: KindDefinition): object {
  const responseKind = { group: kind.group, version: kind.version, kind: kind.kind }
  const parts = partsOf(kind).map(([subresource, own]) => ({ subresource, responseKind, verbs: own }))
  return {
    resource: kind.plural,
    responseKind,
    scope: kind.namespaced ? 'Namespaced' : 'Cluster',
    singularResource: kind.singular,
    verbs: kindVerbs(kind),
    ...(kind.shortNames === undefined ? {} : { shortNames: kind.shortNames }),
    ...(kind.categories === undefined ? {} : { categories: kind.categories }),
    ...(parts.length === 0 ? {} : { subresources: parts }),
  }
}

function aggregatedExtension(
  at: { readonly group: string; readonly version: string },
  { resources }: ServedGroup,
): readonly object[] {
  const parents = new Map<string, { readonly namespaced: boolean; verbs: readonly string[]; kind: string; parts: object[] }>()
  for (const { name, kind, namespaced, verbs: own } of resources) {
    const [parent = '', part] = name.split('/')
    const entry = parents.get(parent) ?? { namespaced, verbs: [], kind, parts: [] }
    parents.set(parent, entry)
    if (part === undefined) entry.verbs = own
    else entry.parts.push({ subresource: part, responseKind: { ...at, kind }, verbs: own })
  }
  return [...parents].map(([resource, { namespaced, verbs: own, kind, parts }]) => ({
    resource,
    responseKind: { ...at, kind },
    scope: namespaced ? 'Namespaced' : 'Cluster',
    singularResource: '',
    verbs: own,
    ...(parts.length === 0 ? {} : { subresources: parts }),
  }))
}
