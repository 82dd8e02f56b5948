import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { silentLogger, systemClock } from '@weir/base'
import { createQemuMachines, type Machines, type MachineSpec } from '@weir/engine'
import { describe } from 'vitest'
import { describeMachines } from '../../packages/engine/src/machine/machines.contract.ts'
import { tinySpec, writeTinyDisk } from './machines/tiny-guest.ts'

/** Reads the console until the guest has said that it is up. */
async function untilUp(machines: Machines, id: string): Promise<void> {
  const console = await machines.console(id)
  let seen = ''
  for await (const bytes of console.incoming) {
    seen += Buffer.from(bytes).toString('latin1')
    if (seen.includes('UP')) break
  }
  console.close()
}

function pidOf(machines: Machines, id: string): number {
  const state = machines.state(id)
  if (state === undefined || state.phase === 'Exited') throw new Error(`'${id}' does not run`)
  return state.pid
}

describe('machines of QEMU', { timeout: 60_000 }, () => {
  describeMachines(async () => {
    const root = mkdtempSync(join(tmpdir(), 'machines-'))
    const specOf = (id: string): MachineSpec => {
      const disk = join(root, `${id}.raw`)
      writeTinyDisk(disk)
      return tinySpec(id, disk)
    }
    return {
      open: () =>
        createQemuMachines({ directory: join(root, 'machines'), clock: systemClock, logger: silentLogger, accelerator: 'tcg' }),
      specOf,
      brokenSpecOf: (id) => ({ ...specOf(id), cpuModel: 'none' }),
      untilUp,
      shutDown: async (machines, id) => (await machines.console(id)).write(Buffer.from('!')),
      crash: async (machines, id) => void process.kill(pidOf(machines, id), 'SIGKILL'),
      cleanUp: async () => rmSync(root, { recursive: true }),
    }
  })
})
