import { assert, integer, property, record } from 'fast-check'
import { describe, expect, it } from 'vitest'
import { checkPlan } from '../checker/check-plan.ts'
import { createRandom } from '../fabric/random.ts'
import type { PlacementPlan } from '../plan.ts'
import type { PlacementProblem, Workload } from '../problem.ts'
import { createOnlinePlacer, type OnlineDecision } from './online-placer.ts'

/** Hosts with GPUs and without, in two racks, and workloads of all sorts. */
function fabric(seed: number, hostCount: number): PlacementProblem {
  const random = createRandom(seed)
  const upTo = (count: number): number => 1 + Math.floor(random() * count)
  const workloads = Array.from({ length: hostCount * 6 }, (_, at): Workload => {
    const memory = upTo(30)
    return {
      name: `w${at}`,
      app: `app-${upTo(5)}`,
      requests: { memory, cpu: 1 },
      ...(random() < 0.4 && { curves: { cpu: [upTo(20), upTo(20)] } }),
      ...(random() < 0.2 && { devices: [{ count: 1, shares: 100 * upTo(9), models: ['gpu'] }] }),
      ...(random() < 0.1 && { devices: [{ count: 2, shares: 1000 }] }),
      ...(random() < 0.2 && { singleNumaNode: true }),
      ...(random() < 0.2 && { hostSelector: { rack: 'r0' } }),
    }
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
      { name: 'plain', capacity: { memory: 100, cpu: 60 }, numaNodes: 2 },
      { name: 'gpu', capacity: { memory: 100, cpu: 60 }, devices: [{ model: 'gpu', count: 3, shareable: true }] },
    ],
    hosts: Array.from({ length: hostCount }, (_, at) => ({
      name: `h${at}`,
      type: at % 3 === 0 ? 'gpu' : 'plain',
      labels: { rack: `r${at % 2}` },
      state: at === 4 ? ('Cordoned' as const) : ('Ready' as const),
    })),
    workloads,
    rules: [
      { name: 'apart', type: 'AntiAffinity', workloads: { apps: ['app-1'] }, topologyKey: 'host' },
      { name: 'few', type: 'MaxPerDomain', workloads: { apps: ['app-2'] }, topologyKey: 'rack', max: 3 },
      { name: 'quiet', type: 'Interference', first: 'app-3', second: 'app-4', max: 1 },
      { name: 'closed', type: 'ClosedHostSet', workloads: { names: ['w0', 'w1'] }, maxHosts: 1 },
    ],
  }
}

/** What the checker says of who is where; scores, loads and bounds are not asked for. */
function violationsOf(problem: PlacementProblem, assignments: Readonly<Record<string, string>>) {
  const plan: PlacementPlan = {
    apiVersion: 'weir.dev/v1alpha1',
    kind: 'PlacementPlan',
    hosts: (problem.hosts ?? []).map(({ name, type }) => ({ name, type, workloadCount: 0, peak: {}, usable: {} })),
    assignments,
    unplaced: problem.workloads.filter(({ name }) => !(name in assignments)).map(({ name }) => ({ workload: name, reasons: [] })),
    score: { hostCount: 0, price: 0, licencePrice: 0, watts: 0, preference: 0, moveMebibytes: 0 },
    bound: { value: 0, by: 'Volume', all: [{ by: 'Volume', value: 0 }], gapPercent: 0 },
    certificates: [],
    run: { seed: 1, iterations: 0, isCutShort: false, hash: '' },
  }
  return checkPlan(problem, plan).filter(({ kind }) => !['HostList', 'Score', 'Bound'].includes(kind))
}

/** Places everything, taking something away now and then; the decisions and who is where in the end. */
function drive(problem: PlacementProblem, hostsPerDecision: number) {
  const placer = createOnlinePlacer(problem, { hostsPerDecision })
  const random = createRandom(problem.workloads.length)
  const decisions: OnlineDecision[] = []
  const assignments: Record<string, string> = {}
  for (const workload of problem.workloads) {
    const decision = placer.place(workload, { explain: true })
    decisions.push(decision)
    if (decision.kind === 'Placed') assignments[workload.name] = decision.host
    const names = Object.keys(assignments)
    const gone = names[Math.floor(random() * names.length)]
    if (random() < 0.2 && gone !== undefined && placer.remove(gone)) delete assignments[gone]
  }
  return { placer, decisions, assignments }
}

const cases = record({ seed: integer(), hosts: integer({ min: 1, max: 12 }) })

describe('the online placer', () => {
  it.each([1, 1e9])('breaks nothing that the checker knows of, looking at %d changed hosts', (hostsPerDecision) => {
    assert(
      property(cases, ({ seed, hosts }) => {
        const problem = fabric(seed, hosts)
        expect(violationsOf(problem, drive(problem, hostsPerDecision).assignments)).toEqual([])
      }),
      { numRuns: 60 },
    )
  })

  it('gives a reason for every host when it finds none', () => {
    assert(
      property(cases, ({ seed, hosts }) => {
        for (const decision of drive(fabric(seed, hosts), 1).decisions) {
          if (decision.kind === 'Unplaced') expect(decision.reasons).toHaveLength(hosts)
        }
      }),
      { numRuns: 30 },
    )
  })

  it('decides the same again', () => {
    expect(drive(fabric(7, 12), 4).decisions).toEqual(drive(fabric(7, 12), 4).decisions)
  })

  it('answers a second question for the same workload with the same place', () => {
    const problem = fabric(7, 12)
    const placer = createOnlinePlacer(problem)
    const [workload] = problem.workloads
    if (workload === undefined) throw new Error('the fabric has no workload')
    expect(placer.place(workload)).toEqual(placer.place(workload))
    expect(placer.remove(workload.name)).toBe(true)
    expect(placer.remove(workload.name)).toBe(false)
  })

  it('keeps whole GPUs for those that need whole ones', () => {
    const type = { name: 'gpu', capacity: { memory: 100 }, devices: [{ model: 'gpu', count: 2, shareable: true }] }
    const half = (name: string): Workload => ({ name, requests: { memory: 1 }, devices: [{ count: 1, shares: 500 }] })
    const whole: Workload = { name: 'whole', requests: { memory: 1 }, devices: [{ count: 1, shares: 1000 }] }
    const placer = createOnlinePlacer({
      ...fabric(1, 0),
      hostTypes: [type],
      hosts: ['a', 'b'].map((name) => ({ name, type: 'gpu' })),
      workloads: [whole, half('sample')],
      rules: [],
    })
    const hosts = ['1', '2']
      .map((name) => placer.place(half(name)))
      .map((decision) => decision.kind === 'Placed' && decision.host)
    expect(new Set(hosts).size).toBe(1)
    const wholes = ['3', '4', '5', '6'].map((name) => placer.place({ ...whole, name }).kind)
    expect(wholes).toEqual(['Placed', 'Placed', 'Placed', 'Unplaced'])
  })

  it('keeps room beside free GPUs for a second workload that asks for one', () => {
    const devices = [{ model: 'gpu', count: 3, shareable: true }]
    const placer = createOnlinePlacer({
      ...fabric(1, 0),
      hostTypes: [
        { name: 'small', capacity: { memory: 100 }, devices },
        { name: 'large', capacity: { memory: 300 }, devices },
      ],
      hosts: ['small', 'large'].map((name) => ({ name, type: name })),
      workloads: [{ name: 'typical', requests: { memory: 40 }, devices: [{ count: 1, shares: 1000 }] }],
      rules: [],
    })
    // The small host would still take one of the typical ones, and it is the fuller one.
    expect(placer.place({ name: 'plain', requests: { memory: 30 } })).toMatchObject({ kind: 'Placed', host: 'large' })
  })

  it('puts a workload where the others have their valley', () => {
    const problem = fabric(1, 0)
    const curve = (name: string, cpu: readonly number[], currentHost?: string): Workload => ({
      name,
      requests: { memory: 10 },
      curves: { cpu },
      ...(currentHost !== undefined && { currentHost }),
    })
    const placer = createOnlinePlacer({
      ...problem,
      rules: [],
      hosts: ['a', 'b'].map((name) => ({ name, type: 'plain' })),
      workloads: [curve('day', [30, 1], 'a'), curve('night', [1, 30], 'b')],
    })
    expect(placer.place(curve('by day', [20, 1]))).toMatchObject({ kind: 'Placed', host: 'b' })
  })
})
