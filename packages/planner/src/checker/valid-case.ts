import type { MovePlan, PlannedMove } from '../fabric/move-plan.ts'
import type { FailoverCertificate, PlacementPlan } from '../plan.ts'
import type { Host, PlacementProblem, Workload } from '../problem.ts'

/** A document whose fields may be changed. */
type Mutable<T> = T extends readonly (infer Item)[]
  ? Mutable<Item>[]
  : T extends object
    ? { -readonly [Key in keyof T]: Mutable<T[Key]> }
    : T

/** A problem with a valid plan and valid moves, all free to be broken by a test. */
export interface Case {
  problem: Mutable<PlacementProblem>
  plan: Mutable<PlacementPlan>
  moves: Mutable<MovePlan>
}

/** Valid documents for tests: `hostCount` (>= 8, even) hosts over two racks, one spare in each, four workloads on most. */
export function validCase(hostCount: number, size: number): Case {
  const hosts = hostNames(hostCount)
  const problem = problemOf(hosts, size)
  // Through JSON, so that nothing is shared.
  return JSON.parse(JSON.stringify({ problem, plan: planOf(problem, hosts), moves: movesOf(size) })) as Case
}

function hostNames(hostCount: number): readonly string[] {
  return Array.from({ length: hostCount }, (_, at) => `h${at}`)
}

function problemOf(names: readonly string[], size: number): PlacementProblem {
  const hosts = names.map((name, at): Host => ({
    name,
    type: 'big',
    labels: { rack: `r${at % 2}` },
    ...(name === 'h5' && { state: 'Cordoned' }),
  }))
  return {
    apiVersion: 'weir.dev/v1alpha1',
    kind: 'PlacementProblem',
    resources: [
      { name: 'cpu', unit: 'millicores' },
      { name: 'memory', unit: 'MiB', transient: true },
    ],
    timeline: { count: 3, stepSeconds: 3600 },
    hostTypes: [
      {
        name: 'big',
        capacity: { cpu: 100 * size, memory: 100 * size },
        reserve: { memory: 10 * size },
        count: names.length,
        price: 7,
        licencePrices: { os: 3 },
        watts: 300,
        numaNodes: 2,
        devices: [{ model: 'gpu', count: 2, shareable: true }],
        labels: { generation: 'new' },
      },
      { name: 'small', capacity: { cpu: size, memory: size } },
    ],
    hosts,
    workloads: names.flatMap((name, at) => workloadsOf(name, at, size)),
    rules: [
      { name: 'apart', type: 'AntiAffinity', workloads: { apps: ['web'] }, topologyKey: 'host' },
      { name: 'together', type: 'Affinity', workloads: { names: ['pair-0', 'pair-6'] }, topologyKey: 'rack' },
      { name: 'few', type: 'MaxPerDomain', workloads: { apps: ['web'] }, topologyKey: 'rack', max: names.length / 2 },
      { name: 'quiet', type: 'Interference', first: 'web', second: 'batch', max: 1 },
      { name: 'wide', type: 'Spread', workloads: { apps: ['batch'] }, topologyKey: 'rack', minDomains: 2 },
      { name: 'near', type: 'Dependency', workloads: { apps: ['web'] }, on: { apps: ['batch'] }, topologyKey: 'rack' },
      { name: 'licensed', type: 'ClosedHostSet', workloads: { names: ['oracle'] }, maxHosts: 2 },
      {
        name: 'liked',
        type: 'Affinity',
        workloads: { apps: ['batch'] },
        topologyKey: 'rack',
        enforcement: 'Preferred',
        weight: 4,
      },
    ],
    policy: { usageLimitPercent: { cpu: 80 }, failover: { hosts: 1 } },
  }
}

/** Hosts 1 and 4 are spare, 2 and 3 the closed set of `oracle`; all others run the same four workloads. */
function workloadsOf(host: string, at: number, size: number): readonly Workload[] {
  const requests = { cpu: 10 * size, memory: 10 * size }
  if (host === 'h1' || host === 'h3' || host === 'h4') return []
  const move = { mebibytes: 10 * size }
  if (host === 'h2') return [{ name: 'oracle', requests, currentHost: host, licence: 'os' }]
  return [
    { name: `web-${at}`, app: 'web', requests, currentHost: host, singleNumaNode: true, move },
    {
      name: `batch-${at}`,
      app: 'batch',
      requests,
      curves: { cpu: [5 * size, 30 * size, size] },
      currentHost: host,
      hostSelector: { generation: 'new' },
      licence: 'os',
      move: { mebibytes: 20 * size, dirtyMebibytesPerSecond: 10 },
    },
    {
      name: `gpu-${at}`,
      requests,
      devices: [{ models: ['gpu'], count: 1, shares: 600 }],
      currentHost: host,
      isProtected: false,
      move,
    },
    { name: `pair-${at}`, requests, currentHost: host, move: { ...move, isMovable: at !== 0 } },
  ]
}

function planOf(problem: PlacementProblem, names: readonly string[]): PlacementPlan {
  const assignments = Object.fromEntries(problem.workloads.map(({ name, currentHost }) => [name, currentHost ?? '']))
  const size = problem.hostTypes[1]?.capacity['cpu'] ?? 0
  const hosts = names.map((name) => {
    const workloadCount = problem.workloads.filter((workload) => workload.currentHost === name).length
    const peak =
      workloadCount === 4
        ? { cpu: 60 * size, memory: 40 * size }
        : { cpu: 10 * size * workloadCount, memory: 10 * size * workloadCount }
    return { name, type: 'big', workloadCount, peak, usable: { cpu: 80 * size, memory: 90 * size } }
  })
  const used = hosts.filter(({ workloadCount }) => workloadCount > 0).length
  return {
    apiVersion: 'weir.dev/v1alpha1',
    kind: 'PlacementPlan',
    hosts,
    assignments,
    unplaced: [],
    score: {
      hostCount: names.length,
      price: 7 * names.length,
      licencePrice: 3 * used,
      watts: 300 * names.length,
      preference: 4,
      moveMebibytes: 0,
    },
    bound: {
      value: names.length - 1,
      by: 'Group',
      all: [
        { by: 'Volume', value: 1 },
        { by: 'Group', value: names.length - 1 },
      ],
      gapPercent: 100 / (names.length - 1),
    },
    certificates: names.map((host) => certificateOf(problem, host)),
    run: { seed: 1, iterations: 1, isCutShort: false, hash: '' },
  }
}

/** `oracle` fails over inside its set, everything else to the spare host of its rack. */
function certificateOf(problem: PlacementProblem, lost: string): FailoverCertificate {
  const spare = Number(lost.slice(1)) % 2 === 0 ? 'h4' : 'h1'
  const displaced = problem.workloads.filter((workload) => workload.currentHost === lost && workload.isProtected !== false)
  return {
    lostHosts: [lost],
    targets: Object.fromEntries(displaced.map(({ name }) => [name, name === 'oracle' ? 'h3' : spare])),
    unplaced: [],
  }
}

/** Two moves at a time at 110 MiB/s: 100 after what `batch` writes. */
function movesOf(size: number): MovePlan {
  const move = (
    workload: string,
    to: string,
    more: Pick<PlannedMove, 'startSeconds' | 'endSeconds' | 'mebibytes'>,
  ): PlannedMove => ({
    workload,
    from: 'h6',
    to,
    mebibytesPerSecond: 110,
    reason: 'Empty',
    gain: 100,
    cost: 10,
    ...more,
  })
  const first = (20 * size) / 100
  const second = (10 * size) / 110
  return {
    apiVersion: 'weir.dev/v1alpha1',
    kind: 'MovePlan',
    goal: 'Consolidate',
    limits: { outPerHost: 2, inPerHost: 2, cluster: 2, linkMebibytesPerSecond: 220, moveMebibytesPerSecond: 110 },
    cooldown: { baseSeconds: 900, maxSeconds: 21_600 },
    moves: [
      move('batch-6', 'h4', { startSeconds: 0, endSeconds: first, mebibytes: 20 * size }),
      move('pair-6', 'h4', { startSeconds: 0, endSeconds: second, mebibytes: 10 * size }),
      move('web-6', 'h4', { startSeconds: first, endSeconds: first + second, mebibytes: 10 * size }),
      move('gpu-6', 'h0', { startSeconds: first, endSeconds: first + second, mebibytes: 10 * size }),
    ],
    emptiedHosts: ['h6'],
    held: [],
    makespanSeconds: first + second,
    bound: { moveCount: 4, mebibytes: 50 * size, makespanSeconds: first },
    benefit: { gain: 400, cost: 40 },
  }
}
