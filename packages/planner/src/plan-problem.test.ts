import { describe, expect, it } from 'vitest'
import { checkPlan } from './checker/check-plan.ts'
import { plan } from './plan-problem.ts'
import type { PlacementProblem } from './problem.ts'

describe.each([
  ['nothing to place', { workloads: [] }, []],
  ['nowhere to place it', { hosts: [{ name: 'gone', type: 'small', state: 'Maintenance' }] }, ['vm']],
] as const)('a problem with %s', (_, changes, unplaced) => {
  it('has a plan that the checker has nothing against', () => {
    const problem: PlacementProblem = {
      apiVersion: 'weir.dev/v1alpha1',
      kind: 'PlacementProblem',
      resources: [{ name: 'memory', unit: 'MiB' }],
      hostTypes: [{ name: 'small', capacity: { memory: 100 }, count: 1 }],
      workloads: [{ name: 'vm', requests: { memory: 50 } }],
      ...changes,
    }
    const made = plan(problem)
    expect(made.unplaced.map(({ workload }) => workload)).toEqual(unplaced)
    expect(made.bound).toEqual({ value: 0, by: 'Volume', all: [{ by: 'Volume', value: 0 }], gapPercent: 0 })
    expect(checkPlan(problem, made)).toEqual([])
  })
})

it('counts for a move the memory that is requested, as the checker and move plans do, whatever is used of it', () => {
  const problem: PlacementProblem = {
    apiVersion: 'weir.dev/v1alpha1',
    kind: 'PlacementProblem',
    resources: [{ name: 'memory', unit: 'MiB' }],
    timeline: { count: 2, stepSeconds: 3600 },
    hostTypes: [{ name: 'small', capacity: { memory: 100 } }],
    hosts: [
      { name: 'old', type: 'small', state: 'Maintenance' },
      { name: 'new', type: 'small' },
    ],
    workloads: [{ name: 'vm', requests: { memory: 64 }, curves: { memory: [20, 40] }, currentHost: 'old' }],
  }
  const made = plan(problem)
  expect(made.assignments).toEqual({ vm: 'new' })
  expect(made.score.moveMebibytes).toBe(64)
  expect(checkPlan(problem, made)).toEqual([])
})

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

it('loses none of the others beside a workload that is far too large', () => {
  const result = plan({
    apiVersion: 'weir.dev/v1alpha1',
    kind: 'PlacementProblem',
    resources: [{ name: 'memory', unit: 'MiB' }],
    hostTypes: [{ name: 'small', capacity: { memory: 250_000 } }],
    workloads: [
      { name: 'absurd', requests: { memory: 9e15 } },
      ...Array.from({ length: 9 }, (_, index) => ({ name: `vm-${index}`, requests: { memory: 70_000 + index } })),
    ],
  })
  expect(result.unplaced.map(({ workload }) => workload)).toEqual(['absurd'])
  expect(Object.keys(result.assignments)).toEqual(Array.from({ length: 9 }, (_, index) => `vm-${index}`))
})
