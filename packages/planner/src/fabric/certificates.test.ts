import { assert, integer, property, record } from 'fast-check'
import { describe, expect, it } from 'vitest'
import { checkPlan } from '../checker/check-plan.ts'
import type { PlacementPlan } from '../plan.ts'
import type { Failover, PlacementProblem, Workload } from '../problem.ts'
import { createRandom } from './random.ts'
import { type NamedPlacement, reinforce } from './reinforce.ts'

/** `hostCount` hosts in four racks, each filled to about `fill` of 100 by workloads of 1 to 40. */
function estate(seed: number, hostCount: number, fill: number): { problem: PlacementProblem; placement: NamedPlacement } {
  const random = createRandom(seed)
  const hosts = Array.from({ length: hostCount * 3 }, (_, at) => ({
    name: `h${at}`,
    type: 'big',
    labels: { rack: `r${Math.floor(at / 4)}` },
  }))
  const used = hosts.slice(0, hostCount)
  const workloads: Workload[] = used.flatMap(({ name: currentHost }, at) => {
    const list: Workload[] = []
    for (let load = 0; ;) {
      const memory = 1 + Math.floor(random() * 40)
      load += memory
      if (load > fill) return list
      const app = random() < 0.1 ? 'apart' : `app-${at}`
      if (app === 'apart' && list.some((other) => other.app === app)) continue
      const isProtected = random() < 0.9
      list.push({ name: `w${at}-${list.length}`, app, requests: { memory, cpu: memory }, currentHost, isProtected })
    }
  })
  const problem: PlacementProblem = {
    apiVersion: 'weir.dev/v1alpha1',
    kind: 'PlacementProblem',
    resources: [
      { name: 'memory', unit: 'MiB', transient: true },
      { name: 'cpu', unit: 'millicores' },
    ],
    hostTypes: [{ name: 'big', capacity: { memory: 100, cpu: 110 } }],
    hosts,
    workloads,
    rules: [{ name: 'apart', type: 'AntiAffinity', workloads: { apps: ['apart'] }, topologyKey: 'host' }],
  }
  const assignments = Object.fromEntries(workloads.map(({ name, currentHost }) => [name, currentHost ?? '']))
  return { problem, placement: { hosts: used.map(({ name, type }) => ({ name, type })), assignments } }
}

/** What the checker says of assignments, hosts and certificates; scores and loads are not asked for. */
function violationsOf(
  problem: PlacementProblem,
  failover: Failover,
  { placement, certificates }: { placement: NamedPlacement; certificates: PlacementPlan['certificates'] },
) {
  const plan: PlacementPlan = {
    apiVersion: 'weir.dev/v1alpha1',
    kind: 'PlacementPlan',
    ...placement,
    hosts: placement.hosts.map((host) => ({ ...host, workloadCount: 0, peak: {}, usable: {} })),
    unplaced: [],
    score: { hostCount: 0, price: 0, licencePrice: 0, watts: 0, preference: 0, moveMebibytes: 0 },
    bound: { value: 0, by: 'Volume', all: [{ by: 'Volume', value: 0 }], gapPercent: 0 },
    certificates,
    run: { seed: 1, iterations: 0, isCutShort: false, hash: '' },
  }
  return checkPlan({ ...problem, policy: { failover } }, plan).filter(({ kind }) => !['HostList', 'Score'].includes(kind))
}

const failovers: readonly Failover[] = [{ hosts: 1 }, { hosts: 2 }, { topologyKey: 'rack' }, { hosts: 1, topologyKey: 'rack' }]

describe('reinforce', () => {
  it.each(failovers)('gives every failure of %j a certificate that holds', (failover) => {
    assert(
      property(
        record({ seed: integer(), hosts: integer({ min: 2, max: 12 }), fill: integer({ min: 40, max: 100 }) }),
        ({ seed, hosts, fill }) => {
          const { problem, placement } = estate(seed, hosts, fill)
          const result = reinforce(problem, placement, failover)
          expect(violationsOf(problem, failover, { placement: result, certificates: [...result.certificates()] })).toEqual([])
        },
      ),
      { numRuns: 15 },
    )
  })

  it('makes one hole of many rather than add a host', () => {
    const { problem } = estate(1, 4, 0)
    const sizes = [50, 30, 50, 30, 50, 30, 20, 10]
    const workloads = sizes.map((memory, at): Workload => ({ name: `w${at}`, requests: { memory, cpu: 0 } }))
    const assignments = Object.fromEntries(sizes.map((_, at) => [`w${at}`, `h${at >> 1}`]))
    const hosts = ['h0', 'h1', 'h2', 'h3'].map((name) => ({ name, type: 'big' }))
    const result = reinforce({ ...problem, workloads, rules: [] }, { hosts, assignments }, { hosts: 1 })
    expect(result.addedHosts).toEqual([])
    expect(result.movedCount).toBe(2)
    expect([...result.certificates()].flatMap(({ unplaced }) => unplaced)).toEqual([])
  })

  it('names what has no place when there is no host to add', () => {
    const { problem, placement } = estate(3, 4, 100)
    const limited = {
      ...problem,
      hosts: (problem.hosts ?? []).slice(0, 4),
      hostTypes: problem.hostTypes.map((type) => ({ ...type, count: 4 })),
    }
    const result = reinforce(limited, placement, { hosts: 1 })
    expect([...result.certificates()].some(({ unplaced }) => unplaced.length > 0)).toBe(true)
    expect(result.hosts).toHaveLength(4)
  })

  it('gives the same answer twice', () => {
    const { problem, placement } = estate(5, 10, 90)
    const run = () => {
      const { certificates, ...result } = reinforce(problem, placement, { hosts: 1 })
      return { ...result, certificates: [...certificates()] }
    }
    expect(run()).toEqual(run())
  })
})
