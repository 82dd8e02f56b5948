import * as fc from 'fast-check'
import { expect, it } from 'vitest'
import { computeBound } from './bound/bound.ts'
import { compileProblem } from './compile/compile.ts'
import { parseProblem } from './parse/parse-problem.ts'
import { plan } from './plan-problem.ts'
import type { PlacementPlan } from './plan.ts'
import type { HostType, PlacementProblem, Workload } from './problem.ts'
import type { PlacementRule } from './rules.ts'

const resources = [
  { name: 'cpu', unit: 'millicores' },
  { name: 'memory', unit: 'MiB' },
]

const amounts = (most: number) => fc.record({ cpu: fc.integer({ min: 0, max: most }), memory: fc.integer({ min: 1, max: most }) })

const hostTypes = fc
  .array(
    fc.record({
      capacity: amounts(30),
      reserve: amounts(3),
      price: fc.integer({ min: 1, max: 9 }),
      count: fc.integer({ min: 1, max: 6 }),
    }),
    {
      minLength: 1,
      maxLength: 3,
    },
  )
  .map((list): HostType[] => list.map((type, index) => ({ ...type, name: `type-${index}`, labels: { zone: `z${index % 2}` } })))

const workloads = (most: number) =>
  fc
    .array(
      fc.record({
        requests: amounts(14),
        app: fc.constantFrom('web', 'db', 'batch'),
        curve: fc.option(fc.array(fc.integer({ min: 0, max: 14 }), { minLength: 3, maxLength: 3 }), { nil: undefined }),
      }),
      { maxLength: most },
    )
    .map((list): Workload[] =>
      list.map(({ curve, ...rest }, index) => ({
        ...rest,
        name: `w${index}`,
        ...(curve === undefined ? {} : { curves: { cpu: curve } }),
      })),
    )

const rulesFor = (apps: ReadonlySet<string>): PlacementRule[] => {
  const rules: PlacementRule[] = []
  if (apps.has('db')) rules.push({ name: 'apart', type: 'AntiAffinity', topologyKey: 'host', workloads: { apps: ['db'] } })
  if (apps.has('web'))
    rules.push({ name: 'few', type: 'MaxPerDomain', topologyKey: 'zone', max: 3, workloads: { apps: ['web'] } })
  if (apps.has('web') && apps.has('batch'))
    rules.push({ name: 'loud', type: 'Interference', first: 'batch', second: 'web', max: 1 })
  return rules
}

const problems = (most: number) =>
  fc
    .record({
      hostTypes,
      workloads: workloads(most),
      withRules: fc.boolean(),
      objective: fc.constantFrom('Hosts' as const, 'Price' as const),
    })
    .map(({ hostTypes, workloads, withRules, objective }): PlacementProblem => ({
      apiVersion: 'weir.dev/v1alpha1',
      kind: 'PlacementProblem',
      resources,
      timeline: { count: 3, stepSeconds: 60 },
      hostTypes,
      workloads,
      rules: withRules ? rulesFor(new Set(workloads.map(({ app }) => app ?? ''))) : [],
      policy: { objective, budget: { iterations: 300 } },
    }))

const demandAt = (workload: Workload, resource: string, point: number) =>
  workload.curves?.[resource]?.[point] ?? workload.requests[resource] ?? 0

const onHost = (problem: PlacementProblem, result: PlacementPlan, host: string) =>
  problem.workloads.filter(({ name }) => result.assignments[name] === host)

it('puts no host above its capacity, and every workload on one host or on none', () => {
  fc.assert(
    fc.property(problems(20), (problem) => {
      const result = plan(problem)
      for (const host of result.hosts) {
        const type = problem.hostTypes.find(({ name }) => name === host.type)
        for (const { name } of resources) {
          const usable = Math.max(0, (type?.capacity[name] ?? 0) - (type?.reserve?.[name] ?? 0))
          for (const point of [0, 1, 2]) {
            const load = onHost(problem, result, host.name).reduce((sum, workload) => sum + demandAt(workload, name, point), 0)
            expect(load).toBeLessThanOrEqual(usable)
          }
        }
      }
      expect(Object.keys(result.assignments).length + result.unplaced.length).toBe(problem.workloads.length)
      for (const { name, count } of problem.hostTypes) {
        expect(result.hosts.filter(({ type }) => type === name).length).toBeLessThanOrEqual(count ?? Infinity)
      }
    }),
    { numRuns: 150 },
  )
})

it('keeps anti-affinity, limits per domain and interference', () => {
  fc.assert(
    fc.property(problems(20), (problem) => {
      const result = plan(problem)
      const zoneOf = (host: string) =>
        problem.hostTypes.find(({ name }) => name === result.hosts.find((used) => used.name === host)?.type)?.labels?.['zone']
      for (const rule of problem.rules ?? []) {
        for (const { name: host } of result.hosts) {
          const count = (app: string) => onHost(problem, result, host).filter((workload) => workload.app === app).length
          if (rule.name === 'apart') expect(count('db')).toBeLessThanOrEqual(1)
          if (rule.name === 'loud' && count('batch') > 0) expect(count('web')).toBeLessThanOrEqual(1)
        }
        for (const zone of rule.name === 'few' ? ['z0', 'z1'] : []) {
          const webs = problem.workloads.filter(({ name, app }) => app === 'web' && result.assignments[name] !== undefined)
          expect(webs.filter(({ name }) => zoneOf(result.assignments[name] ?? '') === zone).length).toBeLessThanOrEqual(3)
        }
      }
    }),
    { numRuns: 150 },
  )
})

it('gives the same plan for the same problem, and none worse for more iterations', () => {
  fc.assert(
    fc.property(problems(25), fc.integer({ min: 0, max: 400 }), (problem, iterations) => {
      const withBudget = (budget: number) => plan({ ...problem, policy: { ...problem.policy, budget: { iterations: budget } } })
      const short = withBudget(iterations)
      const long = withBudget(iterations * 2)
      expect(withBudget(iterations)).toEqual(short)
      const cost = ({ score }: PlacementPlan) => (problem.policy?.objective === 'Price' ? score.price : score.hostCount)
      expect(long.unplaced.length).toBeLessThanOrEqual(short.unplaced.length)
      if (long.unplaced.length === short.unplaced.length) expect(cost(long)).toBeLessThanOrEqual(cost(short))
    }),
    { numRuns: 60 },
  )
})

it('changes nothing where the plan is applied already', () => {
  fc.assert(
    fc.property(problems(12), (problem) => {
      const first = plan({ ...problem, rules: [] })
      const used = new Map(first.hosts.map(({ name, type }) => [name, type]))
      const applied: PlacementProblem = {
        ...problem,
        rules: [],
        hosts: [...used].map(([name, type]) => ({ name, type })),
        workloads: problem.workloads.map((workload) => {
          const host = first.assignments[workload.name]
          return host === undefined ? workload : { ...workload, currentHost: host }
        }),
        policy: { ...problem.policy, budget: { iterations: 0 } },
      }
      const second = plan(applied)
      expect(second.assignments).toEqual(first.assignments)
      expect(second.score.moveMebibytes).toBe(0)
    }),
    { numRuns: 60 },
  )
})

/** The least cost of placing all workloads, by trying every way; Infinity if there is none. */
function cheapest(problem: PlacementProblem): number {
  const slots = problem.hostTypes.flatMap((type) => Array.from({ length: Math.min(type.count ?? 9, 4) }, () => type))
  const placed: Workload[][] = slots.map(() => [])
  let best = Infinity
  const fits = (slot: number) =>
    resources.every(({ name }) => {
      const type = slots[slot]
      const usable = (type?.capacity[name] ?? 0) - (type?.reserve?.[name] ?? 0)
      return [0, 1, 2].every(
        (point) => (placed[slot] ?? []).reduce((sum, workload) => sum + demandAt(workload, name, point), 0) <= usable,
      )
    })
  const search = (index: number, cost: number) => {
    const workload = problem.workloads[index]
    if (cost >= best) return
    if (workload === undefined) {
      best = cost
      return
    }
    slots.forEach((type, slot) => {
      const list = placed[slot] ?? []
      list.push(workload)
      const price = problem.policy?.objective === 'Price' ? (type.price ?? 1) : 1
      if (fits(slot)) search(index + 1, cost + (list.length === 1 ? price : 0))
      list.pop()
    })
  }
  search(0, 0)
  return best
}

it('never bounds above what the best of all ways costs, and finds that way on small problems', () => {
  let optimal = 0
  let solved = 0
  fc.assert(
    fc.property(problems(5), (problem) => {
      const free = {
        ...problem,
        rules: [],
        hostTypes: problem.hostTypes.slice(0, 2).map((type) => ({ ...type, count: Math.min(type.count ?? 4, 4) })),
      }
      const least = cheapest(free)
      if (least === Infinity) return
      expect(computeBound(compileProblem(free)).value).toBeLessThanOrEqual(least)
      const result = plan(free)
      const cost = free.policy?.objective === 'Price' ? result.score.price : result.score.hostCount
      solved++
      if (result.unplaced.length === 0 && cost === least) optimal++
      if (result.unplaced.length === 0) expect(cost).toBeGreaterThanOrEqual(least)
    }),
    { numRuns: 200, seed: 20260101 },
  )
  expect(solved).toBeGreaterThan(50)
  expect(optimal / solved).toBeGreaterThan(0.95)
})

it('is accepted by parseProblem as it is generated', () => {
  fc.assert(
    fc.property(problems(10), (problem) => {
      expect(parseProblem(problem)).toEqual(problem)
    }),
  )
})
