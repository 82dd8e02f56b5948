import { isDeepStrictEqual } from 'node:util'
import type { VirtualMachineInstance } from '@weir/api'
import { type Clock, isWeirError, type WeirError } from '@weir/base'
import type { Next } from '@weir/runtime'
import type { Machines } from '../machine/machine.ts'
import { guestStatus } from './guest-status.ts'
import { claimIdsOf, gatherParts, type PartsDeps } from './machine-parts.ts'
import { inPhase, isFinal, notRunning, type Observation, ofMachine } from './observe.ts'
import type { PortPool } from './ports.ts'

/** What the machines of one host stand on. */
export interface FollowDeps extends PartsDeps {
  readonly clock: Clock
  readonly machines: Machines
  readonly ports: PortPool
  /** The Node whose instances are this agent's; it touches no other. */
  readonly host: string
}

/** What was seen of an instance, and when to look again. */
export type Seen = Observation & { readonly next: Next }

const wait: Next = { kind: 'Wait' }

/** One look at a placed instance that is wanted: its machine is started, then watched, and cleared away after its end. */
export async function followMachine(deps: FollowDeps, instance: VirtualMachineInstance, signal: AbortSignal): Promise<Seen> {
  const { machines, clock, ports } = deps
  const id = instance.metadata.uid ?? ''
  if (isFinal(instance)) {
    await machines.remove(id)
    return { conditions: [], status: {}, next: wait }
  }
  if (machines.state(id) === undefined) {
    if (instance.status?.phase === 'Running') return lost(deps, instance)
    const interfaces = await ports.allocate(instance)
    // Ports are kept before they are used: a crash in between must not change them.
    if (!isDeepStrictEqual(interfaces, instance.status?.interfaces ?? []))
      return { conditions: [], status: { interfaces }, next: wait }
    const failure = await start(deps, instance, signal)
    if (failure !== undefined) return failure
  }
  const state = machines.state(id)
  if (state === undefined) return { conditions: notRunning({ reason: 'MachineMissing' }), status: {}, next: wait }
  const seen = ofMachine(instance, state, clock.now())
  if (state.phase === 'Exited') return { ...seen, next: wait }
  const guest = state.phase === 'Running' && state.guestAgentConnected ? await guestStatus(machines, instance) : {}
  const next: Next = { kind: 'PollAfter', seconds: 15, reason: 'the guest agent tells nothing by itself' }
  return { conditions: seen.conditions, status: { ...seen.status, ...guest }, next }
}

/** An instance has one life: a machine that ran and left no trace is not started again under the same name. */
const lost = ({ clock, host }: FollowDeps, instance: VirtualMachineInstance): Seen => {
  const message = `the machine ran on ${host} and nothing of it is left there`
  return {
    conditions: notRunning({ reason: 'MachineMissing', message }),
    status: { ...inPhase(instance, 'Failed', clock.now()), reason: 'MachineMissing' },
    next: wait,
  }
}

/** Starts the machine; what keeps it from starting is a condition. */
async function start(deps: FollowDeps, instance: VirtualMachineInstance, signal: AbortSignal): Promise<Seen | undefined> {
  try {
    // Nobody freezes, grows or removes the disks between the look at them and the start.
    await deps.volumes.exclusive(claimIdsOf(deps.context, instance), async () =>
      deps.machines.ensure(await gatherParts(deps, instance), signal),
    )
    return undefined
  } catch (error) {
    if (!isWeirError(error) || signal.aborted) throw error
    return notStarted(deps, instance, error)
  }
}

/**
 * 1. A part is missing that may come: it is waited for. 2. The spec asks for what this host cannot give: it waits for another
 * spec, which for an instance means another instance. 3. The API was out of reach: that says nothing of the machine.
 * 4. QEMU could not be started: this life is over.
 */
function notStarted({ clock }: FollowDeps, instance: VirtualMachineInstance, error: WeirError): Seen {
  const seen = (reason: string, phase: 'Scheduled' | 'Failed', next: Next): Seen => ({
    conditions: notRunning({ reason, message: error.message }),
    status: inPhase(instance, phase, clock.now()),
    next,
  })
  if (error.code === 'MACHINE_DATA_MISSING')
    return seen('FailedPvcNotFound', 'Scheduled', {
      kind: 'PollAfter',
      seconds: 2,
      reason: 'a disk of the machine is not there yet',
    })
  if (error.code === 'MACHINE_SPEC_INVALID' || error.family === 'Input') return seen('InvalidSpec', 'Scheduled', wait)
  if (error.code.startsWith('API_') || error.code.startsWith('CLIENT_')) throw error
  return seen('StartFailed', 'Failed', wait)
}
