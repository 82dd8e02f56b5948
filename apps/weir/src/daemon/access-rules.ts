import type { AccessRule, User } from '@weir/apiserver'

/** Who the engine is to the API server. */
export const engineUser: User = { name: 'system:weir:engine', groups: ['system:authenticated'] }

const all = ['get', 'list', 'watch', 'create', 'update', 'patch', 'delete']
const follow = ['get', 'list', 'watch']

/** What the components may do, and no more. The administrator is in `system:masters`. */
export const accessRules: Readonly<Record<string, readonly AccessRule[]>> = {
  [engineUser.name]: [
    {
      groups: ['kubevirt.io'],
      resources: ['virtualmachines', 'virtualmachines/status', 'virtualmachineinstances', 'virtualmachineinstances/status'],
      verbs: all,
    },
    {
      groups: ['cdi.kubevirt.io'],
      resources: ['datavolumes', 'datavolumes/status', 'cdiconfigs', 'cdiconfigs/status'],
      verbs: all,
    },
    {
      groups: [''],
      resources: [
        'nodes',
        'nodes/status',
        'persistentvolumes',
        'persistentvolumes/status',
        'persistentvolumeclaims',
        'persistentvolumeclaims/status',
        'events',
      ],
      verbs: all,
    },
    { groups: [''], resources: ['secrets'], verbs: ['get'] },
    { groups: ['storage.k8s.io'], resources: ['storageclasses'], verbs: [...follow, 'create'] },
    { groups: ['coordination.k8s.io'], resources: ['leases'], verbs: all },
  ],
}
