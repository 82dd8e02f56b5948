import { assert, integer, property, record } from 'fast-check'
import { expect, it } from 'vitest'
import { smaller } from '../checker/conflicts.ts'
import { type ConstraintSet, isPlaceable } from '../checker/placeable.ts'
import { createRandom } from '../fabric/random.ts'
import { plan } from '../plan-problem.ts'
import type { PlacementProblem, Workload } from '../problem.ts'
import type { PlacementRule } from '../rules.ts'

const names = ['a', 'b', 'c', 'd', 'e']

/** Few hosts, few workloads, and rules and traits enough to be in each other's way. */
function crampedProblem(seed: number, count: number, ruleCount: number): PlacementProblem {
  const random = createRandom(seed)
  const below = (most: number): number => Math.floor(random() * most)
  const some = (): { readonly names: readonly string[] } => {
    const chosen = names.slice(0, count).filter(() => random() < 0.6)
    return { names: chosen.length > 0 ? chosen : ['a'] }
  }
  const workloads = names.slice(0, count).map((name): Workload => ({
    name,
    requests: { memory: 10 * (1 + below(5)), cpu: below(30) },
    ...(random() < 0.3 && { curves: { cpu: [below(50), below(50)] } }),
    ...(random() < 0.2 && { hostSelector: { rack: `r${below(2)}` } }),
    ...(random() < 0.3 && { currentHost: `h${below(2)}`, move: { isMovable: random() < 0.3 } }),
    ...(random() < 0.1 && { devices: [{ count: 1 + below(2), shares: 1000 }] }),
    ...(random() < 0.2 && { devices: [{ count: 1, shares: 100 * (1 + below(9)), models: ['gpu'] }] }),
    ...(random() < 0.2 && { singleNumaNode: true }),
  }))
  const key = (): string => (random() < 0.5 ? 'host' : 'rack')
  const rules = Array.from({ length: ruleCount }, (_, at): PlacementRule => {
    const base = { name: `rule-${at}`, topologyKey: key(), workloads: some() }
    const kinds: readonly PlacementRule[] = [
      { ...base, type: 'AntiAffinity' },
      { ...base, type: 'Affinity' },
      { ...base, type: 'MaxPerDomain', max: below(3) },
      { ...base, type: 'Spread', minDomains: 1 + below(3) },
      { ...base, type: 'Dependency', on: some() },
      { name: base.name, type: 'ClosedHostSet', workloads: base.workloads, ...(random() < 0.5 && { maxHosts: 1 + below(2) }) },
      { name: base.name, type: 'Interference', first: 'a', second: names[below(count)] ?? 'a', max: below(2) },
    ]
    const rule = kinds[below(kinds.length)] ?? { ...base, type: 'Affinity' }
    return random() < 0.1 ? { ...rule, enforcement: 'Preferred' } : rule
  })
  return {
    apiVersion: 'weir.dev/v1alpha1',
    kind: 'PlacementProblem',
    resources: [
      { name: 'memory', unit: 'MiB' },
      { name: 'cpu', unit: 'millicores' },
    ],
    timeline: { count: 2, stepSeconds: 3600 },
    hostTypes: [
      { name: 'plain', capacity: { memory: 100, cpu: 80 }, numaNodes: 2, count: 1 + below(2) },
      {
        name: 'gpu',
        capacity: { memory: 60, cpu: 80 },
        reserve: { memory: 5 },
        count: 2,
        devices: [{ model: 'gpu', count: 2, shareable: true }],
        labels: { rack: 'r0' },
      },
    ],
    hosts: [
      { name: 'h0', type: 'gpu', labels: { rack: 'r1' } },
      { name: 'h1', type: 'plain', labels: { rack: 'r0' }, ...(random() < 0.3 && { state: 'Cordoned' as const }) },
    ],
    workloads,
    rules,
    policy: { budget: { iterations: 200 } },
  }
}

const placeable = (problem: PlacementProblem, set: ConstraintSet) => isPlaceable(problem, set, { left: 50_000 })

const cases = record({ seed: integer(), count: integer({ min: 1, max: 5 }), rules: integer({ min: 0, max: 6 }) })

it('names sets that cannot be kept and that lose that with any one of their parts', () => {
  const seen = { proven: 0, withRules: 0, large: 0 }
  assert(
    property(cases, ({ seed, count, rules }) => {
      const problem = crampedProblem(seed, count, rules)
      const { infeasibility } = plan(problem)
      for (const conflict of infeasibility?.conflicts ?? []) {
        expect(conflict.isMinimal).toBe(true)
        expect(placeable(problem, conflict)).toBe('Impossible')
        for (const { without, set } of smaller(conflict))
          expect([without, placeable(problem, set)]).toEqual([without, 'Placeable'])
        seen.proven++
        if (conflict.rules.length > 0) seen.withRules++
        if (conflict.workloads.length > 2) seen.large++
      }
    }),
    { numRuns: 400, seed: 20_261_125 },
  )
  expect(seen.proven).toBeGreaterThan(100)
  expect(seen.withRules).toBeGreaterThan(50)
  expect(seen.large).toBeGreaterThan(5)
})

it('says that it is proven exactly where every way was tried in vain', () => {
  assert(
    property(cases, ({ seed, count, rules }) => {
      const problem = crampedProblem(seed, count, rules)
      const { unplaced, infeasibility } = plan(problem)
      const whole = placeable(problem, {
        rules: (problem.rules ?? []).filter(({ enforcement }) => enforcement !== 'Preferred').map(({ name }) => name),
        workloads: problem.workloads.map(({ name }) => name),
        limits: [
          ...problem.resources.map(({ name }) => ({ constraint: name })),
          ...['hostSelector', 'move.isMovable', 'devices', 'singleNumaNode'].flatMap((constraint) =>
            problem.workloads.map(({ name }) => ({ constraint, workload: name })),
          ),
        ],
      })
      if (unplaced.length === 0) expect(whole).not.toBe('Impossible')
      else if (whole !== 'Unknown') expect(infeasibility?.status).toBe(whole === 'Impossible' ? 'Proven' : 'NotProven')
    }),
    { numRuns: 250 },
  )
})
