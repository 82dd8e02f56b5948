import { type Clock, isWeirError } from '@weir/base'
import type { Next } from '@weir/runtime'
import type { Machines } from '../machine/machine.ts'

/** What ending a machine stands on. `asked` is when each guest was asked last, by uid. */
export interface EndDeps {
  readonly machines: Machines
  readonly clock: Clock
  readonly asked: Map<string, number>
}

/** Which machine is to end, since when, and how long its guest may take. */
export interface Farewell {
  readonly id: string
  readonly begunMillis: number
  readonly graceSeconds: number
}

/** A guest that is still booting does not hear the first request. */
const repeatMillis = 5000

/** Ends a machine, undefined when nothing is left: the guest gets its grace period to power off, then the plug is pulled. */
export async function endMachine(
  { machines, clock, asked }: EndDeps,
  { id, begunMillis, graceSeconds }: Farewell,
): Promise<Next | undefined> {
  const state = machines.state(id)
  if (state !== undefined && state.phase !== 'Exited') {
    const remaining = (begunMillis + graceSeconds * 1000 - clock.now()) / 1000
    if (remaining > 0) {
      if (clock.now() - (asked.get(id) ?? 0) >= repeatMillis) {
        asked.set(id, clock.now())
        await askToPowerOff(machines, id, state.phase === 'Paused')
      }
      return { kind: 'PollAfter', seconds: Math.min(remaining, 5), reason: 'the guest may take its grace period to power off' }
    }
    await machines.kill(id)
  }
  asked.delete(id)
  await machines.remove(id)
  return undefined
}

/** Presses the power button. A QEMU that ends meanwhile, or does not answer, is looked at again soon. */
async function askToPowerOff(machines: Machines, id: string, isPaused: boolean): Promise<void> {
  try {
    if (isPaused) await machines.unpause(id)
    await machines.powerDown(id)
  } catch (error) {
    if (!isWeirError(error, 'MACHINE_NOT_RUNNING') && !isWeirError(error, 'MACHINE_UNRESPONSIVE')) throw error
  }
}
