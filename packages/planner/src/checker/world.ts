import type { Workload } from '../problem.ts'
import type { SeenHost } from './problem-index.ts'

/** Who is where. */
export interface World {
  /** The host of a workload; nothing if it has none. */
  readonly hostOf: (workload: Workload) => SeenHost | undefined
  /** The workloads of a host, by its name. */
  readonly on: (host: string) => readonly Workload[]
  /** All hosts. */
  readonly hosts: ReadonlyMap<string, SeenHost>
  /** True if hosts have failed: a rule that asks for more domains than are left then asks for all that are left. */
  readonly isAfterFailure: boolean
}

/** A world that can change, one workload at a time. */
export interface ChangingWorld extends World {
  readonly put: (workload: Workload, host: SeenHost | undefined) => void
}

/** An empty world over `hosts`. */
export function createWorld(hosts: ReadonlyMap<string, SeenHost>): ChangingWorld {
  const places = new Map<Workload, SeenHost>()
  const occupants = new Map<string, Set<Workload>>()
  return {
    hosts,
    isAfterFailure: false,
    hostOf: (workload) => places.get(workload),
    on: (host) => [...(occupants.get(host) ?? [])],
    put: (workload, host) => {
      const before = places.get(workload)
      if (before !== undefined) occupants.get(before.name)?.delete(workload)
      if (host === undefined) {
        places.delete(workload)
        return
      }
      places.set(workload, host)
      const there = occupants.get(host.name) ?? new Set()
      occupants.set(host.name, there.add(workload))
    },
  }
}

/** `world` after `lost` hosts failed and their protected workloads went to `targets`; workloads that may be shed are gone. */
export function afterFailure(world: World, lost: ReadonlySet<string>, targets: ReadonlyMap<Workload, SeenHost>): World {
  const arrivals = new Map<string, Workload[]>()
  for (const [workload, host] of targets) arrivals.set(host.name, [...(arrivals.get(host.name) ?? []), workload])
  const hosts = new Map([...world.hosts].filter(([name]) => !lost.has(name)))
  return {
    hosts,
    isAfterFailure: true,
    hostOf: (workload) => {
      if (workload.isProtected === false) return undefined
      const before = world.hostOf(workload)
      return before !== undefined && lost.has(before.name) ? targets.get(workload) : before
    },
    on: (host) =>
      lost.has(host)
        ? []
        : [...world.on(host).filter((workload) => workload.isProtected !== false), ...(arrivals.get(host) ?? [])],
  }
}
