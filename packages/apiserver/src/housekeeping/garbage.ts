import type { KubernetesObject, OwnerReference } from '@weir/api'
import { findKind, groupOf, hasFinalizer, isDeleting, type ObjectApi, withoutFinalizer } from './object-api.ts'
import type { GraphNode, OwnerGraph } from './owner-graph.ts'

export interface GarbageDeps {
  readonly api: ObjectApi
  readonly graph: OwnerGraph
}

/**
 * Does for the object `uid` what its owners and its own deletion ask: deletes it when none of its owners is left, drops
 * references to those that are gone, and lets an owner go that waited for its dependents. Decides on what the API server
 * says now; the graph only says where to look.
 */
export async function collect({ api, graph }: GarbageDeps, uid: string): Promise<void> {
  const node = graph.node(uid)
  const object = node && api.get(node.kind, node.name)
  if (node === undefined || object?.metadata.uid !== uid) return
  if (isDeleting(object)) return finishDeletion({ api, graph }, node, object)
  const owners = object.metadata.ownerReferences ?? []
  if (owners.length === 0) return
  const states = owners.map((owner) => stateOf(api, owner, node))
  const keep = owners.filter((_, index) => states[index] === 'Solid')
  if (keep.length === owners.length) return
  if (keep.length > 0) return api.update(node.kind, withOwners(object, keep))
  const isForeground = states.includes('Waiting') && graph.dependents(uid).length > 0
  await api.delete(node.kind, object, isForeground ? 'Foreground' : 'Background')
}

const withOwners = (object: KubernetesObject, ownerReferences: readonly OwnerReference[]): KubernetesObject => ({
  ...object,
  metadata: { ...object.metadata, ownerReferences },
})

/**
 * `Absent` if there is no such owner: another uid under its name, or another namespace, is another object. `Waiting` if it
 * is being deleted and waits for its dependents. An owner of a kind that is not served may exist: it counts as `Solid`, and
 * so does a namespaced owner of a cluster-scoped object, which cannot be looked up.
 */
function stateOf(api: ObjectApi, owner: OwnerReference, { name, kind }: GraphNode): 'Solid' | 'Absent' | 'Waiting' {
  const ownerKind = findKind(api, groupOf(owner.apiVersion), owner.kind)
  if (ownerKind === undefined || (ownerKind.namespaced && !kind.namespaced)) return 'Solid'
  const found = api.get(ownerKind, { namespace: ownerKind.namespaced ? name.namespace : '', name: owner.name })
  if (found?.metadata.uid !== owner.uid) return 'Absent'
  return isDeleting(found) && hasFinalizer(found, 'foregroundDeletion') ? 'Waiting' : 'Solid'
}

async function finishDeletion(deps: GarbageDeps, node: GraphNode, object: KubernetesObject): Promise<void> {
  if (hasFinalizer(object, 'orphan')) return orphanDependents(deps, node, object)
  if (!hasFinalizer(object, 'foregroundDeletion')) return
  const isBlocked = deps.graph
    .dependents(node.uid)
    .some(({ owners }) => owners.some((owner) => owner.uid === node.uid && owner.blockOwnerDeletion === true))
  // The dependents are keys of their own: each deletes itself, and tells its owner when it is gone.
  if (!isBlocked) await deps.api.update(node.kind, withoutFinalizer(object, 'foregroundDeletion'))
}

async function orphanDependents({ api, graph }: GarbageDeps, node: GraphNode, object: KubernetesObject): Promise<void> {
  for (const dependent of graph.dependents(node.uid)) {
    const current = api.get(dependent.kind, dependent.name)
    if (current?.metadata.uid !== dependent.uid) continue
    const owners = current.metadata.ownerReferences ?? []
    const others = owners.filter(({ uid }) => uid !== node.uid)
    if (others.length < owners.length) await api.update(dependent.kind, withOwners(current, others))
  }
  await api.update(node.kind, withoutFinalizer(object, 'orphan'))
}
