import type { VirtualMachineInstance } from '@weir/api'
import type { Machines } from '../machine/machine.ts'

/** Who uses machines, and what there is to judge it by. */
export interface MachineWatch {
  /** The host whose agent it is; undefined for the engine itself. */
  readonly host: string | undefined
  readonly now: () => number
  /** The instances as the API has them now. */
  readonly instances: () => Promise<readonly VirtualMachineInstance[]>
  readonly report: (violation: string) => void
}

/**
 * `machines` for one who may touch those of the instances bound to it, and only so: no guest is killed before its grace period
 * is over, none is removed alive. Whoever oversteps is reported, not stopped.
 */
export function guardedMachines(machines: Machines, { host, now, instances, report }: MachineWatch): Machines {
  const who = host ?? 'the engine'
  const check = async (verb: string, id: string): Promise<void> => {
    const instance = (await instances()).find(({ metadata }) => metadata.uid === id)
    if (instance === undefined) return
    const owner = instance.status?.nodeName
    if (owner !== host) report(`${who}: ${verb} ${id} of ${owner ?? 'nobody'}`)
    if (verb !== 'kill') return
    const { deletionTimestamp = '' } = instance.metadata
    const graceMillis = (instance.spec.terminationGracePeriodSeconds ?? 30) * 1000
    if (!(Date.parse(deletionTimestamp) + graceMillis <= now())) report(`${who}: killed ${id} before its time`)
  }
  return {
    ...machines,
    ensure: async (spec, signal) => {
      await check('ensure', spec.id)
      await machines.ensure(spec, signal)
    },
    powerDown: async (id) => {
      await check('powerDown', id)
      await machines.powerDown(id)
    },
    kill: async (id) => {
      await check('kill', id)
      await machines.kill(id)
    },
    remove: async (id) => {
      await check('remove', id)
      const state = machines.state(id)
      if (state !== undefined && state.phase !== 'Exited') report(`${who}: removed ${id} alive`)
      await machines.remove(id)
    },
  }
}
