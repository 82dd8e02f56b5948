import { describe, expect, it } from 'vitest'
import { plan } from '../plan-problem.ts'
import type { Failover, PlacementProblem } from '../problem.ts'

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

  it('spends nothing on what may be shed', () => {
    const workloads = problemOf(undefined).workloads.map((workload, index) => ({ ...workload, isProtected: index < 4 }))
    const result = plan(problemOf({ hosts: 1 }, { workloads }))
    expect(result.certificates.every(({ unplaced }) => unplaced.length === 0)).toBe(true)
    expect(result.bound.value).toBeLessThanOrEqual(result.score.hostCount)
    expect(result.score.hostCount).toBeLessThanOrEqual(5)
  })

  it('refuses a closed host set, and says what to do', () => {
    const rules = [{ type: 'ClosedHostSet', name: 'licensed', workloads: { names: ['vm-0'] } }] as const
    expect(() => plan(problemOf({ hosts: 1 }, { rules }))).toThrow(/rules\[0\]/u)
    expect(plan(problemOf(undefined, { rules })).unplaced).toEqual([])
  })

  it('gives the same plan again', () => {
    expect(plan(problemOf({ hosts: 2 })).run.hash).toBe(plan(problemOf({ hosts: 2 })).run.hash)
  })
})
