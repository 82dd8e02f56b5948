import type { Condition, KindDefinition, KubernetesObject } from '@weir/api'
import { findKind, isDeleting, type ObjectApi } from './object-api.ts'

interface Namespace extends KubernetesObject {
  readonly spec?: { readonly finalizers?: readonly string[] }
  readonly status?: { readonly phase?: string; readonly conditions?: readonly Condition[] }
}

/**
 * Gives a living namespace its default ServiceAccount, and empties one that is being deleted: deletes what is in it, says
 * in conditions what still holds it up, and lets go of it (finalizer `kubernetes`) when it is empty.
 * `now` is RFC 3339.
 */
export async function reconcileNamespace(api: ObjectApi, name: string, now: string): Promise<void> {
  const kind = findKind(api, '', 'Namespace')
  const namespace: Namespace | undefined = kind && api.get(kind, { namespace: '', name })
  if (kind === undefined || namespace === undefined) return
  if (!isDeleting(namespace)) return ensureDefaultAccount(api, name)
  await deleteContents(api, name)
  const remaining = contentsOf(api, name)
  if (remaining.length > 0) return reportRemaining(api, { kind, namespace, remaining, now })
  const finalizers = (namespace.spec?.finalizers ?? []).filter((finalizer) => finalizer !== 'kubernetes')
  if (finalizers.length !== (namespace.spec?.finalizers ?? []).length) {
    const emptied: Namespace = { ...namespace, spec: { ...namespace.spec, finalizers } }
    await api.update(kind, emptied, 'finalize')
  }
}

async function ensureDefaultAccount(api: ObjectApi, namespace: string): Promise<void> {
  const kind = findKind(api, '', 'ServiceAccount')
  if (kind === undefined || api.get(kind, { namespace, name: 'default' }) !== undefined) return
  await api.create(kind, { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'default', namespace } })
}

interface Content {
  readonly kind: KindDefinition
  readonly object: KubernetesObject
}

const contentsOf = (api: ObjectApi, namespace: string): readonly Content[] =>
  api
    .kinds()
    .filter(({ namespaced }) => namespaced)
    .flatMap((kind) => api.list(kind, namespace).map((object) => ({ kind, object })))

async function deleteContents(api: ObjectApi, namespace: string): Promise<void> {
  const wanted = contentsOf(api, namespace).filter(({ object }) => !isDeleting(object))
  const results = await Promise.allSettled(wanted.map(({ kind, object }) => api.delete(kind, object, 'Background')))
  const errors = results.flatMap((result) => (result.status === 'rejected' ? [result.reason as unknown] : []))
  if (errors.length > 0 && contentsOf(api, namespace).some(({ object }) => !isDeleting(object))) throw errors[0]
}

interface Report {
  readonly kind: KindDefinition
  readonly namespace: Namespace
  readonly remaining: readonly Content[]
  readonly now: string
}

async function reportRemaining(api: ObjectApi, { kind, namespace, remaining, now }: Report): Promise<void> {
  const wanted = conditionsFor(remaining)
  const old = namespace.status?.conditions ?? []
  const isSame = wanted.every((condition) =>
    old.some(
      ({ type, status, message }) => type === condition.type && status === condition.status && message === condition.message,
    ),
  )
  if (isSame && namespace.status?.phase === 'Terminating') return
  const conditions = wanted.map((condition) => {
    const before = old.find(({ type, status }) => type === condition.type && status === condition.status)
    return { ...condition, lastTransitionTime: before?.lastTransitionTime ?? now }
  })
  const others = old.filter(({ type }) => !wanted.some((condition) => condition.type === type))
  const updated: Namespace = { ...namespace, status: { phase: 'Terminating', conditions: [...others, ...conditions] } }
  await api.update(kind, updated, 'status')
}

function conditionsFor(remaining: readonly Content[]): readonly Condition[] {
  const resources = countsOf(remaining.map(({ kind }) => (kind.group === '' ? kind.plural : `${kind.plural}.${kind.group}`)))
  const finalizers = countsOf(remaining.flatMap(({ object }) => object.metadata.finalizers ?? []))
  const left = [...resources].map(([name, count]) => `${name} has ${count} resource instances`).join(', ')
  const held = [...finalizers].map(([name, count]) => `${name} in ${count} resource instances`).join(', ')
  return [
    {
      type: 'NamespaceContentRemaining',
      status: 'True',
      reason: 'SomeResourcesRemain',
      message: `Some resources are remaining: ${left}`,
    },
    {
      type: 'NamespaceFinalizersRemaining',
      status: held === '' ? 'False' : 'True',
      reason: held === '' ? 'ContentHasNoFinalizers' : 'SomeFinalizersRemain',
      message:
        held === ''
          ? 'All content-preserving finalizers finished'
          : `Some content in the namespace has finalizers remaining: ${held}`,
    },
  ]
}

function countsOf(names: readonly string[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>()
  for (const name of names.toSorted()) counts.set(name, (counts.get(name) ?? 0) + 1)
  return counts
}
