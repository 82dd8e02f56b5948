import type { PlacementProblem, Workload } from '@weir/planner'
import { drawMachines, hostTypeOf, problemOf, seeded, type Server } from './real-machines.ts'

/** A fabric as it is found: `hostCount` servers, `memoryPercent` of all their memory given to machines. */
export interface State {
  readonly name: string
  readonly hostCount: number
  readonly memoryPercent: number
}

/** 64 cores promised four times, 512 GiB. */
const server: Server = { cores: 64, memoryGibibytes: 512, overcommit: 4 }

/** From nearly empty to nearly full. */
export const states: readonly State[] = [
  { name: '200 hosts, RAM 33 %', hostCount: 200, memoryPercent: 33 },
  { name: '200 hosts, RAM 22 %', hostCount: 200, memoryPercent: 22 },
  { name: '1,000 hosts, RAM 27 %', hostCount: 1000, memoryPercent: 27 },
  { name: '200 hosts, RAM 77 %', hostCount: 200, memoryPercent: 77 },
  { name: '200 hosts, RAM 89 %', hostCount: 200, memoryPercent: 89 },
]

/**
 * Real shapes put one by one on the host with most memory left until memory is used to 92 %, then machines deleted at random until
 * they have what the state says.
 */
export function runningFabric(csv: string, { hostCount, memoryPercent }: State, seed: number): PlacementProblem {
  const type = hostTypeOf(server)
  const usable = (resource: string): number => (type.capacity[resource] ?? 0) - (type.reserve?.[resource] ?? 0)
  const hosts = Array.from({ length: hostCount }, (_, at) => ({
    name: `host-${at}`,
    cpu: usable('cpu'),
    memory: usable('memory'),
  }))
  const total = hostCount * usable('memory')
  const placed: Workload[] = []
  let used = 0
  for (const machine of drawMachines(csv, server, { count: hostCount * 200, seed })) {
    if (used > 0.97 * total) break
    const memory = machine.requests['memory'] ?? 0
    const cpu = machine.requests['cpu'] ?? 0
    const fitting = hosts.filter((host) => host.cpu >= cpu && host.memory >= memory)
    const host = fitting.reduce<(typeof hosts)[number] | undefined>(
      (best, next) => (best === undefined || next.memory > best.memory ? next : best),
      undefined,
    )
    if (host === undefined) continue
    host.cpu -= cpu
    host.memory -= memory
    used += memory
    placed.push({ ...machine, currentHost: host.name })
  }
  const random = seeded(seed + 1)
  const order = placed.map((workload) => ({ workload, key: random() })).toSorted((a, b) => a.key - b.key)
  const workloads: Workload[] = []
  let left = (hostCount * (type.capacity['memory'] ?? 0) * memoryPercent) / 100
  for (const { workload } of order) {
    left -= workload.requests['memory'] ?? 0
    if (left < 0) break
    workloads.push(workload)
  }
  return { ...problemOf([type], workloads), hosts: hosts.map(({ name }) => ({ name, type: type.name })) }
}
