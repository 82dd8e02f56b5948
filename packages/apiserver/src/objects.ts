import type { KindDefinition, KubernetesObject } from '@weir/api'
import { type Clock, isWeirError } from '@weir/base'
import type { Entry, RevisionLog, Write } from '@weir/store'
import { alreadyExists, badRequest, changedMeanwhile, conflict, forbidden, invalid, notFound } from './failure.ts'
import { asCreated, asUpdated, conform, isSame, type Part, specDiffers, type WriteRules } from './object-rules.ts'
import { forbidden as forbiddenCause } from './schema/cause.ts'
import { asServed, isLeaving, objectOf, parseStored, serialize, storedKey, withRevision } from './stored.ts'
import { createTimestamps } from './timestamps.ts'

/** Names one object; `namespace` is '' for cluster-scoped kinds. */
interface Name {
  readonly namespace: string
  readonly name: string
}

export interface WriteOptions extends WriteRules {
  readonly dryRun: boolean
}

/** What must be true of the object for a deletion, and how its dependents fare. */
export interface DeletionOptions {
  readonly dryRun?: boolean
  readonly uid?: string | undefined
  readonly resourceVersion?: string | undefined
  readonly policy?: 'Background' | 'Foreground' | 'Orphan'
}

/** Objects over the log, with the rules of Kubernetes. Texts are as stored; see `stored.ts`. */
export interface Objects {
  /** The entry in the version of `kind`. @throws 404 */
  get(kind: KindDefinition, name: Name): Entry
  find(kind: KindDefinition, name: Name): Entry | undefined
  create(kind: KindDefinition, object: KubernetesObject, options: WriteOptions & { readonly namespace: string }): Promise<string>
  /** Replaces the object by what `change` makes of it; `change` may run again if somebody else wrote in between. */
  update(kind: KindDefinition, name: Name, request: UpdateRequest): Promise<string>
  /** `done` is false while finalizers hold the object. */
  delete(kind: KindDefinition, name: Name, options: DeletionOptions): Promise<{ readonly done: boolean; readonly text: string }>
}

interface UpdateRequest {
  readonly part: Part
  readonly options: WriteOptions
  readonly change: (old: KubernetesObject) => KubernetesObject
}

export interface ObjectsDeps {
  readonly log: RevisionLog
  readonly clock: Clock
  readonly newUid: () => string
  readonly newSuffix: () => string
  /** Called after each durable write or deletion of an object. */
  readonly onWritten: (kind: KindDefinition, name: Name) => void
}

/** How often a write is tried that somebody else was faster with, and a name that was taken. */
const attempts = 8

/** Objects over `log`. */
export function createObjects({ log, clock, newUid, newSuffix, onWritten }: ObjectsDeps): Objects {
  const now = createTimestamps(clock)
  const find = (kind: KindDefinition, { namespace, name }: Name): Entry | undefined => {
    const entry = log.get(storedKey(kind, namespace, name))
    return entry === undefined ? undefined : { ...entry, value: asServed(entry.value, kind) }
  }
  const get = (kind: KindDefinition, name: Name): Entry => {
    const entry = find(kind, name)
    if (entry === undefined) throw notFound(kind, name.name)
    return entry
  }
  const commit = createCommit(log)
  /** Puts the object if its revision is still `expected`; a lost race is undefined. */
  const put = async (kind: KindDefinition, object: KubernetesObject, expected: number): Promise<string | undefined> => {
    const { name, namespace = '' } = object.metadata
    const textAt = serialize(object)
    const revision = await commit({ key: storedKey(kind, namespace, name), value: textAt, expected })
    if (revision === undefined) return undefined
    onWritten(kind, { namespace, name })
    return textAt(revision)
  }
  const remove = async (kind: KindDefinition, entry: Entry): Promise<string | undefined> => {
    const { name, namespace = '' } = objectOf(entry).metadata
    const revision = await commit({ key: storedKey(kind, namespace, name), expected: entry.modRevision })
    if (revision === undefined) return undefined
    onWritten(kind, { namespace, name })
    return withRevision(entry.value, revision)
  }

  const create: Objects['create'] = async (kind, object, options) => {
    const { namespace, dryRun } = options
    if (kind.namespaced) checkNamespace(kind, { namespace, name: object.metadata.name }, log)
    for (let attempt = 0; ; attempt++) {
      const created = conform(kind, asCreated(kind, object, { uid: newUid(), now: now(), namespace, newSuffix }), {
        rules: options,
      })
      const name = { namespace: kind.namespaced ? namespace : '', name: created.metadata.name }
      const text =
        find(kind, name) !== undefined ? undefined : dryRun ? serialize(created)(log.head()) : await put(kind, created, 0)
      if (text !== undefined) return text
      if (object.metadata.name || attempt >= attempts) throw alreadyExists(kind, name.name)
    }
  }

  const replaceOnce = async (
    kind: KindDefinition,
    entry: Entry,
    { part, options, change }: UpdateRequest,
  ): Promise<string | undefined> => {
    const old = parseStored(entry.value)
    const wanted = change(old)
    checkIdentity(kind, wanted, old)
    const merged = conform(kind, asUpdated(kind, wanted, { old, part }), { rules: options, old })
    checkFinalizers(kind, merged, old)
    if (isSame(merged, old)) return entry.value
    const isBumped = part === 'main' && specDiffers(kind, merged, old)
    const next = isBumped
      ? { ...merged, metadata: { ...merged.metadata, generation: (old.metadata.generation ?? 0) + 1 } }
      : merged
    if (options.dryRun) return serialize(next)(entry.modRevision)
    const isLast = old.metadata.deletionTimestamp !== undefined && !isHeld(next)
    return isLast ? remove(kind, { ...entry, value: serialize(next)(entry.modRevision) }) : put(kind, next, entry.modRevision)
  }
  const update: Objects['update'] = async (kind, name, request) => {
    for (let attempt = 0; attempt < attempts; attempt++) {
      const text = await replaceOnce(kind, get(kind, name), request)
      if (text !== undefined) return text
    }
    throw changedMeanwhile(kind, name.name)
  }

  const remove1 = async (
    kind: KindDefinition,
    entry: Entry,
    options: DeletionOptions,
  ): Promise<{ done: boolean; text: string } | undefined> => {
    const object = objectOf(entry)
    checkPreconditions(kind, object, options)
    const finalizers = withPolicy(object, options.policy ?? 'Background')
    const next = { ...object, metadata: { ...object.metadata, ...(finalizers.length === 0 ? {} : { finalizers }) } }
    if (!isHeld(next)) {
      const text = options.dryRun === true ? entry.value : await remove(kind, entry)
      return text === undefined ? undefined : { done: true, text }
    }
    if (object.metadata.deletionTimestamp !== undefined && isSame(next, object)) return { done: false, text: entry.value }
    const marked = markDeleted(kind, next, now())
    const text = options.dryRun === true ? serialize(marked)(entry.modRevision) : await put(kind, marked, entry.modRevision)
    return text === undefined ? undefined : { done: false, text }
  }
  return {
    get,
    find,
    create,
    update,
    delete: async (kind, name, options) => {
      for (let attempt = 0; attempt < attempts; attempt++) {
        const result = await remove1(kind, get(kind, name), options)
        if (result !== undefined) return result
      }
      throw changedMeanwhile(kind, name.name)
    },
  }
}

/**
 * The revision of a durable write, or undefined if another one was first: then once that one can be read, since trying again
 * before would lose again.
 */
function createCommit(log: RevisionLog): (write: Write) => Promise<number | undefined> {
  /** For each key the end of all writes begun so far. */
  const underWay = new Map<string, Promise<unknown>>()
  return async (write) => {
    const earlier = underWay.get(write.key)
    const mine = log.commit(write)
    const all = Promise.allSettled([earlier, mine])
    underWay.set(write.key, all)
    try {
      return await mine
    } catch (error) {
      if (!isWeirError(error, 'STORE_CONFLICT')) throw error
      await earlier
      return undefined
    } finally {
      if (underWay.get(write.key) === all) underWay.delete(write.key)
    }
  }
}

/** True while something must be done before the object may go. */
function isHeld(object: KubernetesObject): boolean {
  const inner =
    object.kind === 'Namespace' && object.apiVersion === 'v1'
      ? (object as { readonly spec?: { readonly finalizers?: readonly string[] } }).spec?.finalizers
      : []
  return (object.metadata.finalizers ?? []).length > 0 || (inner ?? []).length > 0
}

function markDeleted(kind: KindDefinition, object: KubernetesObject, now: string): KubernetesObject {
  const { metadata } = object
  const marked = {
    ...object,
    metadata: {
      ...metadata,
      deletionTimestamp: metadata.deletionTimestamp ?? now,
      deletionGracePeriodSeconds: 0,
      generation: (metadata.generation ?? 0) + 1,
    },
  }
  if (kind.kind !== 'Namespace' || kind.group !== '') return marked
  const { status } = object as { readonly status?: object }
  return { ...marked, status: { ...status, phase: 'Terminating' } } as KubernetesObject
}

function withPolicy({ metadata }: KubernetesObject, policy: 'Background' | 'Foreground' | 'Orphan'): readonly string[] {
  const others = (metadata.finalizers ?? []).filter((item) => item !== 'foregroundDeletion' && item !== 'orphan')
  if (metadata.deletionTimestamp !== undefined) return metadata.finalizers ?? []
  if (policy === 'Foreground') return [...others, 'foregroundDeletion']
  return policy === 'Orphan' ? [...others, 'orphan'] : others
}

function checkNamespace(kind: KindDefinition, { namespace, name }: Name, log: RevisionLog): void {
  const namespaces = { group: '', plural: 'namespaces', kind: 'Namespace' }
  if (namespace === '') throw badRequest('an empty namespace may not be set during creation')
  const entry = log.get(storedKey(namespaces, '', namespace))
  if (entry === undefined) throw notFound(namespaces, namespace)
  if (!isLeaving(entry.value)) return
  throw forbidden(kind, name, `unable to create new content in namespace ${namespace} because it is being terminated`, {
    causes: [
      { reason: 'NamespaceTerminating', message: `namespace ${namespace} is being terminated`, field: 'metadata.namespace' },
    ],
  })
}

/** What an update says of identity and version must be true of the object. */
function checkIdentity(kind: KindDefinition, wanted: KubernetesObject, old: KubernetesObject): void {
  const { name, uid, resourceVersion } = wanted.metadata
  if (name !== old.metadata.name)
    throw badRequest(`the name of the object (${name}) does not match the name on the URL (${old.metadata.name})`)
  if (uid !== undefined && uid !== '' && uid !== old.metadata.uid) {
    throw conflict(kind, name, `Precondition failed: UID in precondition: ${uid}, UID in object meta: ${old.metadata.uid ?? ''}`)
  }
  if (resourceVersion !== undefined && resourceVersion !== '' && resourceVersion !== old.metadata.resourceVersion) {
    throw changedMeanwhile(kind, name)
  }
}

/** Nothing new may hold an object that is on its way out. */
function checkFinalizers(kind: KindDefinition, next: KubernetesObject, old: KubernetesObject): void {
  if (old.metadata.deletionTimestamp === undefined) return
  const before = new Set(old.metadata.finalizers)
  const added = (next.metadata.finalizers ?? []).filter((item) => !before.has(item))
  if (added.length === 0) return
  throw invalid(kind, old.metadata.name, [
    forbiddenCause(
      'metadata.finalizers',
      `no new finalizers can be added if the object is being deleted, found new finalizers ${JSON.stringify(added)}`,
    ),
  ])
}

function checkPreconditions(
  kind: KindDefinition,
  { metadata }: KubernetesObject,
  { uid, resourceVersion }: DeletionOptions,
): void {
  const { name } = metadata
  if (kind.group === '' && kind.kind === 'Namespace' && ['default', 'kube-system', 'kube-public'].includes(name)) {
    throw forbidden(kind, name, 'this namespace may not be deleted')
  }
  if (uid !== undefined && uid !== metadata.uid) {
    throw conflict(kind, name, `Precondition failed: UID in precondition: ${uid}, UID in object meta: ${metadata.uid ?? ''}`)
  }
  if (resourceVersion !== undefined && resourceVersion !== metadata.resourceVersion) {
    throw conflict(
      kind,
      name,
      `Precondition failed: resource version in precondition: ${resourceVersion}, resource version in object meta: ${metadata.resourceVersion ?? ''}`,
    )
  }
}
