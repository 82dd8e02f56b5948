import type { KindDefinition } from './definition.ts'
import { virtualMachineInstanceSchema, virtualMachineSchema } from './kubevirt-schema.ts'
import type { VirtualMachine, VirtualMachineInstance } from './kubevirt-types.ts'

const ready = '.status.conditions[?(@.type=="Ready")].status'

export const virtualMachine: KindDefinition<VirtualMachine> = {
  group: 'kubevirt.io',
  version: 'v1',
  kind: 'VirtualMachine',
  plural: 'virtualmachines',
  singular: 'virtualmachine',
  shortNames: ['vm', 'vms'],
  categories: ['all'],
  namespaced: true,
  statusSubresource: true,
  schema: virtualMachineSchema,
  columns: [
    { name: 'Age', type: 'date', jsonPath: '.metadata.creationTimestamp' },
    { name: 'Status', type: 'string', jsonPath: '.status.printableStatus', description: 'The state in one word' },
    { name: 'Ready', type: 'string', jsonPath: ready },
  ],
}

export const virtualMachineInstance: KindDefinition<VirtualMachineInstance> = {
  group: 'kubevirt.io',
  version: 'v1',
  kind: 'VirtualMachineInstance',
  plural: 'virtualmachineinstances',
  singular: 'virtualmachineinstance',
  shortNames: ['vmi', 'vmis'],
  categories: ['all'],
  namespaced: true,
  statusSubresource: true,
  schema: virtualMachineInstanceSchema,
  columns: [
    { name: 'Age', type: 'date', jsonPath: '.metadata.creationTimestamp' },
    { name: 'Phase', type: 'string', jsonPath: '.status.phase' },
    { name: 'IP', type: 'string', jsonPath: '.status.interfaces[0].ipAddress' },
    { name: 'NodeName', type: 'string', jsonPath: '.status.nodeName' },
    { name: 'Ready', type: 'string', jsonPath: ready },
    { name: 'Paused', type: 'string', jsonPath: '.status.conditions[?(@.type=="Paused")].status', priority: 1 },
  ],
}
