import type { KindDefinition } from '@weir/api'

/** What a cluster of many machines serves beside what Weir's own API does; any field goes. */
const open = (names: Pick<KindDefinition, 'group' | 'version' | 'kind' | 'plural'>): KindDefinition => ({
  ...names,
  singular: names.kind.toLowerCase(),
  namespaced: true,
  schema: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
})

export const pod = open({ group: '', version: 'v1', kind: 'Pod', plural: 'pods' })
export const podMetrics = open({ group: 'metrics.k8s.io', version: 'v1beta1', kind: 'PodMetrics', plural: 'pods' })
export const migration = open({
  group: 'kubevirt.io',
  version: 'v1',
  kind: 'VirtualMachineInstanceMigration',
  plural: 'virtualmachineinstancemigrations',
})
export const budget = open({ group: 'policy', version: 'v1', kind: 'PodDisruptionBudget', plural: 'poddisruptionbudgets' })
