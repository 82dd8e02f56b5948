import { type KindDefinition, node, virtualMachine, virtualMachineInstance } from '@weir/api'
import { type Finding, finding, type KubernetesList } from '@weir/estate'

/** One list of a cluster, and what it means that a cluster does not serve it. */
export interface ClusterList {
  readonly list: KubernetesList
  readonly kind: KindDefinition
  /** `Fail`: nothing can be said without it. `Pass`: such a cluster is like one that has none. Else the finding that tells it. */
  readonly ifNotServed: 'Fail' | 'Pass' | Finding
}

/** A kind that is only listed, whose schema nobody needs. */
const listed = (names: Pick<KindDefinition, 'group' | 'version' | 'kind' | 'plural'>): KindDefinition => ({
  ...names,
  singular: names.kind.toLowerCase(),
  namespaced: true,
  schema: {},
})

const migrations = { kind: 'VirtualMachineInstanceMigration', plural: 'virtualmachineinstancemigrations' } as const

/** All that is read of a cluster. Secrets and ConfigMaps are not, and never will be. */
export const clusterLists: readonly ClusterList[] = [
  { list: 'nodes', kind: node, ifNotServed: 'Fail' },
  {
    list: 'pods',
    kind: listed({ group: '', version: 'v1', kind: 'Pod', plural: 'pods' }),
    ifNotServed: finding('pods.none', { kind: 'Missing', object: 'sheet/pods' }, {}),
  },
  { list: 'virtualMachines', kind: virtualMachine, ifNotServed: 'Pass' },
  { list: 'virtualMachineInstances', kind: virtualMachineInstance, ifNotServed: 'Pass' },
  {
    list: 'podMetrics',
    kind: listed({ group: 'metrics.k8s.io', version: 'v1beta1', kind: 'PodMetrics', plural: 'pods' }),
    ifNotServed: finding('metrics.none', { kind: 'Missing', object: 'sheet/podMetrics' }, {}),
  },
  { list: 'migrations', kind: listed({ group: 'kubevirt.io', version: 'v1', ...migrations }), ifNotServed: 'Pass' },
  {
    list: 'disruptionBudgets',
    kind: listed({ group: 'policy', version: 'v1', kind: 'PodDisruptionBudget', plural: 'poddisruptionbudgets' }),
    ifNotServed: 'Pass',
  },
]
