import { apiVersionOf, type KindDefinition, type KubernetesObject, type ObjectList } from '@weir/api'
import { isWeirError } from '@weir/base'
import { type Call, send } from './calls.ts'
import type { Client, ListOptions } from './client.ts'
import { badAnswer } from './lines.ts'
import { collectionPath, deleteBody, listPath, objectPath } from './paths.ts'
import type { Transport } from './transport.ts'
import { watchEvents } from './watch.ts'

const pageSize = 500
const contentTypes = { merge: 'application/merge-patch+json', json: 'application/json-patch+json' } as const

/** A client over `transport`. It holds no connection and no state. */
export function createClient(transport: Transport): Client {
  const object = async <T extends KubernetesObject>(kind: KindDefinition<T>, call: Call): Promise<T> =>
    parseObject(kind, await send(transport, call))
  const keyOf = ({ metadata }: KubernetesObject) => metadata
  return {
    get: (kind, key, signal) => object(kind, { method: 'GET', path: objectPath(kind, key), signal }),
    list: (kind, options = {}) => (options.limit === undefined ? listAll : listPage)({ transport, kind }, options),
    create: (kind, body, signal) =>
      object(kind, { method: 'POST', path: collectionPath(kind, body.metadata.namespace), body, signal }),
    update: (kind, body, signal) => object(kind, { method: 'PUT', path: objectPath(kind, keyOf(body)), body, signal }),
    updateStatus: (kind, body, signal) =>
      object(kind, { method: 'PUT', path: objectPath(kind, keyOf(body), 'status'), body, signal }),
    patch: (kind, key, { type, body, subresource }, signal) =>
      object(kind, { method: 'PATCH', path: objectPath(kind, key, subresource), body, contentType: contentTypes[type], signal }),
    delete: async (kind, key, options = {}) => {
      const body = deleteBody(options)
      await send(transport, { method: 'DELETE', path: objectPath(kind, key), body, signal: options.signal })
    },
    watch: (kind, options) => watchEvents({ transport, kind }, options),
    raw: (method, path, body, signal) => send(transport, { method, path, body, signal }),
  }
}

interface Source<T extends KubernetesObject> {
  readonly transport: Transport
  readonly kind: KindDefinition<T>
}

async function listPage<T extends KubernetesObject>(
  { transport, kind }: Source<T>,
  options: ListOptions,
): Promise<ObjectList<T>> {
  return parseList(kind, await send(transport, { method: 'GET', path: listPath(kind, options), signal: options.signal }))
}

/** All pages as one list. Pages are of one revision; if that expires half-way, everything is listed anew in one piece. */
async function listAll<T extends KubernetesObject>(source: Source<T>, options: ListOptions): Promise<ObjectList<T>> {
  const first = await listPage(source, { ...options, limit: pageSize })
  const items = [...first.items]
  try {
    for (let token = first.metadata.continue; token !== undefined && token !== '';) {
      const { resourceVersion: _ofFirstPage, ...rest } = options
      const page = await listPage(source, { ...rest, limit: pageSize, continue: token })
      items.push(...page.items)
      token = page.metadata.continue
    }
  } catch (error) {
    if (isWeirError(error, 'API_EXPIRED')) return await listPage(source, options)
    throw error
  }
  return { ...first, metadata: { resourceVersion: first.metadata.resourceVersion }, items }
}

function parseObject<T extends KubernetesObject>(kind: KindDefinition<T>, value: unknown): T {
  if (!isObject(value) || !isObject(value['metadata'])) throw badAnswer(`The API server answered no ${kind.kind}`)
  return value as unknown as T
}

function parseList<T extends KubernetesObject>(kind: KindDefinition<T>, value: unknown): ObjectList<T> {
  if (!isList(value)) throw badAnswer(`The API server answered no list of ${kind.plural}`)
  const list = value as ObjectList<T>
  const type = { apiVersion: apiVersionOf(kind), kind: kind.kind }
  // The items of a list of built-in kinds come without their type, and an empty Go slice may come as null.
  return { ...list, items: ((list.items as readonly T[] | null) ?? []).map((item) => ({ ...type, ...item })) }
}

const isList = (value: unknown): boolean =>
  isObject(value) && isObject(value['metadata']) && (value['items'] === null || Array.isArray(value['items']))

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null
