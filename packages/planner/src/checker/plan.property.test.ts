import { assert, constantFrom, integer, property, record } from 'fast-check'
import { expect, it } from 'vitest'
import { createRandom } from '../fabric/random.ts'
import { plan } from '../plan-problem.ts'
import type { Failover, PlacementProblem, Workload } from '../problem.ts'
import { checkPlan } from './check-plan.ts'

/** Types and hosts of all sorts, with every kind of rule, required and preferred. */
function randomProblem(seed: number, count: number): PlacementProblem {
  const random = createRandom(seed)
  const upTo = (most: number): number => 1 + Math.floor(random() * most)
  const workloads = Array.from({ length: count }, (_, at): Workload => {
    const memory = upTo(30)
    return {
      name: `w${at}`,
      app: `app-${upTo(8)}`,
      requests: { memory, cpu: upTo(10) },
      ...(random() < 0.4 && { curves: { cpu: [upTo(20), upTo(20)] } }),
      ...(random() < 0.1 && { devices: [{ count: 1, shares: 100 * upTo(9), models: ['gpu'] }] }),
      ...(random() < 0.1 && { devices: [{ count: 2, shares: 1000 }] }),
      ...(random() < 0.2 && { singleNumaNode: true }),
      ...(random() < 0.1 && { hostSelector: { rack: 'r0' } }),
      ...(random() < 0.2 && { licence: 'os' }),
      ...(random() < 0.15 && { isProtected: false }),
      ...(random() < 0.3 && { currentHost: `h${upTo(6) - 1}` }),
    }
  })
  const preferred = { enforcement: 'Preferred', weight: 3 } as const
  return {
    apiVersion: 'weir.dev/v1alpha1',
    kind: 'PlacementProblem',
    resources: [
      { name: 'memory', unit: 'MiB' },
      { name: 'cpu', unit: 'millicores' },
    ],
    timeline: { count: 2, stepSeconds: 3600 },
    hostTypes: [
      {
        name: 'plain',
        capacity: { memory: 100, cpu: 60 },
        reserve: { memory: 7 },
        numaNodes: 2,
        price: 5,
        labels: { rack: 'r0' },
      },
      {
        name: 'gpu',
        capacity: { memory: 100, cpu: 60 },
        count: 6,
        price: 9,
        watts: 3,
        licencePrices: { os: 2 },
        devices: [{ model: 'gpu', count: 3, shareable: true }],
        labels: { rack: 'r1' },
      },
    ],
    hosts: Array.from({ length: 6 }, (_, at) => ({
      name: `h${at}`,
      type: at % 3 === 0 ? 'gpu' : 'plain',
      labels: { rack: `r${at % 3}`, ...(at % 2 === 0 && { zone: `z${at % 4}` }) },
      state: at === 4 ? ('Cordoned' as const) : at === 5 ? ('Maintenance' as const) : ('Ready' as const),
    })),
    workloads,
    rules: [
      { name: 'apart', type: 'AntiAffinity', workloads: { apps: ['app-1'] }, topologyKey: 'host' },
      { name: 'few', type: 'MaxPerDomain', workloads: { apps: ['app-2'] }, topologyKey: 'rack', max: 3 },
      { name: 'quiet', type: 'Interference', first: 'app-3', second: 'app-4', max: 1 },
      { name: 'wide', type: 'Spread', workloads: { apps: ['app-4'] }, topologyKey: 'rack', minDomains: 2 },
      { name: 'near', type: 'Dependency', workloads: { apps: ['app-5'] }, on: { apps: ['app-6'] }, topologyKey: 'rack' },
      { name: 'together', type: 'Affinity', workloads: { apps: ['app-7'] }, topologyKey: 'rack' },
      { name: 'closed', type: 'ClosedHostSet', workloads: { apps: ['app-8'] } },
      { name: 'sealed', type: 'ClosedHostSet', workloads: { apps: ['app-8'], names: ['w0', 'w1', 'w2'] }, maxHosts: 5 },
      { name: 'paired', type: 'Affinity', workloads: { names: ['w2', 'w3'] }, topologyKey: 'host' },
      { name: 'liked', type: 'AntiAffinity', workloads: { apps: ['app-6'] }, topologyKey: 'rack', ...preferred },
      {
        name: 'wider',
        type: 'Spread',
        workloads: { apps: ['app-5', 'app-6'] },
        topologyKey: 'zone',
        minDomains: 3,
        ...preferred,
      },
      {
        name: 'nearer',
        type: 'Dependency',
        workloads: { apps: ['app-2'] },
        on: { apps: ['app-3'] },
        topologyKey: 'zone',
        ...preferred,
      },
      { name: 'fewer', type: 'MaxPerDomain', workloads: { apps: ['app-4', 'app-5'] }, topologyKey: 'host', max: 2, ...preferred },
      { name: 'still', type: 'Interference', first: 'app-2', second: 'app-5', max: 0, ...preferred },
      { name: 'alone', type: 'Interference', first: 'app-6', second: 'app-6', max: 1, ...preferred },
      { name: 'shut', type: 'ClosedHostSet', workloads: { apps: ['app-1', 'app-2'] }, maxHosts: 1, ...preferred },
      { name: 'loved', type: 'Affinity', workloads: { apps: ['app-3'] }, topologyKey: 'rack', ...preferred },
    ],
    policy: { objective: random() < 0.5 ? 'Price' : 'Hosts', usageLimitPercent: { cpu: 85 }, budget: { iterations: 300 } },
  }
}

it('finds nothing wrong with what the planner makes', () => {
  assert(
    property(record({ seed: integer(), count: integer({ min: 1, max: 40 }) }), ({ seed, count }) => {
      const problem = randomProblem(seed, count)
      expect(checkPlan(problem, plan(problem))).toEqual([])
    }),
    { numRuns: 60 },
  )
})

const failovers: readonly Failover[] = [
  { hosts: 1 },
  { hosts: 2 },
  { topologyKey: 'rack' },
  { hosts: 1, topologyKey: 'rack' },
  { hosts: 1, topologyKey: 'rack', rules: 'Preferred' },
]

it('finds nothing wrong with what survives', { timeout: 300_000 }, () => {
  let complete = 0
  assert(
    property(record({ seed: integer(), count: integer({ min: 1, max: 20 }), failover: constantFrom(...failovers) }), (drawn) => {
      const { seed, count, failover } = drawn
      const problem = randomProblem(seed, count)
      const asked = { ...problem, policy: { ...problem.policy, failover } }
      const made = plan(asked)
      // Where no host is left to add, a certificate says who would have no place, and the checker says so too.
      const short = new Set(made.certificates.flatMap(({ lostHosts, unplaced }) => (unplaced.length > 0 ? lostHosts.join() : [])))
      const found = checkPlan(asked, made).filter(({ kind, subject }) => kind !== 'Certificate' || !short.has(subject))
      complete += Number(short.size === 0 && made.certificates.length > 0)
      expect(found).toEqual([])
      expect(made.score.hostCount).toBe(made.hosts.length)
    }),
    { numRuns: 75 },
  )
  expect(complete).toBeGreaterThan(2)
})
