import type { PlacementProblem } from '@weir/planner'

/** What a policy did: hosts emptied, migrations, mebibytes sent. */
interface Outcome {
  readonly freed: number
  readonly moves: number
  readonly mebibytes: number
}

interface Machine {
  readonly cpu: number
  readonly memory: number
}

interface Host {
  machines: Machine[]
  cpu: number
  memory: number
}

/** Other ways to empty hosts, restated from their documentation. Each places a machine where most is allocated (kube-scheduler's `MostAllocated`). */
export const policies: readonly { readonly name: string; readonly consolidate: (problem: PlacementProblem) => Outcome }[] = [
  { name: 'fewest machines', consolidate: fewestMachines },
  { name: 'Karpenter', consolidate: karpenter },
  { name: 'descheduler', consolidate: descheduler },
]

/** Empties the host with fewest machines, again and again, until one cannot be emptied. */
function fewestMachines(problem: PlacementProblem): Outcome {
  const fabric = read(problem)
  const start = occupied(fabric).length
  const sum = { moves: 0, mebibytes: 0 }
  for (;;) {
    const host = occupied(fabric).toSorted((a, b) => a.machines.length - b.machines.length)[0]
    const step = host === undefined ? undefined : evacuate(fabric, [host])
    if (step === undefined) return { freed: start - occupied(fabric).length, ...sum }
    sum.moves += step.moves
    sum.mebibytes += step.mebibytes
  }
}

/**
 * Multi-node consolidation: candidates by disruption cost (pods), at most 100, the longest prefix that fits elsewhere by binary
 * search; repeated until nothing goes. Then single nodes in the same order.
 */
function karpenter(problem: PlacementProblem): Outcome {
  const fabric = read(problem)
  const start = occupied(fabric).length
  const sum = { moves: 0, mebibytes: 0 }
  for (;;) {
    const candidates = occupied(fabric).toSorted((a, b) => a.machines.length - b.machines.length)
    const step = longestPrefix(fabric, candidates.slice(0, 100)) ?? firstSingle(fabric, candidates)
    if (step === undefined) return { freed: start - occupied(fabric).length, ...sum }
    sum.moves += step.moves
    sum.mebibytes += step.mebibytes
  }
}

/** `HighNodeUtilization` at 20 %: nodes below it in all resources are emptied as far as their machines find a place. */
function descheduler(problem: PlacementProblem): Outcome {
  const fabric = read(problem)
  const start = occupied(fabric).length
  const sum = { moves: 0, mebibytes: 0 }
  const low = occupied(fabric).filter(
    (host) => 1 - host.cpu / fabric.full.cpu < 0.2 && 1 - host.memory / fabric.full.memory < 0.2,
  )
  for (const host of low) {
    const step = evacuate(fabric, [host])
    sum.moves += step?.moves ?? 0
    sum.mebibytes += step?.mebibytes ?? 0
  }
  return { freed: start - occupied(fabric).length, ...sum }
}

interface Fabric {
  readonly hosts: readonly Host[]
  readonly full: Machine
}

function read({ hosts = [], hostTypes: [type], workloads }: PlacementProblem): Fabric {
  const usable = (resource: string): number => (type?.capacity[resource] ?? 0) - (type?.reserve?.[resource] ?? 0)
  const full = { cpu: usable('cpu'), memory: usable('memory') }
  const byName = new Map<string, Host>(hosts.map(({ name }) => [name, { machines: [], ...full }]))
  for (const { currentHost, requests } of workloads) {
    const host = byName.get(currentHost ?? '')
    if (host !== undefined) put(host, { cpu: requests['cpu'] ?? 0, memory: requests['memory'] ?? 0 })
  }
  return { hosts: [...byName.values()], full }
}

const occupied = ({ hosts }: Fabric): readonly Host[] => hosts.filter(({ machines }) => machines.length > 0)

function put(host: Host, machine: Machine): void {
  host.machines.push(machine)
  host.cpu -= machine.cpu
  host.memory -= machine.memory
}

/** Moves everything off `leaving` to other used hosts; nothing, and no change, if something has no place. */
function evacuate(fabric: Fabric, leaving: readonly Host[]): { readonly moves: number; readonly mebibytes: number } | undefined {
  const targets = occupied(fabric).filter((host) => !leaving.includes(host))
  const saved = targets.map((host) => ({ ...host, machines: [...host.machines] }))
  const machines = leaving.flatMap((host) => host.machines).toSorted((a, b) => b.memory - a.memory)
  for (const machine of machines) {
    let best: Host | undefined
    for (const host of targets) {
      if (host.cpu < machine.cpu || host.memory < machine.memory) continue
      if (best === undefined || allocated(fabric, host) > allocated(fabric, best)) best = host
    }
    if (best === undefined) {
      for (const [at, host] of targets.entries()) Object.assign(host, saved[at])
      return undefined
    }
    put(best, machine)
  }
  for (const host of leaving) Object.assign(host, { machines: [], ...fabric.full })
  return { moves: machines.length, mebibytes: machines.reduce((sum, { memory }) => sum + memory, 0) }
}

const allocated = ({ full }: Fabric, host: Host): number => 2 - host.cpu / full.cpu - host.memory / full.memory

function longestPrefix(fabric: Fabric, candidates: readonly Host[]) {
  let [low, high] = [1, candidates.length]
  let found: number | undefined
  while (low <= high) {
    const middle = (low + high) >> 1
    const trial = { ...fabric, hosts: fabric.hosts.map((host) => ({ ...host, machines: [...host.machines] })) }
    const indexes = candidates.slice(0, middle).map((host) => fabric.hosts.indexOf(host))
    const isPossible =
      evacuate(
        trial,
        indexes.flatMap((index) => trial.hosts[index] ?? []),
      ) !== undefined
    if (isPossible) {
      found = middle
      low = middle + 1
    } else high = middle - 1
  }
  return found === undefined ? undefined : evacuate(fabric, candidates.slice(0, found))
}

function firstSingle(fabric: Fabric, candidates: readonly Host[]) {
  for (const host of candidates) {
    const step = evacuate(fabric, [host])
    if (step !== undefined) return step
  }
  return undefined
}
