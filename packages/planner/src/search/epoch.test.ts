import { expect, it } from 'vitest'
import { compileProblem } from '../compile/compile.ts'
import type { PlacementProblem } from '../problem.ts'
import { createRandom } from './random.ts'
import { runEpoch } from './epoch.ts'
import { createSearch } from './search.ts'

/** More hosts than one worker keeps to itself. */
function largeProblem(): PlacementProblem {
  const random = createRandom(7, 0, 0)
  return {
    apiVersion: 'weir.dev/v1alpha1',
    kind: 'PlacementProblem',
    resources: [
      { name: 'cpu', unit: 'cores' },
      { name: 'memory', unit: 'GiB' },
    ],
    hostTypes: [{ name: 'host', capacity: { cpu: 20, memory: 20 } }],
    workloads: Array.from({ length: 3600 }, (_, index) => ({
      name: `w${index}`,
      requests: { cpu: 1 + random.below(9), memory: 1 + random.below(9) },
    })),
  }
}

it('shares hosts out to workers, whose results in any order of computing are the same', () => {
  const problem = largeProblem()
  const run = (isBackwards: boolean) => {
    const instance = compileProblem(problem)
    const search = createSearch(instance, 1)
    const before = search.worth().cost
    const workers = new Set<number>()
    for (let epoch = 0; epoch < 3; epoch++) {
      const tasks = search.nextTasks({ iterations: 4000, bound: 0 })
      for (const { worker } of tasks) workers.add(worker)
      // Each task sees what a thread would get: a copy.
      const order = [...tasks.keys()].toSorted((a, b) => (isBackwards ? b - a : a - b))
      const results = new Map(
        order.flatMap((index) => {
          const task = tasks[index]
          return task === undefined ? [] : [[index, runEpoch(compileProblem(problem), structuredClone(task))] as const]
        }),
      )
      search.absorb(tasks.map((_, index) => results.get(index) ?? { hosts: search.best(), iterations: 0 }))
    }
    return { hosts: search.best(), worth: search.worth(), before, workers }
  }
  const forwards = run(false)
  expect(run(true)).toEqual(forwards)
  expect(forwards.workers.size).toBe(4)
  expect(forwards.worth.cost).toBeLessThan(forwards.before)
  expect(forwards.worth.waiting).toBe(0)
})
