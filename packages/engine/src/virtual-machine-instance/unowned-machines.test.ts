import { virtualMachine, virtualMachineInstance } from '@weir/api'
import { afterEach, expect, it } from 'vitest'
import { aMachine } from '../simulation/objects.fixture.ts'
import { EngineWorld } from '../simulation/world.fixture.ts'

let world: EngineWorld
afterEach(() => world.close())

const key = { namespace: 'default', name: 'vm' }

/** A running machine whose instance vanishes: its finalizers are removed by hand. */
async function loseInstance(obeys: boolean): Promise<void> {
  world = await EngineWorld.create({ hosts: 2, cpuCount: 2, memoryBytes: 8 * 2 ** 30, obeys: () => obeys })
  await world.client.create(virtualMachine, aMachine({ name: 'vm', runStrategy: 'Once' }))
  await world.settle()
  await world.client.delete(virtualMachineInstance, key)
  await world.client.patch(virtualMachineInstance, key, { type: 'merge', body: { metadata: { finalizers: null } } })
  expect(await world.list(virtualMachineInstance)).toEqual([])
  expect(world.processes.alive()).toHaveLength(1)
}

it('are powered off', async () => {
  await loseInstance(true)
  await world.settle()
  expect([world.processes.traces(), world.processes.kills(), world.violations]).toEqual([[], [], []])
})

it('are ended after the grace period if they do not hear', async () => {
  await loseInstance(false)
  await world.work(3)
  await world.advance(29_000)
  await world.work(2)
  expect(world.processes.alive()).toHaveLength(1)
  await world.advance(1000)
  await world.work(2)
  expect([world.processes.traces(), world.violations]).toEqual([[], []])
})

it('are found after a restart too', async () => {
  await loseInstance(true)
  await world.restart()
  await world.settle()
  expect(world.processes.traces()).toEqual([])
})
