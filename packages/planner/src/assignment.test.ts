import { expect, it } from 'vitest'
import { plan } from './plan-problem.ts'
import type { PlacementProblem } from './problem.ts'

it('names a new host after its type, past all names that hosts have already', () => {
  const taken = Array.from({ length: 20_000 }, (_, index) => `small-${index + 1}`)
  const problem: PlacementProblem = {
    apiVersion: 'weir.dev/v1alpha1',
    kind: 'PlacementProblem',
    resources: [{ name: 'memory', unit: 'MiB' }],
    hostTypes: [{ name: 'small', capacity: { memory: 100 } }],
    hosts: taken.map((name) => ({ name, type: 'small', state: 'Maintenance' })),
    workloads: [{ name: 'vm', requests: { memory: 50 } }],
  }
  expect(plan(problem).assignments).toEqual({ vm: 'small-20001' })
})
