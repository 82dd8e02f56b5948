import { expect, it } from 'vitest'
import { compileProblem } from '../compile/compile.ts'
import type { PlacementProblem } from '../problem.ts'
import { createFits } from './fits.ts'
import { createPacking } from './packing.ts'
import { createRandom } from './random.ts'
import { createRebuilders, type Hand } from './rebuild.ts'

it('loses no item of a large hand, though one be thousands of times the mean host', () => {
  const small = Array.from({ length: 8000 }, (_, index) => ({ name: `small-${index}`, capacity: { memory: 1 }, count: 1 }))
  const problem: PlacementProblem = {
    apiVersion: 'weir.dev/v1alpha1',
    kind: 'PlacementProblem',
    resources: [{ name: 'memory', unit: 'MiB' }],
    hostTypes: [...small, { name: 'giant', capacity: { memory: 1e12 }, count: 1 }],
    workloads: [
      ...Array.from({ length: 9000 }, (_, index) => ({ name: `crumb-${index}`, requests: { memory: 1 } })),
      { name: 'rock', requests: { memory: 9e11 } },
    ],
  }
  const instance = compileProblem(problem)
  const { firstFit } = createRebuilders(instance, createFits(instance), createRandom(1, 0, 0))
  const hand: Hand = { types: new Int32Array(9001), count: 9001 }
  hand.types[5000] = 1
  firstFit(createPacking(instance), hand, { slots: new Int32Array(0), slotCount: 0, mayLeave: 9001 })
  expect([...hand.types].filter((type) => type === 1)).toHaveLength(1)
  expect(hand.types[0]).toBe(1)
})
