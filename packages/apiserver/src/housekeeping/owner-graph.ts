import type { KindDefinition, KubernetesObject, OwnerReference } from '@weir/api'
import { type ObjectChange, type ObjectName, hasFinalizer, isDeleting, nameOf } from './object-api.ts'

/** What the collector remembers of an object: enough to find it again, and whose it is. */
export interface GraphNode {
  readonly uid: string
  readonly kind: KindDefinition
  readonly name: ObjectName
  readonly owners: readonly OwnerReference[]
  readonly isWaiting: boolean
}

/** Who owns whom, by uid. */
export interface OwnerGraph {
  node(uid: string): GraphNode | undefined
  dependents(ownerUid: string): readonly GraphNode[]
  /** The uids of all that is owned or waits for its dependents: what a look at everything looks at. */
  open(): readonly string[]
  /** Takes a change in, and returns the uids that may have something to do now. O(owners + dependents of the object). */
  apply(change: ObjectChange): readonly string[]
}

export function createOwnerGraph(): OwnerGraph {
  const nodes = new Map<string, GraphNode>()
  const dependents = new Map<string, Set<string>>()
  const unlink = (node: GraphNode): void => {
    for (const { uid } of node.owners) {
      const set = dependents.get(uid)
      set?.delete(node.uid)
      if (set?.size === 0) dependents.delete(uid)
    }
  }
  const link = (node: GraphNode): void => {
    for (const { uid } of node.owners) {
      const set = dependents.get(uid) ?? new Set()
      dependents.set(uid, set.add(node.uid))
    }
  }
  const dependentsOf = (uid: string): readonly string[] => [...(dependents.get(uid) ?? [])]
  return {
    node: (uid) => nodes.get(uid),
    open: () => [...nodes.values()].filter(isOpen).map(({ uid }) => uid),
    dependents: (uid) => dependentsOf(uid).flatMap((dependent) => nodes.get(dependent) ?? []),
    apply: ({ kind, object, deleted }) => {
      const { uid } = object.metadata
      if (uid === undefined) return []
      const before = nodes.get(uid)
      if (before !== undefined) unlink(before)
      if (deleted) {
        nodes.delete(uid)
        return [...dependentsOf(uid), ...(before?.owners ?? []).map((owner) => owner.uid)]
      }
      const node = toNode(kind, object, uid)
      nodes.set(uid, node)
      link(node)
      const formerOwners = (before?.owners ?? []).map((owner) => owner.uid)
      return [...(isOpen(node) ? [uid] : []), ...formerOwners, ...(node.isWaiting ? dependentsOf(uid) : [])]
    },
  }
}

const toNode = (kind: KindDefinition, object: KubernetesObject, uid: string): GraphNode => ({
  uid,
  kind,
  name: nameOf(object),
  owners: object.metadata.ownerReferences ?? [],
  isWaiting: isDeleting(object) && (hasFinalizer(object, 'foregroundDeletion') || hasFinalizer(object, 'orphan')),
})

const isOpen = ({ owners, isWaiting }: GraphNode): boolean => owners.length > 0 || isWaiting
