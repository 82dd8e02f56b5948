import type { Estate, EstateHost } from '@weir/estate'
import type { Amounts, HostType } from '@weir/planner'
import { withUniqueNames } from '../names/unique-names.ts'

/** What a host has, whatever it is called. */
export interface HostShape {
  /** Hardware threads, where the source shows no cores (Kubernetes does not). */
  readonly cores: number
  /** 0 if the source does not show the clock. */
  readonly mhzPerCore: number
  readonly memoryMebibytes: number
}

/** A type of host, with how many of them run the estate today. */
export interface HostModel extends HostShape {
  readonly name: string
  readonly hosts: readonly EstateHost[]
}

const mebibyte = 2 ** 20

/** The shape of `host`; undefined if its source does not show cores and memory. */
export function shapeOf({ cores: known, threads, cpuMhz = 0, memoryBytes }: EstateHost): HostShape | undefined {
  const cores = known ?? threads
  if (cores === undefined || memoryBytes === undefined || cores <= 0 || memoryBytes <= 0) return undefined
  return { cores, mhzPerCore: cpuMhz, memoryMebibytes: Math.round(memoryBytes / mebibyte) }
}

/** Hosts of equal shape together, the most frequent first. Memory within 2 % counts as equal: firmware keeps a little of it. */
export function hostModels(hosts: readonly EstateHost[]): readonly HostModel[] {
  const models: HostModel[] = []
  for (const host of hosts) {
    const shape = shapeOf(host)
    if (shape === undefined) continue
    const at = models.findIndex((model) => isAlike(model, shape))
    const model = models[at]
    if (model === undefined) models.push({ ...shape, name: nameOf(shape, host), hosts: [host] })
    else
      models[at] = {
        ...model,
        memoryMebibytes: Math.min(model.memoryMebibytes, shape.memoryMebibytes),
        hosts: [...model.hosts, host],
      }
  }
  // Shapes may differ by less than their names show.
  return withUniqueNames(models.toSorted((a, b) => b.hosts.length - a.hosts.length || (a.name < b.name ? -1 : 1)))
}

const isAlike = (a: HostShape, b: HostShape): boolean =>
  a.cores === b.cores &&
  a.mhzPerCore === b.mhzPerCore &&
  Math.abs(a.memoryMebibytes - b.memoryMebibytes) <= 0.02 * Math.max(a.memoryMebibytes, b.memoryMebibytes)

const nameOf = ({ cores, mhzPerCore, memoryMebibytes }: HostShape, { model }: EstateHost): string => {
  const clock = mhzPerCore === 0 ? '' : `${(mhzPerCore / 1000).toFixed(1)}GHz-`
  return `${cores}c-${clock}${Math.round(memoryMebibytes / 1024)}GiB${model === undefined ? '' : ` ${model}`}`
}

/** Hosts that run machines: the others are idle hardware, told apart in the report. */
export function hostsInUse({ hosts, machines }: Estate): readonly EstateHost[] {
  const used = new Set(machines.flatMap(({ hostId }) => hostId ?? []))
  return hosts.filter(({ id }) => used.has(id))
}

/** How a host's capacity is counted. */
export interface CapacityRules {
  /** True where demand comes as curves in MHz, false where it comes as millicores. */
  readonly countsMhz: boolean
  /** Share of each host kept for the system: kubelet, hypervisor, agents. */
  readonly reserveShare: number
  readonly price?: number
}

/** The planner's type for hosts of `shape`: millicores or MHz, MiB, pods (250, of which 20 are the system's). */
export function toHostType(name: string, shape: HostShape, { countsMhz, reserveShare, price }: CapacityRules): HostType {
  const cpu: Amounts = countsMhz ? { mhz: Math.floor(shape.cores * shape.mhzPerCore) } : { cpu: shape.cores * 1000 }
  const system = Object.entries({ ...cpu, memory: shape.memoryMebibytes }).map(([resource, amount]) => [
    resource,
    Math.ceil(amount * reserveShare),
  ])
  return {
    name,
    capacity: { ...cpu, memory: shape.memoryMebibytes, pods: 250 },
    reserve: { ...Object.fromEntries(system), pods: 20 },
    ...(price === undefined ? {} : { price }),
  }
}
