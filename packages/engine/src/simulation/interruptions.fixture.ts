import { dataVolume, persistentVolumeClaim, type RunStrategy, virtualMachine, virtualMachineInstance } from '@weir/api'
import type { Fault } from '@weir/testkit'
import { restBreaches, safetyBreaches } from './laws.fixture.ts'
import { aMachine } from './objects.fixture.ts'
import { EngineWorld } from './world.fixture.ts'

/** What goes wrong at one request: it alone, or everything from there on because the engine dies. */
export type Interruption =
  | { readonly kind: 'fault'; readonly fault: Exclude<Fault, 'pass'> }
  /** `isLost`: the request gets through, its answer does not. */
  | { readonly kind: 'death'; readonly isLost: boolean }

export const interruptions: readonly Interruption[] = [
  ...(['unreachable', 'lost', 'conflict', 'busy'] as const).map((fault) => ({ kind: 'fault' as const, fault })),
  { kind: 'death', isLost: false },
  { kind: 'death', isLost: true },
]

/** How many requests the life of a machine takes when nothing goes wrong, and what then is left. */
export interface Life {
  readonly requests: number
  readonly breaches: readonly string[]
}

/**
 * The life of a machine with every kind of disk: made, filled, started, started again when its guest powers off and, under
 * RerunOnFailure, when QEMU dies, halted, deleted; with the interruption at request number `at` (from 0) of the engine. What
 * breaks a law on the way or at the end is in the answer.
 */
export async function liveThrough(interruption: Interruption, at: number): Promise<Life> {
  const world = await EngineWorld.create({ hosts: 2, cpuCount: 2, memoryBytes: 8 * 2 ** 30 })
  const breaches: string[] = []
  try {
    world.interrupt(interruption, at)
    const key = { namespace: 'default', name: 'vm' }
    const rest = async (stage: string, isRight: () => Promise<boolean>): Promise<void> => {
      if (!(await world.settle({ withFaults: true }))) breaches.push(`${stage}: no rest`)
      if (!(await isRight())) breaches.push(`${stage}: not so`)
      breaches.push(...(await restBreaches(world)).map((breach) => `${stage}: ${breach}`))
    }
    const word = async (): Promise<string | undefined> => (await world.client.get(virtualMachine, key)).status?.printableStatus
    const isRunning = async (): Promise<boolean> => (await word()) === 'Running' && world.processes.alive().length === 1
    const setStrategy = (runStrategy: RunStrategy): Promise<unknown> =>
      world.client.patch(virtualMachine, key, { type: 'merge', body: { spec: { runStrategy } } })
    const wish = {
      name: 'vm',
      ports: [22],
      disks: [
        { kind: 'http', name: 'root' },
        { kind: 'blank', name: 'data' },
        { kind: 'scratch', name: 'tmp' },
      ],
    } as const
    await world.client.create(virtualMachine, aMachine(wish))
    await rest('started', isRunning)
    world.processes.shutDown(world.processes.alive()[0]?.id ?? '')
    await rest('started again', isRunning)
    await setStrategy('RerunOnFailure')
    await rest('another strategy', isRunning)
    world.processes.crash(world.processes.alive()[0]?.id ?? '')
    await rest('run again', isRunning)
    await setStrategy('Halted')
    await rest('halted', async () => (await word()) === 'Stopped' && world.processes.traces().length === 0)
    await world.client.delete(virtualMachine, key)
    await rest('deleted', async () => {
      const kinds = [virtualMachine, virtualMachineInstance, dataVolume, persistentVolumeClaim] as const
      const left = await Promise.all(kinds.map(async (kind) => (await world.list(kind as typeof virtualMachine)).length))
      return left.every((count) => count === 0) && world.disk.ids().length === 0
    })
    breaches.push(...(await safetyBreaches(world)))
    return { requests: world.requestCount, breaches }
  } finally {
    await world.close()
  }
}
