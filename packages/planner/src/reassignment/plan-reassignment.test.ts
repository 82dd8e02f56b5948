import { describe, expect, it } from 'vitest'
import { checkReassignment } from '../checker/check-reassignment.ts'
import { planReassignment } from './plan-reassignment.ts'
import type { ReassignmentProblem } from './problem.ts'

/** Two hosts of 10 in one location and neighbourhood, two processes of 4 on the first, safe up to 5. Moves are free. */
const crowded: ReassignmentProblem = {
  resources: [{ isTransient: false, loadWeight: 10 }],
  hosts: [0, 1].map((host) => ({
    neighbourhood: host,
    location: host,
    capacities: [10],
    safetyCapacities: [5],
    moveCosts: [host, 1 - host],
  })),
  services: [
    { spreadMin: 0, dependencies: [] },
    { spreadMin: 0, dependencies: [] },
  ],
  processes: [
    { service: 0, requirements: [4], moveCost: 7 },
    { service: 1, requirements: [4], moveCost: 9 },
  ],
  balances: [],
  weights: { process: 1, service: 0, host: 1 },
  start: [0, 0],
}
const options = { seed: 1, iterations: 65_536 }

describe('planning', () => {
  it('moves the process that is cheapest to move, as moving is worth it', () => {
    expect(planReassignment(crowded, options)).toEqual({ hosts: [1, 0], cost: 8, iterations: 65_604 })
  })

  it('moves nothing that costs more than it brings', () => {
    const dear = { ...crowded, weights: { process: 5, service: 0, host: 1 } }
    expect(planReassignment(dear, options)).toMatchObject({ hosts: [0, 0], cost: 30 })
  })

  it('gives back the start when it is stopped at once, and without processes', () => {
    expect(planReassignment(crowded, { ...options, signal: { aborted: true } })).toEqual({
      hosts: [0, 0],
      cost: 30,
      iterations: 0,
    })
    expect(planReassignment({ ...crowded, processes: [], start: [] }, options)).toEqual({ hosts: [], cost: 0, iterations: 0 })
  })

  it('ends when the time is over', () => {
    const { iterations } = planReassignment(crowded, { seed: 1, iterations: 1e12, elapsedShare: () => 1 })
    expect(iterations).toBeLessThanOrEqual(65_536)
  })

  it('needs a transient resource on both hosts', () => {
    const held = {
      ...crowded,
      resources: [{ isTransient: true, loadWeight: 10 }],
      services: [{ spreadMin: 1, dependencies: [] }],
      // Both want to change places; neither has room for the other while it is still there.
      processes: [6, 7].map((amount) => ({ service: 0, requirements: [amount], moveCost: 0 })),
      hosts: crowded.hosts.map((host, index) => ({ ...host, safetyCapacities: [index === 0 ? 10 : 6] })),
      start: [0, 1],
    }
    expect(planReassignment(held, options).hosts).toEqual([0, 1])
    expect(planReassignment({ ...held, resources: crowded.resources }, options).hosts).toEqual([1, 0])
  })
})

describe('the checker', () => {
  it('counts each cost by itself', () => {
    const problem = {
      ...crowded,
      balances: [{ first: 0, second: 0, target: 3, weight: 2 }],
      weights: { process: 2, service: 5, host: 3 },
    }
    // Host 1 has both: 3 above what is safe, 2 free of which 2 times 2 is missing; host 0 is empty: 10 free, 20 missing.
    expect(checkReassignment(problem, [1, 1])).toEqual({
      loadCost: 30,
      balanceCost: 2 * (20 + 4),
      processMoveCost: 2 * 16,
      serviceMoveCost: 5,
      hostMoveCost: 3 * 2,
      cost: 30 + 48 + 32 + 5 + 6,
      violations: [],
    })
  })

  const oneService = crowded.processes.map((process) => ({ ...process, service: 0 }))
  it.each<[string, Partial<ReassignmentProblem>, readonly number[], RegExp]>([
    [
      'a host without room',
      { processes: crowded.processes.map((process) => ({ ...process, requirements: [6] })) },
      [0, 0],
      /host 0 has 10 of resource 0, 12/u,
    ],
    ['two of a service on a host', { processes: oneService }, [1, 1], /service 0 has two processes on one host/u],
    [
      'too few locations',
      {
        services: [
          { spreadMin: 2, dependencies: [] },
          { spreadMin: 1, dependencies: [] },
        ],
      },
      [0, 0],
      /service 0 is in 1 locations, not 2/u,
    ],
    [
      'a service far from what it needs',
      {
        services: [
          { spreadMin: 1, dependencies: [1] },
          { spreadMin: 1, dependencies: [] },
        ],
      },
      [0, 1],
      /service 0 is in neighbourhood 0, service 1 is not/u,
    ],
    ['a process without a host', {}, [0], /2 processes need a host/u],
    ['a host that does not exist', {}, [0, 2], /2 processes need a host/u],
  ])('finds %s', (_, changes, hosts, sentence) => {
    const { violations } = checkReassignment({ ...crowded, ...changes }, hosts)
    expect(violations).toHaveLength(1)
    expect(violations[0]).toMatch(sentence)
  })

  it('counts what moves hold on the hosts they left', () => {
    const transient = { ...crowded, resources: [{ isTransient: true, loadWeight: 10 }], start: [0, 1] }
    const full = { ...transient, processes: [6, 7].map((amount, service) => ({ service, requirements: [amount], moveCost: 0 })) }
    expect(checkReassignment(full, [1, 0]).violations).toHaveLength(2)
    expect(checkReassignment({ ...full, resources: crowded.resources }, [1, 0]).violations).toEqual([])
  })
})
