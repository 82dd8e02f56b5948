import { assert, integer, maxSafeInteger, property, record } from 'fast-check'
import { expect, it } from 'vitest'
import { checkPlan } from '../checker/check-plan.ts'
import { plan } from '../plan-problem.ts'
import type { PlacementProblem } from '../problem.ts'

const problemOf = (capacity: number, reserve: number, limitPercent: number): PlacementProblem => ({
  apiVersion: 'weir.dev/v1alpha1',
  kind: 'PlacementProblem',
  resources: [
    { name: 'disk', unit: 'bytes' },
    { name: 'pods', unit: 'pods' },
  ],
  hostTypes: [{ name: 'host', capacity: { disk: capacity, pods: 10 }, reserve: { disk: reserve } }],
  workloads: [{ name: 'pod', requests: { pods: 1 } }],
  policy: { usageLimitPercent: { disk: limitPercent }, failover: { hosts: 1 }, budget: { iterations: 1 } },
})

it('what may be used is exact for every amount that a document may hold, and the checker says the same', () => {
  const amounts = record({
    capacity: maxSafeInteger().map(Math.abs),
    reserve: integer({ min: 0, max: 1e9 }),
    limitPercent: integer({ min: 1, max: 100 }),
  })
  assert(
    property(amounts, ({ capacity, reserve, limitPercent }) => {
      const problem = problemOf(capacity, reserve, limitPercent)
      const made = plan(problem)
      const usable = (BigInt(Math.max(0, capacity - reserve)) * BigInt(limitPercent)) / 100n
      expect(made.hosts.map((host) => host.usable['disk'])).toEqual([Number(usable), Number(usable)])
      expect(checkPlan(problem, made)).toEqual([])
    }),
    { numRuns: 200 },
  )
})

it('a reserve above the capacity leaves nothing, which does for what needs nothing of it', () => {
  const problem = problemOf(10, 20, 100)
  const made = plan(problem)
  expect(made.unplaced).toEqual([])
  expect(made.certificates.flatMap(({ unplaced }) => unplaced)).toEqual([])
  expect(checkPlan(problem, made)).toEqual([])
})
