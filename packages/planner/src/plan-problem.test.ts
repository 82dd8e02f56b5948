import { expect, it } from 'vitest'
import { plan } from './plan-problem.ts'
import type { PlacementProblem } from './problem.ts'

it('puts nine halves on five hosts', () => {
  const problem: PlacementProblem = {
    apiVersion: 'weir.dev/v1alpha1',
    kind: 'PlacementProblem',
    resources: [{ name: 'memory', unit: 'MiB' }],
    hostTypes: [{ name: 'small', capacity: { memory: 100 } }],
    workloads: Array.from({ length: 9 }, (_, index) => ({ name: `vm-${index}`, requests: { memory: 50 } })),
  }
  const result = plan(problem)
  expect(result.unplaced).toEqual([])
  expect(result.score.hostCount).toBe(5)
  expect(result.bound.value).toBe(5)
  expect(Object.keys(result.assignments)).toHaveLength(9)
  expect(result.hosts.every((host) => (host.peak['memory'] ?? 0) <= 100)).toBe(true)
})
