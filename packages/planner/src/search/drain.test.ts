import { expect, it } from 'vitest'
import { compileProblem } from '../compile/compile.ts'
import { createBest } from './best.ts'
import { createDrain } from './drain.ts'
import { createFits } from './fits.ts'
import { createRandom } from './random.ts'
import { load, unload } from './state.ts'

/** Two hosts with nine items of size 1 each and room for one more, and a third with one item of size `odd`. */
function threeHosts(odd: number) {
  const instance = compileProblem({
    apiVersion: 'weir.dev/v1alpha1',
    kind: 'PlacementProblem',
    resources: [{ name: 'cpu', unit: 'cores' }],
    hostTypes: [{ name: 'host', capacity: { cpu: 10 } }],
    workloads: Array.from({ length: 19 }, (_, index) => ({ name: `w${index}`, requests: { cpu: index < 18 ? 1 : odd } })),
  })
  const nine = new Int32Array(9)
  const packing = load(instance, { hostClass: new Int32Array(3), items: [nine, nine, Int32Array.of(1)] })
  const best = createBest(packing)
  const drain = createDrain(packing, { fits: createFits(instance), random: createRandom(2, 0, 0), best })
  drain.start()
  const stepsTaken = () => {
    let steps = 0
    for (; drain.isOn() && steps < 1000; steps++) drain.step()
    return steps
  }
  return { packing, best, drain, stepsTaken }
}

it('lets what is hard to place take the place of something easy, which then goes where there is room', () => {
  const { packing, best, stepsTaken } = threeHosts(2)
  expect(packing.waitingCount).toBe(1)
  expect(stepsTaken()).toBeLessThan(20)
  expect(packing.waitingCount).toBe(0)
  const hosts = unload(packing)
  expect(hosts.items.map((items) => [...items].toSorted())).toContainEqual([0, 0, 0, 0, 0, 0, 0, 0, 1])
  expect(hosts.items).toHaveLength(2)
  expect(best.worth()).toEqual({ waiting: 0, cost: 2, penalty: 0 })
})

it('puts everything back as it was when its patience is over, or it is stopped', () => {
  const before = unload(threeHosts(4).packing).items.length
  expect(before).toBe(2)
  for (const end of ['patience', 'stop'] as const) {
    const { packing, best, drain, stepsTaken } = threeHosts(4)
    if (end === 'patience') expect(stepsTaken()).toBeLessThan(1000)
    else {
      for (let step = 0; step < 10; step++) drain.step()
      drain.stop()
    }
    expect(drain.isOn()).toBe(false)
    expect(unload(packing).items.map((items) => [...items])).toEqual([[...new Int32Array(9)], [...new Int32Array(9)], [1]])
    expect([...packing.free.subarray(0, 3)]).toEqual([1, 1, 6])
    expect(best.worth().cost).toBe(3)
  }
})
