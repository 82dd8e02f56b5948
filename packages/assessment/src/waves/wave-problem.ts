import type { Estate, EstateMachine } from '@weir/estate'
import type { AppDependency, Amounts, TimeSpan, WaveProblem, WaveTarget, WaveWorkload } from '@weir/planner'
import { type HostShape, shapeOf } from '../hosts/host-types.ts'
import { kubevirtOverheadMebibytes } from '../hosts/kubevirt-overhead.ts'
import type { TargetHost } from '../waterfall/policy.ts'

/** What machines are migrated together with: those of one vApp, folder, resource pool or cluster, or nothing. */
export type AppSource = 'machine' | 'vApp' | 'folder' | 'resourcePool' | 'cluster'

/** What an estate does not say of its migration. */
export interface WaveAssumptions {
  readonly appFrom: AppSource
  /** Windows of equal length at equal distance, the first at the start of the programme. */
  readonly windows: { readonly count: number; readonly everySeconds: number; readonly lengthSeconds: number }
  readonly transferMebibytesPerSecond: number
  readonly cutOvers: number
  /** Hosts to go to; as many of the first kind as everything needs by volume, unless `count` says. */
  readonly target: {
    readonly host: TargetHost
    readonly count?: number
    readonly failoverHosts: number
    readonly reuseHosts: boolean
  }
  /** vCPUs for each core. */
  readonly cpuRatio: number
  readonly reserveShare: number
  readonly pilotWaves: number
}

/**
 * A first wave problem of an estate, for people to go on with: every machine with its disks and what it needs, DRS rules that keep
 * machines together as `Together`, windows and limits as assumed. Templates and stand-ins stay out. Pure. O(machines).
 */
export function waveProblem(estate: Estate, assumed: WaveAssumptions): WaveProblem {
  const machines = estate.machines.filter(({ type }) => type === 'VirtualMachine')
  const hostNames = new Map(estate.hosts.map(({ id, name }) => [id, name]))
  const nameOf = uniqueNames(machines)
  const clusters = new Map(estate.clusters.map(({ id, name }) => [id, name]))
  const appOf = (machine: EstateMachine): string =>
    (appNameOf(machine, assumed.appFrom, clusters) ?? nameOf(machine)).slice(0, 253)
  const workloads = machines.map((machine): WaveWorkload => {
    const sourceHost = hostNames.get(machine.hostId ?? '')
    return {
      name: nameOf(machine),
      app: appOf(machine),
      diskMebibytes: diskMebibytes(machine),
      requests: requestsOf(machine, assumed),
      ...(sourceHost === undefined ? {} : { sourceHost }),
    }
  })
  const { count, everySeconds, lengthSeconds } = assumed.windows
  return {
    apiVersion: 'weir.dev/v1alpha1',
    kind: 'WaveProblem',
    workloads,
    dependencies: keptTogether(machines, appOf),
    windows: Array.from({ length: count }, (_, index): TimeSpan => {
      const startSeconds = index * everySeconds
      return { startSeconds, endSeconds: startSeconds + lengthSeconds }
    }),
    limits: { transferMebibytesPerSecond: assumed.transferMebibytesPerSecond, cutOvers: assumed.cutOvers },
    target: targetOf(estate, workloads, assumed),
    policy: { pilotWaves: assumed.pilotWaves },
  }
}

/** The machine's name, or its id where several have the name. */
function uniqueNames(machines: readonly EstateMachine[]): (machine: EstateMachine) => string {
  const counts = Map.groupBy(machines, ({ name }) => name)
  return ({ name, id }) => (counts.get(name)?.length === 1 && name !== '' ? name : id).slice(0, 253)
}

function appNameOf(machine: EstateMachine, from: AppSource, clusters: ReadonlyMap<string, string>): string | undefined {
  switch (from) {
    case 'machine':
      return undefined
    case 'cluster':
      return clusters.get(machine.clusterId ?? '')
    case 'vApp':
    case 'folder':
    case 'resourcePool':
      return machine[from] === '' ? undefined : machine[from]
  }
}

/** What a copy reads: what is used, else what the disks hold at most. */
function diskMebibytes({ usedBytes, disks, diskCapacityBytes, provisionedBytes }: EstateMachine): number {
  const ofDisks = disks.reduce((sum, { capacityBytes = 0 }) => sum + capacityBytes, 0)
  const bytes = usedBytes ?? (ofDisks > 0 ? ofDisks : (diskCapacityBytes ?? provisionedBytes ?? 0))
  return Math.ceil(bytes / 2 ** 20)
}

/** What is off needs a place for its disks, not for itself. */
function requestsOf({ power, cpu, memory }: EstateMachine, { cpuRatio }: WaveAssumptions): Amounts {
  if (power !== 'On') return {}
  const cpuCount = cpu.count ?? 0
  const memoryMebibytes = Math.ceil((memory.sizeBytes ?? 0) / 2 ** 20)
  return {
    cpu: Math.ceil((cpuCount * 1000) / cpuRatio),
    memory: memoryMebibytes + kubevirtOverheadMebibytes({ memoryMebibytes, cpuCount }),
  }
}

/** DRS rules that keep machines on one host: their apps go in one wave, each with the first. */
function keptTogether(machines: readonly EstateMachine[], appOf: (machine: EstateMachine) => string): readonly AppDependency[] {
  const members = new Map<string, Set<string>>()
  for (const machine of machines)
    for (const { name, type = name } of machine.rules)
      if (/affinity/iu.test(type) && !/anti/iu.test(type)) members.set(name, (members.get(name) ?? new Set()).add(appOf(machine)))
  return [...members.values()].flatMap((apps) => {
    const [first, ...others] = apps
    return first === undefined ? [] : others.map((to): AppDependency => ({ from: first, to, type: 'Together' }))
  })
}

function targetOf({ hosts }: Estate, workloads: readonly WaveWorkload[], assumed: WaveAssumptions): WaveTarget {
  const { host, failoverHosts, reuseHosts } = assumed.target
  const usable = usableOf(host, assumed)
  const need = (resource: 'cpu' | 'memory'): number =>
    workloads.reduce((sum, { requests }) => sum + (requests[resource] ?? 0), 0) / Math.max(1, usable[resource] ?? 0)
  const count = assumed.target.count ?? Math.max(1, Math.ceil(Math.max(need('cpu'), need('memory')))) + failoverHosts
  const names = new Set(Array.from({ length: count }, (_, index) => `${host.name}-${index + 1}`))
  const reused = hosts.flatMap((each) => {
    const shape = shapeOf(each)
    return shape === undefined || names.has(each.name) ? [] : [{ name: each.name, usable: usableOf(shape, assumed) }]
  })
  return {
    hosts: [...names].map((name) => ({ name, usable })),
    ...(reuseHosts && reused.length > 0 ? { reusedHosts: [...new Map(reused.map((each) => [each.name, each])).values()] } : {}),
    failoverHosts,
  }
}

const usableOf = (
  { cores, memoryMebibytes }: HostShape,
  { reserveShare }: WaveAssumptions,
): Readonly<Record<'cpu' | 'memory', number>> => ({
  cpu: Math.floor(cores * 1000 * (1 - reserveShare)),
  memory: Math.floor(memoryMebibytes * (1 - reserveShare)),
})
