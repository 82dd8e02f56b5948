import { type RunStrategy, type VirtualMachine, virtualMachine, virtualMachineInstance } from '@weir/api'
import { isWeirError } from '@weir/base'
import type { Client } from '@weir/client'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { aMachine, type MachineWish } from '../simulation/objects.fixture.ts'
import { EngineWorld } from '../simulation/world.fixture.ts'
import { pause, restart, start, stop, unpause, type Verb } from './verbs.ts'

let world: EngineWorld
beforeEach(async () => {
  world = await EngineWorld.create({ hosts: 1, cpuCount: 2, memoryBytes: 8 * 2 ** 30 })
})
afterEach(() => world.close())

const key = { namespace: 'default', name: 'vm' }
const create = async (wish: Partial<MachineWish> = {}): Promise<void> => {
  await world.client.create(virtualMachine, aMachine({ name: 'vm', ...wish }))
  await world.settle()
}
/** 'done', or the words of the refusal after its fixed beginning. */
async function ask(verb: Verb, body: Readonly<Record<string, unknown>> = {}): Promise<string> {
  try {
    await verb({ client: world.client, machines: world.machines }, key, body)
    return 'done'
  } catch (error) {
    if (!isWeirError(error, 'MACHINE_STATE')) throw error
    return error.message.replace(/^Operation cannot be fulfilled on [\w.]+ "vm": /u, '')
  }
}
const machine = (): Promise<VirtualMachine> => world.client.get(virtualMachine, key)
const word = async () => (await machine()).status?.printableStatus
const uid = async () => (await world.client.get(virtualMachineInstance, key)).metadata.uid ?? ''

/** KubeVirt's virt-api: what each verb does to a machine that is off, and to one that runs. */
describe.each<
  readonly [RunStrategy, { readonly off: readonly [string, string, string]; readonly on: readonly [string, string, string] }]
>([
  [
    'Always',
    {
      off: ['Always does not support manual start requests', 'done', 'VM is not running'],
      on: ['VM is already running', 'done', 'done'],
    },
  ],
  ['RerunOnFailure', { off: ['done', 'VM is not running', 'VM is not running'], on: ['VM is already running', 'done', 'done'] }],
  [
    'Once',
    {
      off: ['Once does not support manual start requests', 'done', 'Once does not support manual restart requests'],
      on: ['VM is already running', 'done', 'Once does not support manual restart requests'],
    },
  ],
  ['Manual', { off: ['done', 'VM is not running', 'VM is not running'], on: ['VM is already running', 'done', 'done'] }],
  [
    'Halted',
    {
      off: ['done', 'VM is not running', 'Halted does not support manual restart requests'],
      on: [
        'VM is already running',
        'Halted only supports manual stop requests with a shorter graceperiod',
        'Halted does not support manual restart requests',
      ],
    },
  ],
])('under %s', (runStrategy, { off, on }) => {
  it.each([
    ['start', start, 0],
    ['stop', stop, 1],
    ['restart', restart, 2],
  ] as const)('%s', async (_, verb, at) => {
    await world.client.create(virtualMachine, aMachine({ name: 'vm', runStrategy }))
    expect(await ask(verb)).toBe(off[at])
    await world.client.delete(virtualMachine, key)
    await create()
    await world.client.patch(virtualMachine, key, { type: 'merge', body: { spec: { runStrategy } } })
    expect(await ask(verb)).toBe(on[at])
  })
})

describe('start', () => {
  it.each<[Partial<MachineWish>, object]>([
    [{ runStrategy: 'Halted' }, { runStrategy: 'Always' }],
    [{ running: false }, { running: true }],
    [{ runStrategy: 'Manual' }, { runStrategy: 'Manual' }],
  ])('of a machine with %j leaves it running, and its strategy in the words it was in', async (wish, spec) => {
    await create(wish)
    expect(await ask(start)).toBe('done')
    await world.settle()
    const { template: _, dataVolumeTemplates: __, ...rest } = (await machine()).spec
    expect([await word(), rest]).toEqual(['Running', spec])
  })

  it('of a machine that ended begins another life', async () => {
    await create({ runStrategy: 'Manual' })
    await ask(start)
    await world.settle()
    const before = await uid()
    world.processes.shutDown(before)
    await world.settle()
    expect([await word(), await ask(start)]).toEqual(['Stopped', 'done'])
    await world.settle()
    expect([await word(), (await uid()) === before]).toEqual(['Running', false])
  })

  it('under RerunOnFailure is refused while the failed instance is there', async () => {
    await create({ runStrategy: 'RerunOnFailure' })
    world.processes.crash(await uid())
    const instance = await world.client.get(virtualMachineInstance, key)
    await world.client.updateStatus(virtualMachineInstance, { ...instance, status: { ...instance.status, phase: 'Failed' } })
    expect(await ask(start)).toBe('RerunOnFailure does not support starting VM from failed state')
  })

  it('waits for what was asked before', async () => {
    await create({ runStrategy: 'Manual' })
    expect([await ask(start), await ask(start)]).toEqual(['done', 'unable to complete request: stop/start already underway'])
  })
})

describe('stop', () => {
  it.each<RunStrategy>(['Always', 'Once'])('of a machine under %s halts it', async (runStrategy) => {
    await create({ runStrategy })
    expect(await ask(stop)).toBe('done')
    await world.settle()
    expect([await word(), (await machine()).spec.runStrategy, world.processes.traces()]).toEqual(['Stopped', 'Halted', []])
  })

  it.each<RunStrategy>(['Manual', 'RerunOnFailure'])('of a machine under %s keeps its strategy', async (runStrategy) => {
    await create({ runStrategy })
    if (runStrategy === 'Manual') await ask(start)
    await world.settle()
    expect([await word(), await ask(stop)]).toEqual(['Running', 'done'])
    await world.settle()
    expect([await word(), (await machine()).spec.runStrategy, (await machine()).status?.stateChangeRequests]).toEqual([
      'Stopped',
      runStrategy,
      [],
    ])
  })

  it('may be hurried afterwards', async () => {
    await create({ graceSeconds: 3600 })
    await ask(stop)
    expect(await ask(stop, { gracePeriod: 3600 })).toBe('Halted only supports manual stop requests with a shorter graceperiod')
    expect(await ask(stop, { gracePeriod: 0 })).toBe('done')
    expect((await world.client.get(virtualMachineInstance, key)).spec.terminationGracePeriodSeconds).toBe(0)
  })

  it.each([-1, 1.5, 'soon', true])('takes no grace period of %j', async (gracePeriod) => {
    await create()
    await expect(ask(stop, { gracePeriod })).rejects.toMatchObject({ code: 'API_INVALID', causes: [{ field: 'gracePeriod' }] })
    expect((await machine()).spec.runStrategy).toBe('Always')
  })
})

describe('restart', () => {
  it.each<RunStrategy>(['Always', 'RerunOnFailure'])('under %s is another life of the machine', async (runStrategy) => {
    await create({ runStrategy })
    const before = await uid()
    expect(await ask(restart)).toBe('done')
    await world.settle()
    expect([await word(), (await uid()) === before, (await machine()).status?.stateChangeRequests]).toEqual([
      'Running',
      false,
      [],
    ])
  })
})

describe('pause and unpause', () => {
  it('hold the guest and let it go on', async () => {
    await create()
    expect([await ask(unpause), await ask(pause), await ask(pause)]).toEqual([
      'VMI is not paused',
      'done',
      'VMI is already paused',
    ])
    await world.work(6)
    expect(await word()).toBe('Paused')
    expect(await ask(unpause)).toBe('done')
    await world.work(6)
    expect(await word()).toBe('Running')
  })

  it('need a running guest', async () => {
    await create({ runStrategy: 'Once' })
    world.processes.shutDown(await uid())
    await world.settle()
    expect([await ask(pause), await ask(unpause)]).toEqual(['VMI is not running', 'VMI is not running'])
  })
})

it('does nothing when it is only asked whether it would', async () => {
  await create()
  const dryRun = { dryRun: ['All'] }
  const before = await world.picture()
  for (const verb of [stop, restart, pause]) expect(await ask(verb, dryRun)).toBe('done')
  expect(await ask(start, dryRun)).toBe('VM is already running')
  expect(await world.picture()).toBe(before)
  expect(world.machines.state(await uid())?.phase).toBe('Running')
})

/** A client before whose writes somebody else writes to the machine, as its controller does, `races` times. */
function racingClient(races: number): Client {
  let left = races
  const race = async (): Promise<void> => {
    if (left-- > 0)
      await world.client.patch(virtualMachine, key, { type: 'merge', body: { metadata: { labels: { race: String(left) } } } })
  }
  return {
    ...world.client,
    patch: async (...call) => {
      await race()
      return world.client.patch(...call)
    },
    updateStatus: async (...call) => {
      await race()
      return world.client.updateStatus(...call)
    },
  }
}

describe('a verb whose machine changes between its look and its write', () => {
  it.each<[RunStrategy, string]>([
    ['Halted', 'Running'],
    ['Manual', 'Running'],
  ])('is done all the same under %s', async (runStrategy, expected) => {
    await create({ runStrategy })
    await start({ client: racingClient(3), machines: world.machines }, key, {})
    await world.settle()
    expect(await word()).toBe(expected)
    await stop({ client: racingClient(3), machines: world.machines }, key, {})
    await world.settle()
    expect(await word()).toBe('Stopped')
  })

  it('gives up against somebody who writes without end', async () => {
    await create({ runStrategy: 'Halted' })
    await expect(start({ client: racingClient(1000), machines: world.machines }, key, {})).rejects.toMatchObject({
      code: 'API_CONFLICT',
    })
  })
})
