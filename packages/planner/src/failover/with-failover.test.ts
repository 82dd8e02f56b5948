import { describe, expect, it } from 'vitest'
import { checkPlan } from '../checker/check-plan.ts'
import { plan } from '../plan-problem.ts'
import type { Failover, PlacementProblem, Workload } from '../problem.ts'
import type { PlacementRule } from '../rules.ts'

const problemOf = (failover: Failover | undefined, changes: Partial<PlacementProblem> = {}): PlacementProblem => ({
  apiVersion: 'weir.dev/v1alpha1',
  kind: 'PlacementProblem',
  resources: [{ name: 'memory', unit: 'MiB' }],
  hostTypes: [{ name: 'host', capacity: { memory: 100 } }],
  workloads: Array.from({ length: 8 }, (_, index) => ({ name: `vm-${index}`, requests: { memory: 50 } })),
  policy: { ...(failover === undefined ? {} : { failover }), budget: { iterations: 500 } },
  ...changes,
})

describe('failover', () => {
  it('adds the hosts that may fail, and counts them in cost and bound', () => {
    expect(plan(problemOf(undefined))).toMatchObject({ score: { hostCount: 4 }, certificates: [] })
    const result = plan(problemOf({ hosts: 1 }))
    expect(result.score.hostCount).toBe(5)
    expect(result.bound).toMatchObject({ value: 5, by: 'Failover', gapPercent: 0 })
    expect(plan(problemOf({ hosts: 2 })).bound).toMatchObject({ value: 6, gapPercent: 0 })
  })

  it('names a place for everything on a lost host', () => {
    const { certificates, assignments, hosts } = plan(problemOf({ hosts: 1 }))
    expect(certificates).toHaveLength(hosts.length)
    for (const { lostHosts, targets, unplaced } of certificates) {
      const lost = Object.keys(assignments).filter((name) => lostHosts.includes(assignments[name] ?? ''))
      expect(Object.keys(targets).toSorted()).toEqual(lost.toSorted())
      expect(Object.values(targets).some((target) => lostHosts.includes(target))).toBe(false)
      expect(unplaced).toEqual([])
    }
  })

  it('says who would have no place when no host is left to add', () => {
    const { certificates } = plan(problemOf({ hosts: 1 }, { hostTypes: [{ name: 'host', capacity: { memory: 100 }, count: 4 }] }))
    expect(certificates.some(({ unplaced }) => unplaced.length > 0)).toBe(true)
  })

  it('gives a host that it adds no name that another has', () => {
    const hosts = ['host-spare-1', 'host-spare-2'].map((name) => ({ name, type: 'host', state: 'Cordoned' as const }))
    const { certificates, hosts: named } = checked(problemOf({ hosts: 1 }, { hosts }))
    expect(certificates.every(({ unplaced }) => unplaced.length === 0)).toBe(true)
    expect(new Set(named.map(({ name }) => name)).size).toBe(5)
  })

  it('spends nothing on what may be shed', () => {
    const workloads = problemOf(undefined).workloads.map((workload, index) => ({ ...workload, isProtected: index < 4 }))
    const result = plan(problemOf({ hosts: 1 }, { workloads }))
    expect(result.certificates.every(({ unplaced }) => unplaced.length === 0)).toBe(true)
    expect(result.bound.value).toBeLessThanOrEqual(result.score.hostCount)
    expect(result.score.hostCount).toBeLessThanOrEqual(5)
  })

  it('says which rules an emergency breaks, if the policy lets it', () => {
    const three: Partial<PlacementProblem> = {
      hostTypes: [{ name: 'host', capacity: { memory: 100 }, count: 3 }],
      workloads: ['a', 'b', 'c'].map((name) => ({ name, requests: { memory: 10 } })),
      rules: [{ name: 'apart', type: 'AntiAffinity', topologyKey: 'host', workloads: { names: ['a', 'b', 'c'] } }],
    }
    const strict = checked(problemOf({ hosts: 1 }, three))
    expect(strict.certificates).toHaveLength(3)
    for (const { unplaced, relaxed } of strict.certificates) expect([unplaced.length, relaxed]).toEqual([1, undefined])
    const preferred = checked(problemOf({ hosts: 1, rules: 'Preferred' }, three))
    expect(preferred.certificates).toHaveLength(3)
    for (const { unplaced, relaxed } of preferred.certificates) expect([unplaced, relaxed]).toEqual([[], ['apart']])
  })

  it('gives the same plan again', () => {
    expect(plan(problemOf({ hosts: 2 })).run.hash).toBe(plan(problemOf({ hosts: 2 })).run.hash)
  })
})

/** A plan of `problem` in which the checker finds nothing wrong but what certificates admit. */
function checked(problem: PlacementProblem) {
  const made = plan(problem)
  const short = made.certificates.flatMap(({ lostHosts, unplaced }) => (unplaced.length > 0 ? lostHosts.join() : []))
  expect(checkPlan(problem, made).filter(({ subject }) => !short.includes(subject))).toEqual([])
  return made
}

describe('failover beside a closed host set', () => {
  const licensed = (maxHosts?: number): PlacementRule => ({
    name: 'licensed',
    type: 'ClosedHostSet',
    workloads: { apps: ['oracle'] },
    ...(maxHosts !== undefined && { maxHosts }),
  })
  const workloads: readonly Workload[] = Array.from({ length: 8 }, (_, index) => ({
    name: `vm-${index}`,
    app: index < 4 ? 'oracle' : 'web',
    requests: { memory: 50 },
  }))

  it('gives the set spare hosts of its own', () => {
    const { certificates, score } = checked(problemOf({ hosts: 1 }, { workloads, rules: [licensed()] }))
    expect(certificates.flatMap(({ unplaced }) => unplaced)).toEqual([])
    expect(score.hostCount).toBe(6)
    const reach = (app: string) =>
      new Set(
        certificates.flatMap(({ targets }) =>
          Object.entries(targets).flatMap(([name, host]) =>
            workloads.find((each) => each.name === name)?.app === app ? host : [],
          ),
        ),
      )
    expect(reach('oracle').intersection(reach('web')).size).toBe(0)
  })

  it('names who has no place where the set may not grow', () => {
    const { certificates } = checked(problemOf({ hosts: 1 }, { workloads, rules: [licensed(2)] }))
    const unplaced = new Set(certificates.flatMap((certificate) => certificate.unplaced))
    expect([...unplaced].toSorted()).toEqual(['vm-0', 'vm-1', 'vm-2', 'vm-3'])
    expect(
      checked(problemOf({ hosts: 1 }, { workloads, rules: [licensed(3)] })).certificates.flatMap((each) => each.unplaced),
    ).toEqual([])
  })

  it('never relaxes it', () => {
    const hostTypes = [{ name: 'host', capacity: { memory: 100 }, count: 5 }]
    const { certificates } = checked(problemOf({ hosts: 1, rules: 'Preferred' }, { workloads, rules: [licensed()], hostTypes }))
    expect(certificates.some(({ unplaced }) => unplaced.length > 0)).toBe(true)
    expect(certificates.flatMap(({ relaxed }) => relaxed ?? [])).toEqual([])
  })
})

describe('after a failure', () => {
  const racked = (...racks: readonly string[]): Partial<PlacementProblem> => ({
    hostTypes: [{ name: 'host', capacity: { memory: 100 }, count: racks.length }],
    hosts: racks.map((rack, index) => ({ name: `h${index}`, type: 'host', labels: { rack } })),
  })
  const vm = (name: string, app: string, memory: number): Workload => ({ name, app, requests: { memory } })

  it('a spread is as wide as before', () => {
    const problem = problemOf(
      { hosts: 1 },
      {
        ...racked('r0', 'r0', 'r1', 'r1'),
        workloads: [vm('a', 'web', 60), vm('b', 'web', 60), vm('c', 'web', 60)],
        rules: [{ name: 'wide', type: 'Spread', topologyKey: 'rack', minDomains: 2, workloads: { apps: ['web'] } }],
      },
    )
    expect(checked(problem).certificates.flatMap(({ unplaced }) => unplaced)).toEqual([])
  })

  it('what others depend on comes back to where they are', () => {
    const problem = problemOf(
      { hosts: 1 },
      {
        ...racked('r0', 'r0', 'r0', 'r0', 'r1'),
        workloads: [vm('db', 'db', 60), vm('web-0', 'web', 60), vm('other', 'other', 90)],
        rules: [{ name: 'near', type: 'Dependency', topologyKey: 'rack', workloads: { apps: ['web'] }, on: { apps: ['db'] } }],
      },
    )
    const { certificates, assignments } = checked(problem)
    expect(certificates.flatMap(({ unplaced }) => unplaced)).toEqual([])
    const [lost] = certificates.filter(({ lostHosts }) => lostHosts[0] === assignments['db'])
    expect(Object.keys(lost?.targets ?? {})).toEqual(['db'])
  })

  it('an affinity brings everything along when its domain is lost', () => {
    const problem = problemOf(
      { topologyKey: 'rack' },
      {
        ...racked('r0', 'r0', 'r1', 'r1'),
        workloads: [vm('a', 'web', 60), vm('b', 'web', 60)],
        rules: [{ name: 'together', type: 'Affinity', topologyKey: 'rack', workloads: { apps: ['web'] } }],
      },
    )
    expect(checked(problem).certificates.flatMap(({ unplaced }) => unplaced)).toEqual([])
  })
})
