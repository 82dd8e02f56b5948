import { array, assert, asyncProperty } from 'fast-check'
import { expect, it } from 'vitest'
import { beginning, deed, perform } from './deeds.fixture.ts'
import { restBreaches, safetyBreaches } from './laws.fixture.ts'
import { EngineWorld } from './world.fixture.ts'

const gibibyte = 2 ** 30
/** More runs find more: WEIR_TEST_RUNS=5000. */
const numRuns = Number(process.env['WEIR_TEST_RUNS'] ?? 60)

/** Guests of two gibibytes do not hear their power button. */
const options = {
  hosts: 2,
  cpuCount: 4,
  memoryBytes: 7 * gibibyte,
  obeys: ({ memoryBytes }: { readonly memoryBytes: number }) => memoryBytes < 2 * gibibyte,
}

/**
 * Crashes, conflicts, lost answers, old caches, keys that run at once in any order, silent hosts, guests with a will of their
 * own, users who change their minds: nothing is ever done that must not be, and once there is peace all is as it should be.
 */
it('comes to rest as it should be after anything, and then leaves everything alone', { timeout: 3_600_000 }, async () => {
  await assert(
    asyncProperty(beginning, array(deed, { maxLength: 50, size: 'max' }), async (first, deeds) => {
      const world = await EngineWorld.create(options)
      try {
        for (const each of [...first, ...deeds]) {
          await perform(world, each)
          expect(await safetyBreaches(world)).toEqual([])
        }
        expect(await world.settle()).toBe(true)
        expect(await restBreaches(world)).toEqual([])
        // Twice is once: what is looked at again is not touched again, by the same engine or by the next.
        const before = await world.picture()
        world.loop.wakeAll()
        expect(await world.settle()).toBe(true)
        expect(await world.picture()).toBe(before)
        await world.restart()
        expect(await world.settle()).toBe(true)
        expect(await world.picture()).toBe(before)
      } finally {
        await world.close()
      }
    }),
    { numRuns },
  )
})
