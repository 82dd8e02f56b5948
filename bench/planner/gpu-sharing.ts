/**
 * GPU sharing on a real cluster's nodes and pods: pods arrive in random order until they ask for 130 % of the GPUs; those that fit
 * nowhere are skipped. Prints the share of GPUs that is allocated, mean over seeds (ten, as those that were published), for the online
 * placer, for its stranding term alone and for best fit, beside FGD's published figure. What was placed is checked by the checker.
 * Usage: node bench/planner/gpu-sharing.ts NODES_CSV PUBLISHED_CSV PODS_CSV... [--seeds=101,102]
 */
import { readFileSync } from 'node:fs'
import {
  createOnlinePlacer,
  type HostType,
  type OnlineOptions,
  type PlacementPlan,
  type PlacementProblem,
  type Workload,
} from '@weir/planner'
import { checkPlan } from '@weir/planner/checker'
import { seeded } from './real-machines.ts'

const paths = process.argv.slice(2).filter((argument) => !argument.startsWith('--'))
const seeds = (
  process.argv.find((argument) => argument.startsWith('--seeds='))?.slice(8) ?? '101,102,103,104,105,106,107,108,109,110'
)
  .split(',')
  .map(Number)
const [nodesCsv, publishedCsv, ...podLists] = paths
if (nodesCsv === undefined || publishedCsv === undefined || podLists.length === 0)
  throw new Error('give nodes, published figures and pods')

const policies: readonly { readonly name: string; readonly options: Partial<OnlineOptions> }[] = [
  { name: 'online placer', options: { weights: { stranding: 1, fit: 0.03, curve: 0 }, mixSize: 100, hostsPerDecision: 1e9 } },
  { name: 'stranding alone', options: { weights: { stranding: 1, fit: 0, curve: 0 }, mixSize: 100, hostsPerDecision: 1e9 } },
  { name: 'best fit', options: { weights: { stranding: 0, fit: 1, curve: 0 }, mixSize: 1, hostsPerDecision: 1e9 } },
]

const cluster = readNodes(nodesCsv)
const gpuCount = cluster.hosts.reduce(
  (sum, { type }) => sum + (cluster.types.find(({ name }) => name === type)?.devices?.[0]?.count ?? 0),
  0,
)

for (const list of podLists) {
  const pods = readPods(list)
  const name = list.split('/').at(-1)?.replace('.csv', '') ?? list
  console.log(
    `${name}: ${pods.length} pods, ${gpuCount} GPUs; published: FGD ${published(name, 'FGD')}, best fit ${published(name, 'BestFit')}`,
  )
  for (const { name: policy, options } of policies) {
    const start = performance.now()
    const shares = seeds.map((seed) => run(pods, seed, options))
    const mean = shares.reduce((sum, share) => sum + share, 0) / shares.length
    const seconds = (performance.now() - start) / 1000
    console.log(
      `  ${policy.padEnd(15)} ${mean.toFixed(2)} % (${Math.min(...shares).toFixed(2)} to ${Math.max(...shares).toFixed(2)}), ${seconds.toFixed(1)} s`,
    )
  }
}

/** Per cent of GPUs allocated after 130 % arrived. */
function run(pods: readonly Workload[], seed: number, options: Partial<OnlineOptions>): number {
  const arrivals = inflate(pods, 1.3 * gpuCount * 1000, seeded(seed))
  const problem: PlacementProblem = {
    apiVersion: 'weir.dev/v1alpha1',
    kind: 'PlacementProblem',
    resources: [
      { name: 'cpu', unit: 'millicores' },
      { name: 'memory', unit: 'MiB' },
    ],
    hostTypes: cluster.types,
    hosts: cluster.hosts,
    workloads: arrivals,
  }
  const placer = createOnlinePlacer(problem, options)
  const assignments: Record<string, string> = {}
  let allocated = 0
  for (const pod of arrivals) {
    const decision = placer.place(pod)
    if (decision.kind === 'Unplaced') continue
    assignments[pod.name] = decision.host
    allocated += sharesOf(pod)
  }
  check(problem, assignments)
  return (100 * allocated) / (gpuCount * 1000)
}

function check(problem: PlacementProblem, assignments: PlacementPlan['assignments']): void {
  const plan: PlacementPlan = {
    apiVersion: 'weir.dev/v1alpha1',
    kind: 'PlacementPlan',
    hosts: (problem.hosts ?? []).map(({ name, type }) => ({ name, type, workloadCount: 0, peak: {}, usable: {} })),
    assignments,
    unplaced: problem.workloads
      .filter(({ name }) => !(name in assignments))
      .map(({ name: workload }) => ({ workload, reasons: [] })),
    score: { hostCount: 0, price: 0, licencePrice: 0, watts: 0, preference: 0, moveMebibytes: 0 },
    bound: { value: 0, by: 'Volume', all: [{ by: 'Volume', value: 0 }], gapPercent: 0 },
    certificates: [],
    run: { seed: 1, iterations: 0, isCutShort: false, hash: '' },
  }
  const found = checkPlan(problem, plan).filter(({ kind }) => kind !== 'HostList' && kind !== 'Score')
  if (found[0] !== undefined) throw new Error(`${found.length} violations: ${found[0].message}`)
}

/** All pods, then pods drawn at random, until they ask for `shares`; in random order. */
function inflate(pods: readonly Workload[], shares: number, random: () => number): readonly Workload[] {
  const arrivals = [...pods]
  let asked = pods.reduce((sum, pod) => sum + sharesOf(pod), 0)
  while (asked < shares) {
    const pod = pods[Math.floor(random() * pods.length)]
    if (pod === undefined) break
    arrivals.push({ ...pod, name: `${pod.name}-${arrivals.length}` })
    asked += sharesOf(pod)
  }
  return arrivals
    .map((pod) => ({ pod, key: random() }))
    .toSorted((a, b) => a.key - b.key)
    .map(({ pod }) => pod)
}

function sharesOf({ devices }: Workload): number {
  return (devices ?? []).reduce((sum, { count, shares }) => sum + count * shares, 0)
}

function rows(path: string): readonly Readonly<Record<string, string>>[] {
  const [header, ...lines] = readFileSync(path, 'utf8').trim().split('\n')
  const names = header?.split(',') ?? []
  return lines.map((line) => Object.fromEntries(line.split(',').map((cell, at) => [names[at] ?? '', cell])))
}

function readNodes(path: string) {
  const types = new Map<string, HostType>()
  const hosts = rows(path).map((row) => {
    const { sn = '', cpu_milli: cpu = '', memory_mib: memory = '', gpu = '', model = '' } = row
    const name = [cpu, memory, gpu, model].join('/')
    const devices = Number(gpu) > 0 ? [{ model, count: Number(gpu), shareable: true }] : []
    types.set(name, { name, capacity: { cpu: Number(cpu), memory: Number(memory) }, devices })
    return { name: sn, type: name }
  })
  return { types: [...types.values()], hosts }
}

function readPods(path: string): readonly Workload[] {
  return rows(path).map(({ name = '', cpu_milli, memory_mib, num_gpu, gpu_milli, gpu_spec = '' }): Workload => {
    const models = gpu_spec === '' ? {} : { models: gpu_spec.split('|') }
    const request = { count: Number(num_gpu), shares: Number(gpu_milli), ...models }
    return {
      name,
      requests: { cpu: Number(cpu_milli), memory: Number(memory_mib) },
      ...(request.count > 0 && { devices: [request] }),
    }
  })
}

function published(list: string, policy: string): string {
  return (
    rows(publishedCsv ?? '').find((row) => row['workload'] === list && row['policy'] === policy)?.[
      'gpu_alloc_pct_at_130pct_arrived'
    ] ?? '-'
  )
}
