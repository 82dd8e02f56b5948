import { expect, it } from 'vitest'
import { possibleHosts } from './possible-hosts.ts'
import type { ReassignmentProblem } from './problem.ts'
import { tablesOf } from './tables.ts'

/** Two hosts of 10, the first's of one process of 6 and one of 3, the second's of one of 5. */
const problem = (isTransient: boolean): ReassignmentProblem => ({
  resources: [{ isTransient, loadWeight: 1 }],
  hosts: [0, 1].map(() => ({ neighbourhood: 0, location: 0, capacities: [10], safetyCapacities: [10], moveCosts: [0, 0] })),
  services: [{ spreadMin: 0, dependencies: [] }],
  processes: [6, 3, 5].map((amount) => ({ service: 0, requirements: [amount], moveCost: 0 })),
  balances: [],
  weights: { process: 1, service: 1, host: 1 },
  start: [0, 0, 1],
})
const rows = (bits: Uint8Array): readonly string[] =>
  [bits.slice(0, 2), bits.slice(2, 4), bits.slice(4)].map((row) => row.join(''))

it('leaves out hosts whose room is held by those that were there first', () => {
  expect(rows(possibleHosts(tablesOf(problem(true))))).toEqual(['10', '11', '01'])
})

it('leaves out nothing that an exchange could bring about', () => {
  expect(rows(possibleHosts(tablesOf(problem(false))))).toEqual(['11', '11', '11'])
})

it('leaves out hosts that are too small, but never the home', () => {
  const small = problem(false)
  const hosts = small.hosts.map((host, index) => (index === 0 ? { ...host, capacities: [4] } : host))
  expect(rows(possibleHosts(tablesOf({ ...small, hosts })))).toEqual(['11', '11', '01'])
})
