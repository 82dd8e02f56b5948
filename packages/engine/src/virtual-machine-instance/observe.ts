import type { Condition, InstancePhase, VirtualMachineInstance, VirtualMachineInstanceStatus } from '@weir/api'
import { formatTime } from '@weir/runtime'
import type { MachineState } from '../machine/machine.ts'

/** What is to be written about an instance. */
export interface Observation {
  readonly conditions: readonly Condition[]
  readonly status: VirtualMachineInstanceStatus
}

const condition = (
  type: string,
  isTrue: boolean,
  because: { readonly reason: string; readonly message?: string },
): Condition => ({
  type,
  status: isTrue ? 'True' : 'False',
  reason: because.reason,
  message: because.message ?? '',
})

/** True once the instance's life is over. */
export const isFinal = (instance: VirtualMachineInstance): boolean =>
  instance.status?.phase === 'Succeeded' || instance.status?.phase === 'Failed'

/** The status of an instance in `phase`, with the moment of each change of phase. */
export function inPhase(
  instance: VirtualMachineInstance,
  phase: InstancePhase,
  now: number,
): Pick<VirtualMachineInstanceStatus, 'phase' | 'phaseTransitionTimestamps'> {
  const before = instance.status?.phaseTransitionTimestamps ?? []
  const isNew = instance.status?.phase !== phase
  return {
    phase,
    phaseTransitionTimestamps: isNew
      ? [...before.filter((each) => each.phase !== phase), { phase, phaseTransitionTimestamp: formatTime(now) }]
      : before,
  }
}

/** Nothing runs yet, because of `because`. */
export const notRunning = (because: { readonly reason: string; readonly message?: string }): readonly Condition[] => [
  condition('Ready', false, { reason: 'GuestNotRunning', message: because.message ?? '' }),
  condition('Synchronized', false, because),
]

/** KubeVirt's reasons. */
function whyPaused({ phase, isStoppedByDisk }: Exclude<MachineState, { phase: 'Exited' }>): { reason: string; message?: string } {
  if (phase === 'Running') return { reason: 'NotPaused' }
  return isStoppedByDisk
    ? {
        reason: 'PausedIOError',
        message: 'VMI was paused, low-level IO error detected; see whether the disk of its host is full, then unpause it',
      }
    : { reason: 'PausedByUser', message: 'VMI was paused by user' }
}

/** What a machine's state says of its instance (KubeVirt's condition types). */
export function ofMachine(instance: VirtualMachineInstance, state: MachineState, now: number): Observation {
  if (state.phase === 'Exited') {
    const phase = state.reason === 'GuestShutdown' || state.reason === 'Stopped' ? 'Succeeded' : 'Failed'
    return {
      conditions: notRunning({ reason: state.reason, message: state.message }),
      status: { ...inPhase(instance, phase, now), reason: state.reason },
    }
  }
  const isPaused = state.phase === 'Paused'
  return {
    conditions: [
      condition('Ready', !isPaused, { reason: isPaused ? 'GuestPaused' : 'GuestRunning' }),
      condition('Synchronized', true, { reason: 'MachineRunning' }),
      condition('Paused', isPaused, whyPaused(state)),
      condition('AgentConnected', state.guestAgentConnected, {
        reason: state.guestAgentConnected ? 'AgentConnected' : 'AgentNotConnected',
      }),
    ],
    status: inPhase(instance, 'Running', now),
  }
}
