import { describe, expect, it } from 'vitest'
import { checkPlan } from '../checker/check-plan.ts'
import { plan } from '../plan-problem.ts'
import type { Host, HostType, PlacementProblem, Workload } from '../problem.ts'
import type { PlacementRule } from '../rules.ts'
import { partOf } from './grow.ts'
import { judge } from './minimise.ts'
import { compileConflicts } from './model.ts'
import { Steps } from './steps.ts'

const problem = (more: Partial<PlacementProblem>): PlacementProblem => ({
  apiVersion: 'weir.dev/v1alpha1',
  kind: 'PlacementProblem',
  resources: [
    { name: 'memory', unit: 'MiB' },
    { name: 'cpu', unit: 'millicores' },
  ],
  hostTypes: [{ name: 'host', capacity: { memory: 100, cpu: 100 } }],
  workloads: [],
  policy: { budget: { iterations: 100 } },
  ...more,
})

const vm = (name: string, memory = 10, more: Partial<Workload> = {}): Workload => ({ name, requests: { memory }, ...more })
const vms = (count: number, memory = 10, app = 'app'): readonly Workload[] =>
  Array.from({ length: count }, (_, at) => vm(`${app}-${at}`, memory, { app }))
const fixed = (name: string, currentHost: string, memory = 10): Workload =>
  vm(name, memory, { currentHost, move: { isMovable: false } })
const racks = (...names: readonly string[]): readonly HostType[] =>
  names.map((rack) => ({ name: rack, capacity: { memory: 100 }, labels: { rack } }))
const hosts: readonly Host[] = ['h1', 'h2', 'h3'].map((name) => ({ name, type: 'host' }))
const together = (name: string, names: readonly string[], topologyKey = 'rack'): PlacementRule => ({
  name,
  type: 'Affinity',
  topologyKey,
  workloads: { names },
})
const apart = (name: string, names: readonly string[], topologyKey = 'rack'): PlacementRule => ({
  name,
  type: 'AntiAffinity',
  topologyKey,
  workloads: { names },
})

/** The conflicts of the plan for a problem, after the checker has judged them. */
function conflictsOf(wanted: PlacementProblem) {
  const made = plan(wanted)
  expect(checkPlan(wanted, made)).toEqual([])
  expect(made.infeasibility?.status).toBe('Proven')
  return (made.infeasibility?.conflicts ?? []).map(({ rules, workloads, limits, isMinimal }) => {
    expect(isMinimal).toBe(true)
    return { rules, workloads, limits: limits.map(({ constraint, workload }) => [constraint, workload].join(' ').trim()) }
  })
}

describe('a conflict', () => {
  it.each<
    [
      string,
      Partial<PlacementProblem>,
      readonly [rules: readonly string[], workloads: readonly string[], limits: readonly string[]],
    ]
  >([
    [
      'of affinity and anti-affinity',
      {
        workloads: [...vms(2), vm('other')],
        rules: [together('with', ['app-0', 'app-1'], 'host'), apart('without', ['app-0', 'app-1'], 'host')],
      },
      [['with', 'without'], ['app-0', 'app-1'], []],
    ],
    [
      'around a cycle of affinities that an anti-affinity cuts',
      {
        hostTypes: racks('r1', 'r2'),
        workloads: vms(4),
        rules: [
          together('ab', ['app-0', 'app-1']),
          together('bc', ['app-1', 'app-2']),
          together('cd', ['app-2', 'app-3']),
          apart('da', ['app-3', 'app-0']),
        ],
      },
      [['ab', 'bc', 'cd', 'da'], ['app-0', 'app-1', 'app-2', 'app-3'], []],
    ],
    [
      'of a spread with the domains that there are',
      {
        hostTypes: racks('r1', 'r2'),
        workloads: vms(5),
        rules: [{ name: 'wide', type: 'Spread', topologyKey: 'rack', minDomains: 3, workloads: { apps: ['app'] } }],
      },
      [['wide'], ['app-2', 'app-3', 'app-4'], []],
    ],
    [
      'of a closed set with somebody who may not leave its host',
      {
        hosts,
        workloads: [fixed('oracle', 'h1'), fixed('agent', 'h1'), vm('other')],
        rules: [{ name: 'licensed', type: 'ClosedHostSet', workloads: { names: ['oracle'] } }],
      },
      [['licensed'], ['oracle', 'agent'], ['move.isMovable oracle', 'move.isMovable agent']],
    ],
    [
      'of a closed set with its largest size',
      {
        workloads: vms(3, 60),
        rules: [{ name: 'licensed', type: 'ClosedHostSet', maxHosts: 1, workloads: { apps: ['app'] } }],
      },
      [['licensed'], ['app-0', 'app-1'], ['memory']],
    ],
    [
      'of pins with the memory of their host',
      { hosts, workloads: [fixed('one', 'h1', 60), fixed('two', 'h1', 60), vm('other', 60)] },
      [[], ['one', 'two'], ['memory', 'move.isMovable one', 'move.isMovable two']],
    ],
    [
      'of a selector with a size',
      {
        hostTypes: [
          { name: 'large', capacity: { memory: 200 } },
          { name: 'fast', capacity: { memory: 100 }, labels: { cpu: 'fast' } },
        ],
        workloads: [vm('big', 150, { hostSelector: { cpu: 'fast' } })],
      },
      [[], ['big'], ['memory', 'hostSelector big']],
    ],
    [
      'of devices with the hosts that have them',
      {
        hostTypes: [
          { name: 'plain', capacity: { memory: 100 } },
          { name: 'gpu', capacity: { memory: 100 }, count: 1, devices: [{ model: 'A', count: 3 }] },
        ],
        workloads: ['x', 'y'].map((name) => vm(name, 10, { devices: [{ count: 2, shares: 1000 }] })),
      },
      [[], ['x', 'y'], ['devices x', 'devices y']],
    ],
    [
      'of a dependency with a closed set',
      {
        hosts: hosts.slice(0, 1),
        hostTypes: [{ name: 'host', capacity: { memory: 100 }, count: 1 }],
        workloads: [vm('web'), vm('db')],
        rules: [{ name: 'licensed', type: 'ClosedHostSet', workloads: { names: ['db'] } }],
      },
      [['licensed'], ['web', 'db'], []],
    ],
    [
      'of halves that are too large with the hosts that there are',
      { hostTypes: [{ name: 'host', capacity: { memory: 100 }, count: 3 }], workloads: [...vms(4, 51), ...vms(5, 10, 'small')] },
      [[], ['app-0', 'app-1', 'app-2', 'app-3'], ['memory']],
    ],
  ])('%s', (_, more, [rules, workloads, limits]) => {
    expect(conflictsOf(problem(more))).toEqual([{ rules, workloads, limits }])
  })

  it('counts hundreds without trying every way', () => {
    const [conflict] = conflictsOf(
      problem({
        hostTypes: [{ name: 'host', capacity: { memory: 100 }, count: 299 }],
        workloads: vms(310),
        rules: [{ name: 'apart', type: 'AntiAffinity', topologyKey: 'host', workloads: { apps: ['app'] } }],
      }),
    )
    expect(conflict?.rules).toEqual(['apart'])
    expect(conflict?.workloads).toHaveLength(300)
    expect(conflict?.limits).toEqual([])
  })

  it('of a closed set that needs every host with a stranger', () => {
    const [conflict] = conflictsOf(
      problem({
        hostTypes: [{ name: 'host', capacity: { memory: 100 }, count: 14 }],
        workloads: [...vms(14, 60), vm('stranger')],
        rules: [{ name: 'licensed', type: 'ClosedHostSet', workloads: { apps: ['app'] } }],
      }),
    )
    expect(conflict?.rules).toEqual(['licensed'])
    expect(conflict?.workloads).toHaveLength(15)
  })

  it('stands beside others that have nothing to do with it', () => {
    const rule = (name: string, app: string): PlacementRule => ({
      name,
      type: 'AntiAffinity',
      topologyKey: 'host',
      workloads: { apps: [app] },
    })
    const found = conflictsOf(
      problem({
        hostTypes: [{ name: 'host', capacity: { memory: 100 }, count: 2 }],
        workloads: [...vms(3, 1, 'a'), ...vms(3, 1, 'b'), vm('huge', 101)],
        rules: [rule('one', 'a'), rule('two', 'b')],
      }),
    )
    expect(found.map(({ rules }) => rules).toSorted()).toEqual([[], ['one'], ['two']])
  })
})

it('takes workloads that are left out to help where they can', () => {
  const inRack = (name: string): Workload => vm(name, 10, { hostSelector: { rack: 'r1' } })
  const model = compileConflicts(
    problem({
      hostTypes: racks('r1', 'r2'),
      workloads: [inRack('one'), inRack('two'), vm('free')],
      rules: [{ name: 'wide', type: 'Spread', topologyKey: 'rack', minDomains: 2, workloads: { names: ['one', 'two', 'free'] } }],
    }),
  )
  const answerOf = (...workloads: readonly number[]) => judge(model, partOf(model, workloads), new Steps(1000)).answer
  expect(answerOf(0, 1)).toBe('Placeable')
  expect(answerOf(0, 1, 2)).toBe('Placeable')
})

it('does not claim what it has not proven', () => {
  // Thirty-one of 32 need eleven hosts, but neither volume nor halves say so.
  const wanted = problem({ hostTypes: [{ name: 'host', capacity: { memory: 100 }, count: 10 }], workloads: vms(31, 32) })
  const made = plan(wanted)
  expect(made.unplaced).toHaveLength(1)
  expect(made.infeasibility).toMatchObject({ status: 'NotProven', conflicts: [] })
  expect(checkPlan(wanted, made)).toEqual([])
})

it('speaks of no others where one workload is too large by itself', () => {
  const [conflict] = plan(problem({ workloads: [vm('giant', 101), vm('small')] })).infeasibility?.conflicts ?? []
  expect(conflict?.message).toBe('giant cannot be placed on any host, given memory.')
})

it('says nothing where everything has a place', () => {
  expect(plan(problem({ workloads: vms(3) }))).not.toHaveProperty('infeasibility')
})

it('ends soon on a large estate that is too small', () => {
  const made = plan(
    problem({
      hostTypes: [{ name: 'host', capacity: { memory: 100 }, count: 60 }],
      workloads: Array.from({ length: 1500 }, (_, at) => vm(`vm-${at}`, 1 + (at % 17))),
      policy: { budget: { iterations: 1 } },
    }),
  )
  expect(made.infeasibility?.status).toBe('Proven')
  expect(made.infeasibility?.stepCount).toBeLessThanOrEqual(400_000)
  expect(made.infeasibility?.conflicts[0]?.limits).toEqual([{ constraint: 'memory' }])
  // Nobody can say whether all but one of a thousand would fit.
  expect(made.infeasibility?.conflicts[0]?.isMinimal).toBe(false)
})
