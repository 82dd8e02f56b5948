import type { KindDefinition, Status } from '@weir/api'
import { type ErrorCode, WeirError } from '@weir/base'
import type { RevisionLog } from '@weir/store'
import { Failure } from './failure.ts'
import type { ObjectApi, ObjectChange } from './housekeeping/object-api.ts'
import type { Objects, WriteOptions } from './objects.ts'
import type { KindRegistry } from './registry.ts'
import { asServed, mayBeOwnedOrLeaving, objectOf, parseStored, prefixOf, withRevision } from './stored.ts'

const quiet: WriteOptions = { dryRun: false, fieldValidation: 'Ignore', warn: () => {} }

/** What housekeeping sees of the server: the objects, past HTTP and authorization, under the same rules of writing. */
export function createObjectApi(deps: {
  readonly log: RevisionLog
  readonly objects: Objects
  readonly registry: KindRegistry
}): ObjectApi {
  const { log, objects, registry } = deps
  const kinds = (): readonly KindDefinition[] => {
    const stored = new Map<string, KindDefinition>()
    for (const kind of registry.kinds())
      if (!stored.has(`${kind.group}/${kind.plural}`)) stored.set(`${kind.group}/${kind.plural}`, kind)
    return [...stored.values()]
  }
  const nameOf = ({ metadata }: { readonly metadata: { readonly name: string; readonly namespace?: string } }) => ({
    namespace: metadata.namespace ?? '',
    name: metadata.name,
  })
  return {
    kinds,
    get: (kind, name) => {
      const entry = objects.find(kind, name)
      return entry === undefined ? undefined : objectOf(entry)
    },
    list: (kind, namespace) =>
      log
        .list({ prefix: prefixOf(kind, kind.namespaced ? namespace : '') })
        .entries.map(({ value }) => parseStored(asServed(value, kind))),
    create: (kind, object) => named(objects.create(kind, object, { ...quiet, namespace: object.metadata.namespace ?? '' })),
    update: (kind, object, subresource) =>
      named(objects.update(kind, nameOf(object), { part: subresource ?? 'main', options: quiet, change: () => object })),
    delete: (kind, object, policy) => named(objects.delete(kind, nameOf(object), { uid: object.metadata.uid, policy })),
    subscribe: (listener) => {
      const ends: (() => void)[] = []
      const follow = (kind: KindDefinition): void => {
        ends.push(followKind(log, kind, listener))
      }
      for (const kind of kinds()) follow(kind)
      const followed = new Set(kinds().map(({ group, plural }) => `${group}/${plural}`))
      ends.push(
        registry.onAdded((kind) => {
          const key = `${kind.group}/${kind.plural}`
          if (followed.has(key)) return
          followed.add(key)
          follow(kind)
        }),
      )
      return () => {
        for (const end of ends) end()
      }
    },
  }
}

/** Waits for a write; the answers of HTTP become the errors that the port promises. */
async function named(write: Promise<unknown>): Promise<void> {
  try {
    await write
  } catch (error) {
    if (!(error instanceof Failure)) throw error
    const code = codeOf(error.status)
    if (code === undefined) throw error
    throw new WeirError(code, error.message, { cause: error })
  }
}

function codeOf({ code, reason }: Status): ErrorCode | undefined {
  if (code === 404) return 'API_NOT_FOUND'
  if (code !== 409) return undefined
  return reason === 'AlreadyExists' ? 'API_ALREADY_EXISTS' : 'API_CONFLICT'
}

/** Tells of the objects of `kind` there are, then of changes: those that housekeeping has a use for. Others are not even read. */
function followKind(log: RevisionLog, kind: KindDefinition, listener: (change: ObjectChange) => void): () => void {
  const prefix = prefixOf(kind)
  const isWanted = (text: string): boolean => isCared(kind) || mayBeOwnedOrLeaving(text)
  const page = log.list({ prefix })
  for (const { value } of page.entries) if (isWanted(value)) listener({ kind, object: parseStored(value), deleted: false })
  return log.watch(prefix, page.revision, (events) => {
    for (const { value, previous = '', revision } of events) {
      if (value === undefined) {
        if (previous !== '') listener({ kind, object: parseStored(withRevision(previous, revision)), deleted: true })
      } else if (isWanted(value) || mayBeOwnedOrLeaving(previous)) listener({ kind, object: parseStored(value), deleted: false })
    }
  })
}

/** Kinds whose every object has work done for it. */
const isCared = ({ group, kind }: KindDefinition): boolean =>
  (group === '' && kind === 'Namespace') || (group === 'apiextensions.k8s.io' && kind === 'CustomResourceDefinition')
