import { crdStatus } from '../crd/accept.ts'
import { cleanupFinalizer, type CustomResourceDefinition } from '../crd/crd.ts'
import { jsonEquals } from '../schema/json.ts'
import { findKind, hasFinalizer, isDeleting, type ObjectApi, withoutFinalizer } from './object-api.ts'

/** Keeps a CustomResourceDefinition's status true, and deletes its objects before it goes. `now` is RFC 3339. */
export async function reconcileDefinition(api: ObjectApi, name: string, now: string): Promise<void> {
  const kind = findKind(api, 'apiextensions.k8s.io', 'CustomResourceDefinition')
  const crd = kind && (api.get(kind, { namespace: '', name }) as CustomResourceDefinition | undefined)
  if (kind === undefined || crd === undefined) return
  if (isDeleting(crd)) {
    if (!hasFinalizer(crd, cleanupFinalizer)) return
    if (await deleteInstances(api, crd)) await api.update(kind, withoutFinalizer(crd, cleanupFinalizer))
    return
  }
  const status = crdStatus(crd, api.kinds(), now)
  if (!jsonEquals(status, crd.status)) await api.update(kind, { ...crd, status } as CustomResourceDefinition, 'status')
}

/** True when no object is left. */
async function deleteInstances(api: ObjectApi, { spec }: CustomResourceDefinition): Promise<boolean> {
  const kind = findKind(api, spec.group, spec.names.kind)
  if (kind === undefined || kind.plural !== spec.names.plural) return true
  for (const object of api.list(kind)) if (!isDeleting(object)) await api.delete(kind, object, 'Background')
  return api.list(kind).length === 0
}
