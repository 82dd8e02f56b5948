import { isWeirError, type FieldCause } from '@weir/base'
import { describe, expect, it } from 'vitest'
import { parseProblem } from './parse-problem.ts'

const smallest = {
  apiVersion: 'weir.dev/v1alpha1',
  kind: 'PlacementProblem',
  resources: [{ name: 'memory', unit: 'MiB' }],
  hostTypes: [{ name: 'small', capacity: { memory: 100 } }],
  workloads: [{ name: 'a', requests: { memory: 50 } }],
}

function causesOf(value: unknown): readonly FieldCause[] {
  try {
    parseProblem(value)
  } catch (error) {
    if (isWeirError(error, 'PLAN_PROBLEM_INVALID')) return error.causes
    throw error
  }
  return []
}

const workload = (more: object) => ({ ...smallest, workloads: [{ ...smallest.workloads[0], ...more }] })
const hostType = (more: object) => ({ ...smallest, hostTypes: [{ ...smallest.hostTypes[0], ...more }] })
const rule = (more: object) => ({ ...smallest, rules: [{ name: 'r', ...more }] })

it('returns a sound problem as it is', () => {
  expect(parseProblem(smallest)).toEqual(smallest)
})

it('takes hosts that are listed for all there are, unless a count says more', () => {
  const hosts = ['a', 'b'].map((name) => ({ name, type: 'small' }))
  const types = (count?: number) => [{ ...smallest.hostTypes[0], ...(count === undefined ? {} : { count }) }]
  const countOf = (value: object) => parseProblem({ ...smallest, ...value }).hostTypes[0]?.count
  expect(countOf({ hosts })).toBe(2)
  expect(countOf({ hosts, hostTypes: types(9) })).toBe(9)
  expect(countOf({})).toBeUndefined()
})

it('plans failures of domains that types or hosts have, and of hosts', () => {
  const policy = (topologyKey: string) => ({ policy: { failover: { topologyKey } } })
  const labels = { rack: '1' }
  const hosts = [{ name: 'a', type: 'small', labels }]
  expect(causesOf({ ...smallest, hosts, ...policy('rack') })).toEqual([])
  expect(causesOf({ ...hostType({ labels }), ...policy('rack') })).toEqual([])
  expect(causesOf({ ...smallest, ...policy('host') })).toEqual([])
})

describe('names the field that is wrong', () => {
  it.each<[string, unknown, string]>([
    ['nothing', undefined, 'problem'],
    ['a list', [], 'problem'],
    ['another version', { ...smallest, apiVersion: 'v1' }, 'apiVersion'],
    ['another kind', { ...smallest, kind: 'Plan' }, 'kind'],
    ['an unknown field', { ...smallest, worklods: [] }, 'worklods'],
    ['no resources', { ...smallest, resources: [], hostTypes: [{ name: 'x', capacity: {} }], workloads: [] }, 'resources'],
    ['no host types', { ...smallest, hostTypes: [] }, 'hostTypes'],
    ['no workloads at all', { ...smallest, workloads: undefined }, 'workloads'],
    [
      'two workloads of one name',
      { ...smallest, workloads: [smallest.workloads[0], smallest.workloads[0]] },
      'workloads[1].name',
    ],
    ['a negative request', workload({ requests: { memory: -1 } }), 'workloads[0].requests.memory'],
    ['half a unit', workload({ requests: { memory: 0.5 } }), 'workloads[0].requests.memory'],
    ['a number no integer can be', workload({ requests: { memory: 2 ** 60 } }), 'workloads[0].requests.memory'],
    ['not a number', workload({ requests: { memory: Number.NaN } }), 'workloads[0].requests.memory'],
    ['a number in quotes', workload({ requests: { memory: '5' } }), 'workloads[0].requests.memory'],
    ['null for a number', workload({ requests: { memory: null } }), 'workloads[0].requests.memory'],
    ['a resource that is not defined', workload({ requests: { disk: 1 } }), 'workloads[0].requests.disk'],
    ['an empty name', workload({ name: '' }), 'workloads[0].name'],
    ['a name of many lines', workload({ name: 'a\nb' }), 'workloads[0].name'],
    ['curves without a timeline', workload({ curves: { memory: [1] } }), 'workloads[0].curves.memory'],
    [
      'a curve of another length',
      { ...workload({ curves: { memory: [1] } }), timeline: { count: 2, stepSeconds: 60 } },
      'workloads[0].curves.memory',
    ],
    [
      'a wrong point of a curve',
      { ...workload({ curves: { memory: [1, -2] } }), timeline: { count: 2, stepSeconds: 60 } },
      'workloads[0].curves.memory[1]',
    ],
    ['shares of two devices', workload({ devices: [{ count: 2, shares: 500 }] }), 'workloads[0].devices[0].count'],
    ['a host type without capacity', hostType({ capacity: undefined }), 'hostTypes[0].capacity'],
    ['no NUMA node', hostType({ numaNodes: 0 }), 'hostTypes[0].numaNodes'],
    [
      'a price of one type alone',
      {
        ...smallest,
        hostTypes: [...smallest.hostTypes, { name: 'large', capacity: { memory: 200 }, price: 5 }],
        policy: { objective: 'Price' },
      },
      'hostTypes[0].price',
    ],
    ['no watts where they count', { ...smallest, policy: { objective: 'Watts' } }, 'hostTypes[0].watts'],
    ['domains that no host is in', { ...smallest, policy: { failover: { topologyKey: 'rack' } } }, 'policy.failover.topologyKey'],
    ['a host of no type', { ...smallest, hosts: [{ name: 'h', type: 'large' }] }, 'hosts[0].type'],
    ['an unknown state', { ...smallest, hosts: [{ name: 'h', type: 'small', state: 'Broken' }] }, 'hosts[0].state'],
    ['a rule of no type', rule({}), 'rules[0].type'],
    ['a rule about nobody', rule({ type: 'AntiAffinity', topologyKey: 'host', workloads: {} }), 'rules[0].workloads'],
    [
      'a rule about somebody else',
      rule({ type: 'AntiAffinity', topologyKey: 'host', workloads: { apps: ['b'] } }),
      'rules[0].workloads.apps[0]',
    ],
    [
      'a rule with a field of another',
      rule({ type: 'AntiAffinity', topologyKey: 'host', workloads: { apps: ['a'] }, max: 1 }),
      'rules[0].max',
    ],
    ['a limit above all', { ...smallest, policy: { usageLimitPercent: { memory: 101 } } }, 'policy.usageLimitPercent.memory'],
    ['a moment that is none', { ...smallest, timeline: { count: 1, stepSeconds: 1, startTime: 'today' } }, 'timeline.startTime'],
  ])('%s', (_, value, field) => {
    expect(causesOf(value).map((cause) => cause.field)).toContain(field)
  })
})

it('collects all causes, a hundred at most', () => {
  const workloads = Array.from({ length: 1000 }, (_, index) => ({ name: `w${index}`, requests: { memory: -1 } }))
  expect(causesOf({ ...smallest, kind: 'x', workloads })).toHaveLength(100)
})

it('takes names of the prototype as names', () => {
  const hostile: unknown = JSON.parse(
    '{"apiVersion":"weir.dev/v1alpha1","kind":"PlacementProblem","resources":[{"name":"__proto__","unit":"x"},{"name":"constructor","unit":"x"}],' +
      '"hostTypes":[{"name":"toString","capacity":{"__proto__":10,"constructor":10}}],' +
      '"workloads":[{"name":"__proto__","requests":{"__proto__":6}},{"name":"hasOwnProperty","requests":{"__proto__":6,"constructor":1}}]}',
  )
  const problem = parseProblem(hostile)
  expect(JSON.parse(JSON.stringify(problem))).toEqual(hostile)
  expect(Object.hasOwn({}, 'polluted')).toBe(false)
  expect(Object.getPrototypeOf(problem.hostTypes[0]?.capacity)).toBe(Object.prototype)
})

it('does not take inherited fields', () => {
  expect(causesOf(Object.create(smallest)).length).toBeGreaterThan(0)
})
