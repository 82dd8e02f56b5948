import { assert, integer, property, record } from 'fast-check'
import { describe, expect, it } from 'vitest'
import { checkMoves } from './check-moves.ts'
import { type Case, validCase } from './valid-case.ts'
import type { ViolationKind } from './violation.ts'

const breakers: readonly (readonly [kind: ViolationKind, what: string, spoil: (broken: Case) => void])[] = [
  ['Move', 'a workload that nobody knows', ({ moves }) => (moveAt(moves, 0).workload = 'ghost')],
  ['Move', 'a host that does not exist', ({ moves }) => (moveAt(moves, 0).to = 'new')],
  ['Move', 'a move from where it is not', ({ moves }) => (moveAt(moves, 0).from = 'h2')],
  ['Move', 'a move to where it is', ({ moves }) => (moveAt(moves, 0).to = 'h6')],
  ['Move', 'a move listed after later ones', ({ moves }) => (moves.moves = moves.moves.toReversed())],
  ['Move', 'a move that is too quick', ({ moves }) => (moveAt(moves, 0).endSeconds -= 0.01)],
  ['Move', 'a move of too few bytes', ({ moves }) => (moveAt(moves, 0).mebibytes -= 1)],
  [
    'Move',
    'a guest that writes as fast as it is copied',
    ({ problem }) => (traitsOf(problem, 'batch-6').dirtyMebibytesPerSecond = 110),
  ],
  [
    'Move',
    'a second move before the first ends',
    ({ moves }) => moves.moves.splice(2, 0, { ...moveAt(moves, 0), from: 'h4', to: 'h1' }),
  ],
  ['Immovable', 'a workload that must stay', ({ problem }) => (traitsOf(problem, 'batch-6').isMovable = false)],
  ['HostState', 'a target that takes nothing', ({ problem }) => (hostOf(problem, 4).state = 'Cordoned')],
  ['HostSelector', 'a target without a label', ({ problem }) => (hostOf(problem, 4).labels = { rack: 'r0', generation: 'old' })],
  ['Capacity', 'a target that overflows', ({ problem }) => (requestsOf(problem, 'pair-6')['memory'] = 81 * sizeOf(problem))],
  ['Devices', 'devices that are not there', ({ problem }) => ((problem.hostTypes[0] ?? fail()).devices = [])],
  ['Numa', 'no NUMA node free', ({ problem }) => (requestsOf(problem, 'web-6')['memory'] = 46 * sizeOf(problem))],
  ['Rule', 'an anti-affinity', ({ moves }) => (moveAt(moves, 2).to = 'h0')],
  ['Rule', 'a stranger in a closed set', ({ moves }) => (moveAt(moves, 3).to = 'h2')],
  ['Limit', 'too many out of a host', ({ moves }) => (moves.limits.outPerHost = 1)],
  ['Limit', 'too many into a host', ({ moves }) => (moves.limits.inPerHost = 1)],
  ['Limit', 'too many in the cluster', ({ moves }) => (moves.limits.cluster = 1)],
  ['Limit', 'a full link', ({ moves }) => (moves.limits.linkMebibytesPerSecond = 219)],
  ['Limit', 'a move that is too fast', ({ moves }) => (moves.limits.moveMebibytesPerSecond = 109)],
  ['Cooldown', 'a move during the rest', ({ problem }) => (traitsOf(problem, 'batch-6').lastMovedSecondsAgo = 899)],
  [
    'Cooldown',
    'a move during the doubled rest',
    ({ problem }) => Object.assign(traitsOf(problem, 'batch-6'), { lastMovedSecondsAgo: 7199, movesToday: 4 }),
  ],
  ['Makespan', 'a wrong makespan', ({ moves }) => (moves.makespanSeconds += 1)],
  ['HostList', 'a host that is not emptied', ({ moves }) => moves.emptiedHosts.push('h0')],
  ['HostList', 'an emptied host that is not named', ({ moves }) => moves.emptiedHosts.pop()],
  ['Bound', 'a bound above the moves', ({ moves }) => (moves.bound.moveCount = 5)],
  ['Bound', 'a bound above the makespan', ({ moves }) => (moves.bound.makespanSeconds = 1e6)],
  ['Score', 'a wrong sum of gains', ({ moves }) => (moves.benefit.gain += 1)],
]

const cases = record({
  hosts: integer({ min: 4, max: 12 }).map((half) => 2 * half),
  size: integer({ min: 10, max: 1000 }),
})

describe('checkMoves', () => {
  it('finds nothing wrong with valid moves', () => {
    assert(
      property(cases, ({ hosts, size }) => {
        const { problem, moves } = validCase(hosts, size)
        expect(checkMoves(problem, moves)).toEqual([])
      }),
      { numRuns: 20 },
    )
  })

  it.each(breakers)('finds %s: %s', (kind, _, spoil) => {
    assert(
      property(cases, ({ hosts, size }) => {
        const broken = validCase(hosts, size)
        spoil(broken)
        expect(checkMoves(broken.problem, broken.moves).map((violation) => violation.kind)).toContain(kind)
      }),
      { numRuns: 5 },
    )
  })

  it.each([
    ['is', true, ['Capacity']],
    ['is not', false, []],
  ] as const)('counts a resource on both hosts while a workload moves if it %s transient', (_, transient, found) => {
    const { problem, moves } = handOver(transient)
    expect(checkMoves(problem, moves).map((violation) => violation.kind)).toEqual(found)
  })

  it('lets a host that is too full already be left, not joined', () => {
    const { problem, moves } = validCase(8, 10)
    requestsOf(problem, 'pair-6')['memory'] = 9000
    Object.assign(moves, { moves: moves.moves.slice(2), emptiedHosts: [], benefit: { gain: 200, cost: 20 } })
    Object.assign(moves, { bound: { moveCount: 0, mebibytes: 0, makespanSeconds: 0 } })
    expect(checkMoves(problem, moves)).toEqual([])
  })

  it('lets a resting workload leave a host in maintenance', () => {
    const { problem, moves } = validCase(8, 10)
    traitsOf(problem, 'batch-6').lastMovedSecondsAgo = 1
    hostOf(problem, 6).state = 'Maintenance'
    expect(checkMoves(problem, moves)).toEqual([])
  })
})

/** `y` leaves `b` for `c` while `x` comes from `a`: there is room for one of them. */
function handOver(transient: boolean): Pick<Case, 'problem' | 'moves'> {
  const { problem, moves } = validCase(8, 10)
  const requests = { memory: 60 }
  const move = {
    startSeconds: 0,
    endSeconds: 1,
    mebibytes: 60,
    mebibytesPerSecond: 60,
    reason: 'Balance',
    gain: 0,
    cost: 0,
  } as const
  return {
    problem: {
      ...problem,
      resources: [{ name: 'memory', unit: 'MiB', transient }],
      hostTypes: [{ name: 'small', capacity: { memory: 100 } }],
      hosts: ['a', 'b', 'c'].map((name) => ({ name, type: 'small' })),
      workloads: [
        { name: 'x', requests, currentHost: 'a' },
        { name: 'y', requests, currentHost: 'b' },
      ],
      rules: [],
      policy: {},
    },
    moves: {
      ...moves,
      moves: [
        { ...move, workload: 'y', from: 'b', to: 'c' },
        { ...move, workload: 'x', from: 'a', to: 'b' },
      ],
      emptiedHosts: ['a'],
      makespanSeconds: 1,
      bound: { moveCount: 0, mebibytes: 0, makespanSeconds: 0 },
      benefit: { gain: 0, cost: 0 },
    },
  }
}
function fail(): never {
  throw new Error('the case lacks what the test breaks')
}
const moveAt = (moves: Case['moves'], at: number) => moves.moves[at] ?? fail()
const hostOf = (problem: Case['problem'], at: number) => problem.hosts?.[at] ?? fail()
const workloadOf = (problem: Case['problem'], name: string) =>
  problem.workloads.find((workload) => workload.name === name) ?? fail()
const requestsOf = (problem: Case['problem'], name: string) => workloadOf(problem, name).requests
const traitsOf = (problem: Case['problem'], name: string) => workloadOf(problem, name).move ?? fail()
const sizeOf = (problem: Case['problem']) => problem.hostTypes[1]?.capacity['cpu'] ?? fail()
