import { assert, constantFrom, integer, property, record } from 'fast-check'
import { describe, expect, it } from 'vitest'
import { checkMoves } from '../checker/check-moves.ts'
import type { Host, PlacementProblem, Workload } from '../problem.ts'
import type { MoveOptions } from './move-options.ts'
import type { MoveGoal } from './move-plan.ts'
import { planMoves } from './plan-moves.ts'
import { createRandom } from './random.ts'

/** Everything may be emptied and filled, and every move is worth it. */
const bold: Partial<MoveOptions> = {
  hysteresis: { emptyBelowPercent: 100, fillUpToPercent: 100 },
  benefit: { stableSeconds: 1e9, moveSecondCost: 1 },
}

/** Hosts in two racks with random workloads, curves, traits and rules that hold where they are. */
function randomFabric(seed: number, hostCount: number): PlacementProblem {
  const random = createRandom(seed)
  const upTo = (count: number): number => 1 + Math.floor(random() * count)
  const hosts = Array.from({ length: hostCount }, (_, at): Host => {
    const state = random() < 0.15 ? 'Maintenance' : random() < 0.1 ? 'Cordoned' : 'Ready'
    return { name: `h${at}`, type: random() < 0.3 ? 'small' : 'big', labels: { rack: `r${at % 2}` }, state }
  })
  const workloads = hosts.flatMap(({ name: currentHost, type }, at): Workload[] => {
    const list: Workload[] = []
    let room = type === 'big' ? 100 : 50
    while (random() < 0.8) {
      const memory = upTo(25)
      if (memory > room) break
      room -= memory
      list.push({
        name: `w${at}-${list.length}`,
        app: `app-${Math.floor(random() * 6)}`,
        requests: { memory, cpu: 1 },
        ...(random() < 0.5 && { curves: { cpu: [upTo(memory), upTo(memory)] } }),
        currentHost,
        move: {
          mebibytes: memory * 100,
          ...(random() < 0.1 && { isMovable: false }),
          ...(random() < 0.2 && { lastMovedSecondsAgo: upTo(2000), movesToday: upTo(3) }),
          ...(random() < 0.3 && { dirtyMebibytesPerSecond: upTo(650) }),
        },
      })
    }
    return list
  })
  return {
    apiVersion: 'weir.dev/v1alpha1',
    kind: 'PlacementProblem',
    resources: [
      { name: 'memory', unit: 'MiB', transient: true },
      { name: 'cpu', unit: 'millicores' },
    ],
    timeline: { count: 2, stepSeconds: 3600 },
    hostTypes: [
      { name: 'big', capacity: { memory: 100, cpu: 130 } },
      { name: 'small', capacity: { memory: 50, cpu: 70 } },
    ],
    hosts,
    workloads,
    rules: [
      { name: 'apart', type: 'AntiAffinity', workloads: { apps: ['app-0'] }, topologyKey: 'host' },
      { name: 'few', type: 'MaxPerDomain', workloads: { apps: ['app-1'] }, topologyKey: 'rack', max: 2 },
      { name: 'quiet', type: 'Interference', first: 'app-2', second: 'app-3', max: 1 },
      { name: 'wide', type: 'Spread', workloads: { apps: ['app-3'] }, topologyKey: 'rack', minDomains: 2 },
      { name: 'near', type: 'Dependency', workloads: { apps: ['app-4'] }, on: { apps: ['app-3'] }, topologyKey: 'rack' },
      { name: 'together', type: 'Affinity', workloads: { apps: ['app-5'] }, topologyKey: 'rack' },
      { name: 'closed', type: 'ClosedHostSet', workloads: { names: ['w0-0'] }, maxHosts: 1 },
    ],
  }
}

/** `sizes` by host of 100, all movable. */
function fabricOf(sizes: readonly (readonly number[])[], state: readonly Host['state'][] = []): PlacementProblem {
  return {
    apiVersion: 'weir.dev/v1alpha1',
    kind: 'PlacementProblem',
    resources: [{ name: 'memory', unit: 'MiB', transient: true }],
    hostTypes: [{ name: 'big', capacity: { memory: 100 } }],
    hosts: sizes.map((_, at) => ({ name: `h${at}`, type: 'big', state: state[at] ?? 'Ready' })),
    workloads: sizes.flatMap((list, at) =>
      list.map((memory, index) => ({ name: `w${at}-${index}`, requests: { memory }, currentHost: `h${at}` })),
    ),
  }
}

describe('planMoves', () => {
  it('makes no move that the checker objects to, whatever the fabric and the goal', () => {
    const goals: readonly MoveGoal[] = ['Consolidate', 'Drain', 'Rebalance']
    assert(
      property(
        record({ seed: integer(), hosts: integer({ min: 1, max: 14 }), goal: constantFrom(...goals) }),
        ({ seed, hosts, goal }) => {
          const problem = randomFabric(seed, hosts)
          expect(checkMoves(problem, planMoves(problem, goal, bold))).toEqual([])
        },
      ),
      // A broken rule that one move mends must not be broken again by one that is on its way already.
      { numRuns: 100, examples: [[{ seed: 367_491_180, hosts: 11, goal: 'Consolidate' }]] },
    )
  })

  it('frees as many hosts as the room allows, moving what is cheapest, each workload once', () => {
    const plan = planMoves(fabricOf([[50, 10], [40, 20], [30], [20, 20], [10]]), 'Consolidate', bold)
    expect(plan.emptiedHosts).toEqual(['h2', 'h3', 'h4'])
    expect(plan.moves.map(({ workload }) => workload).toSorted()).toEqual(['w2-0', 'w3-0', 'w3-1', 'w4-0'])
    expect(plan.bound).toMatchObject({ moveCount: 4, mebibytes: 80 })
  })

  it('empties a host that costs more by itself where another would need room to be made', () => {
    // 56 is less than 20, 20 and 20, but is larger than every hole: another 20 would have to leave for it.
    const plan = planMoves(fabricOf([[56], [20, 20, 20], [75], [75]]), 'Consolidate', bold)
    expect(plan.emptiedHosts).toEqual(['h1'])
    expect(plan.moves.map(({ reason }) => reason)).toEqual(['Empty', 'Empty', 'Empty'])
  })

  it('leaves hosts alone that are used more than the hysteresis allows', () => {
    const fabric = fabricOf([[40, 6], [46], [44]])
    expect(planMoves(fabric, 'Consolidate').emptiedHosts).toEqual([])
    expect(planMoves(fabricOf([[30, 6], [44], [20]]), 'Consolidate').emptiedHosts).toEqual(['h2'])
  })

  it('does not fill hosts above the hysteresis', () => {
    const plan = planMoves(fabricOf([[42], [42]]), 'Consolidate')
    expect(plan.moves).toEqual([])
  })

  it('does not move for less than it costs', () => {
    const fabric = fabricOf([[20], [20]])
    const slow = { limits: { outPerHost: 1, inPerHost: 1, cluster: 1, linkMebibytesPerSecond: 1, moveMebibytesPerSecond: 1 } }
    expect(planMoves(fabric, 'Consolidate', { ...slow, benefit: { stableSeconds: 21, moveSecondCost: 1 } }).moves).toHaveLength(1)
    expect(planMoves(fabric, 'Consolidate', { ...slow, benefit: { stableSeconds: 19, moveSecondCost: 1 } }).moves).toEqual([])
  })

  it('makes room by a second move before it gives up a host', () => {
    // 40 fits nowhere until 10 of the second host goes to the third.
    const plan = planMoves(fabricOf([[40], [50, 10, 5], [75]]), 'Consolidate', bold)
    expect(plan.emptiedHosts).toEqual(['h0'])
    expect(plan.moves.map(({ reason }) => reason)).toEqual(['MakeRoom', 'Empty'])
  })

  it('drains a host in maintenance in spite of a cooldown and names what has no place', () => {
    const { workloads, ...rest } = fabricOf([[60, 30], [50], [80]], ['Maintenance'])
    const moved = workloads.map((workload) => ({ ...workload, move: { lastMovedSecondsAgo: 1 } }))
    const plan = planMoves({ ...rest, workloads: moved }, 'Drain')
    expect(plan.moves.map(({ workload, reason }) => [workload, reason])).toEqual([['w0-1', 'Drain']])
    expect(plan.held).toMatchObject([{ workload: 'w0-0', reason: 'NoPlace' }])
  })

  it('holds what rests, what writes too fast and what must stay, and says so', () => {
    const { workloads, ...rest } = fabricOf([[10], [20], [30], [40], [95]])
    const traits = [
      { lastMovedSecondsAgo: 1799, movesToday: 2 },
      { dirtyMebibytesPerSecond: 600 },
      { isMovable: false },
      { lastMovedSecondsAgo: 1801, movesToday: 2 },
      {},
    ]
    const plan = planMoves(
      { ...rest, workloads: workloads.map((workload, at) => ({ ...workload, move: traits[at] ?? {} })) },
      'Consolidate',
      bold,
    )
    expect(plan.held.map(({ workload, reason }) => [workload, reason])).toEqual([
      ['w0-0', 'Cooldown'],
      ['w1-0', 'WritesTooFast'],
      ['w2-0', 'Immovable'],
    ])
    expect(plan.emptiedHosts).toEqual(['h3'])
  })

  it('relieves a host that is too full and stops when a move is not worth its cost', () => {
    const fabric = fabricOf([[30, 30, 30], [10], [20]])
    const plan = planMoves(fabric, 'Rebalance')
    expect(checkMoves(fabric, plan)).toEqual([])
    expect(plan.moves[0]).toMatchObject({ from: 'h0', reason: 'Relieve' })
    expect(planMoves(fabric, 'Rebalance', { benefit: { stableSeconds: 1e-6, moveSecondCost: 1 } }).moves).toEqual([])
  })

  it('gives the same answer twice', () => {
    const problem = randomFabric(11, 14)
    expect(planMoves(problem, 'Consolidate', bold)).toEqual(planMoves(problem, 'Consolidate', bold))
  })
})
