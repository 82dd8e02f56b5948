import { type PlacementProblem, plan } from '@weir/planner'
import { expect, it } from 'vitest'
import { createPlanner } from './create-planner.ts'

const problem = (count: number, iterations: number): PlacementProblem => ({
  apiVersion: 'weir.dev/v1alpha1',
  kind: 'PlacementProblem',
  resources: [
    { name: 'cpu', unit: 'millicores' },
    { name: 'memory', unit: 'MiB' },
  ],
  hostTypes: [{ name: 'host', capacity: { cpu: 997, memory: 997 } }],
  workloads: Array.from({ length: count }, (_, index) => ({
    name: `w${index}`,
    requests: { cpu: 100 + ((index * 7919) % 311), memory: 100 + ((index * 104_729) % 313) },
  })),
  policy: { budget: { iterations } },
})

it('gives the plans that the planner gives, small and large, in turn', async () => {
  const problems = [problem(20, 500), problem(600, 500), problem(30, 500)]
  const planner = createPlanner(new AbortController().signal)
  expect(await Promise.all(problems.map((each) => planner(each)))).toEqual(problems.map((each) => plan(each)))
})

it('ends a long search with the reason of the signal, and what waits for its turn', async () => {
  const abort = new AbortController()
  const planner = createPlanner(abort.signal)
  const both = [planner(problem(1200, 100_000_000)), planner(problem(20, 500))]
  const ends = Promise.allSettled(both)
  setImmediate(() => abort.abort(new Error('enough')))
  expect(await ends).toEqual(both.map(() => ({ status: 'rejected', reason: new Error('enough') })))
})
