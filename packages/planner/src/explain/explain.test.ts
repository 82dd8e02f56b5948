import { describe, expect, it } from 'vitest'
import { plan } from '../plan-problem.ts'
import type { PlacementProblem, Workload } from '../problem.ts'
import type { PlacementRule } from '../rules.ts'
import { explain } from './explain.ts'

const problem = (workloads: readonly Workload[], more: Partial<PlacementProblem> = {}): PlacementProblem => ({
  apiVersion: 'weir.dev/v1alpha1',
  kind: 'PlacementProblem',
  resources: [{ name: 'memory', unit: 'MiB' }],
  hostTypes: [{ name: 'small', capacity: { memory: 100 }, count: 2, labels: { zone: 'a' } }],
  workloads,
  ...more,
})

const apart: PlacementRule = { name: 'apart', type: 'AntiAffinity', topologyKey: 'host', workloads: { apps: ['db'] } }
const db = (name: string, memory = 10): Workload => ({ name, app: 'db', requests: { memory } })

describe('an unplaced workload', () => {
  it.each<[string, PlacementProblem, string]>([
    ['is larger than every host', problem([db('a', 101)]), 'memory'],
    ['asks for a label that no host has', problem([{ ...db('a'), hostSelector: { zone: 'b' } }]), 'hostSelector'],
    ['asks for a device that no host has', problem([{ ...db('a'), devices: [{ count: 1, shares: 1000 }] }]), 'devices'],
    ['is one too many for the hosts', problem([db('a', 90), db('b', 90), db('c', 90)]), 'count'],
    [
      'has no host to go to',
      problem([db('a')], { hostTypes: [{ name: 'small', capacity: { memory: 100 }, count: 0 }] }),
      'count',
    ],
    ['is one too many for a rule', problem([db('a'), db('b'), db('c')], { rules: [apart] }), 'count'],
    [
      'has no domain',
      problem([db('a')], {
        rules: [{ name: 'racks', type: 'Spread', topologyKey: 'rack', minDomains: 1, workloads: { apps: ['db'] } }],
      }),
      'racks',
    ],
  ])('%s', (_, wanted, constraint) => {
    const result = plan(wanted)
    expect(result.unplaced).toHaveLength(1)
    expect(result.unplaced[0]?.reasons.map((reason) => reason.constraint)).toEqual([constraint])
  })
})

it('says for every other host what keeps a workload off', () => {
  const wanted = problem([db('a', 60), db('b', 60)], { rules: [apart] })
  const result = plan(wanted)
  const reasons = explain(wanted, result, 'a')
  const other = result.assignments['b']
  expect(reasons.filter(({ host }) => host === other).map(({ constraint }) => constraint)).toEqual(['memory', 'apart'])
})

it('says that a host was not needed', () => {
  const wanted = problem([db('a')])
  expect(explain(wanted, plan(wanted), 'a').map(({ constraint }) => constraint)).toEqual(['cost'])
  expect(explain(wanted, plan(wanted), 'nobody')).toEqual([])
})
