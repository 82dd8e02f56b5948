import type {
  Condition,
  InstancePhase,
  RunStrategy,
  VirtualMachine,
  VirtualMachineInstance,
  VirtualMachineStatus,
} from '@weir/api'
import type { MachineView } from './machine-view.ts'

const spec = { domain: { devices: {} } }

/** The moment at which the views are taken. */
export const now = Date.parse('2026-01-01T00:00:00Z')

/** A machine under a strategy, with a status. */
export const aMachine = (runStrategy: RunStrategy, status: VirtualMachineStatus = {}): VirtualMachine => ({
  apiVersion: 'kubevirt.io/v1',
  kind: 'VirtualMachine',
  metadata: { name: 'web', namespace: 'shop', uid: 'vm', generation: 3 },
  spec: { runStrategy, template: { spec } },
  status,
})

/** An instance in a phase, with conditions given as `Type=Status/Reason`. */
export const anInstance = (
  phase: InstancePhase,
  {
    conditions = [],
    ...metadata
  }: Partial<VirtualMachineInstance['metadata']> & { readonly conditions?: readonly string[] } = {},
): VirtualMachineInstance => ({
  apiVersion: 'kubevirt.io/v1',
  kind: 'VirtualMachineInstance',
  metadata: { name: 'web', namespace: 'shop', uid: 'vmi', ...metadata },
  spec,
  status: { phase, conditions: conditions.map(toCondition) },
})

function toCondition(text: string): Condition {
  const [, type = '', status = '', reason = ''] = /^(\w+)=(\w+)(?:\/(\w+))?$/u.exec(text) ?? []
  return { type, status: status as Condition['status'], reason, message: `about ${type}` }
}

/** A view of both, in which nothing is in the way. */
export const aView = (
  machine: VirtualMachine,
  instance?: VirtualMachineInstance,
  more: Partial<MachineView> = {},
): MachineView => ({ machine, instance, isNameTaken: false, disks: { kind: 'Ready' }, isHostLost: false, now, ...more })
