import { describe, expect, it } from 'vitest'
import { plan } from './plan-problem.ts'
import type { Host, HostType, PlacementProblem, Workload } from './problem.ts'
import type { PlacementRule } from './rules.ts'

const hostType: HostType = { name: 'host', capacity: { memory: 100 } }
const zones: readonly HostType[] = ['a', 'b', 'c'].map((zone) => ({ ...hostType, name: zone, count: 4, labels: { zone } }))

function solve(more: Partial<PlacementProblem> & { readonly workloads: readonly Workload[] }) {
  const problem: PlacementProblem = {
    apiVersion: 'weir.dev/v1alpha1',
    kind: 'PlacementProblem',
    resources: [{ name: 'memory', unit: 'MiB' }],
    hostTypes: [hostType],
    ...more,
  }
  const result = plan({ ...problem, policy: { ...problem.policy, budget: { iterations: 2000 } } })
  const typeOf = (name: string) => result.hosts.find((host) => host.name === result.assignments[name])?.type
  const hostsOf = (app: string) =>
    new Set(problem.workloads.filter((each) => each.app === app).map(({ name }) => result.assignments[name]))
  const typesOf = (app: string) => new Set(problem.workloads.filter((each) => each.app === app).map(({ name }) => typeOf(name)))
  return { result, typeOf, hostsOf, typesOf }
}

const many = (app: string, count: number, memory = 10): Workload[] =>
  Array.from({ length: count }, (_, index) => ({ name: `${app}-${index}`, app, requests: { memory } }))
const rule = (fields: object): readonly PlacementRule[] => [{ name: 'rule', ...fields } as PlacementRule]

describe('a required rule', () => {
  it('anti-affinity spreads over hosts', () => {
    const { result, hostsOf } = solve({
      workloads: many('db', 5),
      rules: rule({ type: 'AntiAffinity', topologyKey: 'host', workloads: { apps: ['db'] } }),
    })
    expect(hostsOf('db').size).toBe(5)
    expect(result.bound).toMatchObject({ value: 5, by: 'Group', gapPercent: 0 })
  })

  it('anti-affinity spreads over zones', () => {
    const { typesOf } = solve({
      hostTypes: zones,
      workloads: many('db', 3),
      rules: rule({ type: 'AntiAffinity', topologyKey: 'zone', workloads: { apps: ['db'] } }),
    })
    expect(typesOf('db').size).toBe(3)
  })

  it('affinity keeps together on a host, and counts as one', () => {
    const { hostsOf, result } = solve({
      workloads: [...many('web', 3, 30), ...many('other', 3, 30)],
      rules: rule({ type: 'Affinity', topologyKey: 'host', workloads: { apps: ['web'] } }),
    })
    expect(hostsOf('web').size).toBe(1)
    expect(result.score.hostCount).toBe(2)
  })

  it('affinity keeps together in a zone', () => {
    const { typesOf, result } = solve({
      hostTypes: zones,
      workloads: many('web', 4, 60),
      rules: rule({ type: 'Affinity', topologyKey: 'zone', workloads: { apps: ['web'] } }),
    })
    expect(result.unplaced).toEqual([])
    expect(typesOf('web').size).toBe(1)
  })

  it('spread uses enough zones', () => {
    const { typesOf } = solve({
      hostTypes: zones,
      workloads: many('web', 6),
      rules: rule({ type: 'Spread', topologyKey: 'zone', minDomains: 3, workloads: { apps: ['web'] } }),
    })
    expect(typesOf('web').size).toBe(3)
  })

  it('a dependency has what it needs in its zone', () => {
    const { typeOf, result } = solve({
      hostTypes: zones,
      workloads: [...many('web', 5, 50), ...many('cache', 2, 80)],
      rules: rule({
        type: 'Dependency',
        topologyKey: 'zone',
        workloads: { apps: ['web'] },
        on: { apps: ['cache'] },
      }),
    })
    const caches = new Set([typeOf('cache-0'), typeOf('cache-1')])
    expect(result.unplaced).toEqual([])
    for (let index = 0; index < 5; index++) expect(caches).toContain(typeOf(`web-${index}`))
  })

  it('a closed host set has its hosts to itself, and no more than it may', () => {
    const { hostsOf, result } = solve({
      workloads: [...many('oracle', 4, 30), ...many('other', 4, 30)],
      rules: rule({ type: 'ClosedHostSet', maxHosts: 2, workloads: { apps: ['oracle'] } }),
    })
    expect(result.unplaced).toEqual([])
    expect(hostsOf('oracle').size).toBe(2)
    expect([...hostsOf('oracle')].filter((host) => hostsOf('other').has(host))).toEqual([])
  })

  it('closed host sets that overlap share no host but with their like', () => {
    const closed = (name: string, names: readonly string[]): PlacementRule => ({
      name,
      type: 'ClosedHostSet',
      workloads: { names },
    })
    const { result } = solve({
      workloads: many('vm', 4, 20),
      rules: [closed('one', ['vm-0', 'vm-1', 'vm-2']), closed('two', ['vm-1', 'vm-2', 'vm-3'])],
    })
    expect(result.unplaced).toEqual([])
    expect(result.assignments['vm-1']).toBe(result.assignments['vm-2'])
    expect(new Set(Object.values(result.assignments)).size).toBe(3)
  })

  it('an affinity does not pull a stranger into a closed host set', () => {
    const { result } = solve({
      workloads: many('vm', 2, 20),
      rules: [
        { name: 'closed', type: 'ClosedHostSet', workloads: { names: ['vm-0'] } },
        { name: 'together', type: 'Affinity', topologyKey: 'host', workloads: { apps: ['vm'] } },
      ],
    })
    expect(result.assignments).toEqual({})
    expect(result.unplaced[0]?.reasons.map(({ constraint }) => constraint)).toEqual(['closed'])
  })

  it('limits what runs beside what', () => {
    const { result } = solve({
      workloads: [...many('loud', 2), ...many('quiet', 4)],
      rules: rule({ type: 'Interference', first: 'loud', second: 'quiet', max: 1 }),
    })
    for (const { name } of result.hosts) {
      const on = (app: string) =>
        Object.entries(result.assignments).filter(([workload, host]) => host === name && workload.startsWith(app)).length
      if (on('loud') > 0) expect(on('quiet')).toBeLessThanOrEqual(1)
    }
  })
})

it('prefers what costs no host', () => {
  const { typesOf, result } = solve({
    hostTypes: zones,
    workloads: many('web', 3, 60),
    rules: rule({
      type: 'AntiAffinity',
      enforcement: 'Preferred',
      weight: 5,
      topologyKey: 'zone',
      workloads: { apps: ['web'] },
    }),
  })
  expect(typesOf('web').size).toBe(3)
  expect(result.score.preference).toBe(0)
})

const preferred = { enforcement: 'Preferred', weight: 5 } as const

it('prefers to keep apart what disturbs, and counts what it cannot', () => {
  const loud = { ...preferred, type: 'Interference', first: 'loud', second: 'quiet', max: 0 }
  const wanted = (memory: number) =>
    solve({ workloads: [...many('loud', 2, memory), ...many('quiet', 2, memory)], rules: rule(loud) }).result.score
  expect(wanted(50)).toMatchObject({ hostCount: 2, preference: 0 })
  expect(wanted(25)).toMatchObject({ hostCount: 1, preference: 10 })
})

it('prefers a host set to be closed, and counts strangers and hosts beyond', () => {
  const shut = { ...preferred, type: 'ClosedHostSet', workloads: { apps: ['oracle'] }, maxHosts: 1 }
  const wanted = (oracles: number, others: number) =>
    solve({ workloads: [...many('oracle', oracles, 50), ...many('other', others, 50)], rules: rule(shut) }).result.score
  expect(wanted(2, 2)).toMatchObject({ hostCount: 2, preference: 0 })
  expect(wanted(1, 1)).toMatchObject({ hostCount: 1, preference: 5 })
  expect(wanted(4, 2)).toMatchObject({ hostCount: 3, preference: 5 })
})

describe('what a host offers', () => {
  const gpu = (name: string, shares: number): Workload => ({ name, requests: {}, devices: [{ count: 1, shares }] })
  it.each<[string, HostType, readonly Workload[], number]>([
    [
      'shares of one card',
      { ...hostType, devices: [{ model: 'A', count: 1, shareable: true }] },
      [gpu('a', 500), gpu('b', 500)],
      1,
    ],
    [
      'shares that no card has together',
      { ...hostType, devices: [{ model: 'A', count: 2, shareable: true }] },
      [gpu('a', 600), gpu('b', 600), gpu('c', 600)],
      2,
    ],
    [
      'whole functions',
      { ...hostType, devices: [{ model: 'A', count: 2 }] },
      [gpu('a', 1000), gpu('b', 1000), gpu('c', 1000)],
      2,
    ],
    [
      'one NUMA node each',
      { ...hostType, numaNodes: 2 },
      ['a', 'b', 'c'].map((name) => ({ name, requests: { memory: 30 }, singleNumaNode: true })),
      2,
    ],
    ['what the reserve leaves', { ...hostType, reserve: { memory: 1 } }, many('x', 2, 50), 2],
  ])('%s', (_, type, workloads, hosts) => {
    const { result } = solve({ hostTypes: [type], workloads })
    expect(result.unplaced).toEqual([])
    expect(result.score.hostCount).toBe(hosts)
  })

  it('less than all by the usage limit', () => {
    expect(solve({ workloads: many('x', 2, 50), policy: { usageLimitPercent: { memory: 99 } } }).result.score.hostCount).toBe(2)
  })
})

describe('hosts that exist', () => {
  const hosts = (state: Host['state']): readonly Host[] => [
    { name: 'one', type: 'host', ...(state === undefined ? {} : { state }) },
    { name: 'two', type: 'host' },
  ]
  const running = (name: string, currentHost: string, isMovable = true): Workload => ({
    name,
    requests: { memory: 20 },
    currentHost,
    move: { isMovable },
  })

  it.each<[string, Host['state'], readonly Workload[], Readonly<Record<string, string>>]>([
    ['a host in maintenance is emptied', 'Maintenance', [running('a', 'one')], { a: 'two' }],
    [
      'a cordoned host takes nothing new',
      'Cordoned',
      [running('a', 'one', false), running('b', 'two', false)],
      { a: 'one', b: 'two' },
    ],
    ['what may not move stays', 'Ready', [running('a', 'one', false), running('b', 'two', false)], { a: 'one', b: 'two' }],
    ['what runs well stays', 'Ready', [running('a', 'two')], { a: 'two' }],
  ])('%s', (_, state, workloads, assignments) => {
    expect(solve({ hosts: hosts(state), workloads }).result.assignments).toEqual(assignments)
  })
})

it('pays a licence once per host, and keeps licensed workloads together', () => {
  const licensed = many('windows', 4, 20).map((workload) => ({ ...workload, licence: 'windows' }))
  const { result, hostsOf } = solve({
    hostTypes: [{ ...hostType, price: 10, licencePrices: { windows: 7 } }],
    workloads: [...licensed, ...many('linux', 4, 25)],
    policy: { objective: 'Price' },
  })
  expect(hostsOf('windows').size).toBe(1)
  expect(result.score).toMatchObject({ hostCount: 2, price: 20, licencePrice: 7 })
})
