import { describe } from 'vitest'
import { createFakeProcessTable } from './fake-machines.ts'
import { describeMachines } from './machines.contract.ts'
import type { MachineSpec } from './machine.ts'

const specOf = (id: string): MachineSpec => ({
  id,
  namespace: 'default',
  name: id,
  memoryBytes: (16 << 20) as MachineSpec['memoryBytes'],
  ...({ sockets: 1, cores: 1, threads: 1, machineType: 'q35', firmware: 'bios', guestAgent: true, nics: [] } as const),
  disks: [{ name: 'root', path: `/${id}.raw`, format: 'raw', bus: 'virtio', kind: 'disk', readOnly: false }],
})

describe('machines of the fake', () => {
  describeMachines(async () => {
    const table = createFakeProcessTable({ refuses: ({ cpuModel }) => (cpuModel === 'none' ? 'no such CPU' : undefined) })
    return {
      open: () => table.open(),
      specOf,
      brokenSpecOf: (id) => ({ ...specOf(id), cpuModel: 'none' }),
      untilUp: async () => {},
      shutDown: async (_, id) => table.shutDown(id),
      crash: async (_, id) => table.crash(id),
      cleanUp: async () => {},
    }
  })
})
