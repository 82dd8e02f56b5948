import type { PrintableStatus, VirtualMachineInstance } from '@weir/api'
import { getCondition, isConditionTrue } from '@weir/runtime'
import { isFinal } from '../virtual-machine-instance/observe.ts'
import { isWanted } from './desired.ts'
import { type MachineView, retryAt } from './machine-view.ts'

type Rule = readonly [status: PrintableStatus, applies: (view: MachineView) => boolean]

const living = ({ instance }: MachineView): VirtualMachineInstance | undefined =>
  instance !== undefined && !isFinal(instance) ? instance : undefined

const isPaused = ({ instance }: MachineView): boolean => isConditionTrue(instance?.status?.conditions, 'Paused')

const isRefused = ({ instance }: MachineView, type: string, reason: string): boolean => {
  const found = getCondition(instance?.status?.conditions, type)
  return found?.status === 'False' && found.reason === reason
}

/** True if the machine has an instance, or would have one if nothing were in the way. */
const isExpected = (view: MachineView): boolean =>
  living(view) !== undefined || (view.instance === undefined && isWanted(view.machine))

/** KubeVirt's order of precedence; the first rule that applies names the state. `Unknown` stands where the guest's own state would. */
const rules: readonly Rule[] = [
  ['Terminating', ({ machine }) => machine.metadata.deletionTimestamp !== undefined],
  ['Stopping', (view) => living(view)?.metadata.deletionTimestamp !== undefined],
  ['Unknown', (view) => living(view)?.status?.phase === 'Running' && view.isHostLost],
  ['Paused', (view) => living(view)?.status?.phase === 'Running' && isPaused(view)],
  ['Running', (view) => living(view)?.status?.phase === 'Running'],
  [
    'ErrorPvcNotFound',
    (view) => isExpected(view) && (view.disks.kind === 'Missing' || isRefused(view, 'Synchronized', 'FailedPvcNotFound')),
  ],
  ['DataVolumeError', ({ disks }) => disks.kind === 'Failed'],
  ['ErrorUnschedulable', (view) => living(view) !== undefined && isRefused(view, 'PodScheduled', 'Unschedulable')],
  ['Provisioning', ({ disks }) => disks.kind === 'Provisioning'],
  ['WaitingForVolumeBinding', (view) => isExpected(view) && view.disks.kind === 'Unbound'],
  ['Starting', (view) => living(view) !== undefined],
  ['CrashLoopBackOff', (view) => isWanted(view.machine) && retryAt(view.machine) > view.now],
  ['Starting', (view) => view.instance === undefined && isWanted(view.machine)],
]

/** The state in one word, as KubeVirt's `printableStatus`. Pure. */
export const printableStatusOf = (view: MachineView): PrintableStatus =>
  rules.find(([, applies]) => applies(view))?.[0] ?? 'Stopped'
