import { type Finding, finding, type KubernetesNode, type KubernetesObjects, quantityReader } from '@weir/estate'
import type { Amounts, Host, HostType, Labels, PlacementProblem, ResourceDefinition, Workload } from '@weir/planner'
import { amountOf, resourceOf } from './amounts.ts'
import { guestRules } from './guest-rules.ts'
import { type Guest, guestsOf } from './guests.ts'
import { createHostRules, type HostRules } from './host-rules.ts'

/** What a cluster runs, as a placement problem in which everything has the host where it runs. */
export interface Fabric {
  readonly problem: PlacementProblem
  /** The labels that the host of a workload must have which asks for nothing and tolerates no taint. */
  readonly plainSelector: Labels
  /** Why workloads that must not move have to stay, by name. */
  readonly staysBecause: ReadonlyMap<string, string>
  /** What of the cluster is not in the problem, or could not be read. */
  readonly findings: readonly Finding[]
}

/**
 * The problem that a cluster's objects are: nodes as hosts, machines and pods with what they ask for and, where it was measured,
 * use; selectors, taints, affinities and spreads as rules; what moved lately with its rest. Daemons and static pods are part of
 * what a host keeps for itself. `now` is in milliseconds since the epoch. Pure. O(objects + rules x guests).
 */
export function fabricProblem(
  objects: KubernetesObjects,
  { name, now }: { readonly name: string; readonly now: number },
): Fabric {
  const findings: Finding[] = []
  const quantities = (object: string) => quantityReader(object, (finding) => findings.push(finding))
  const nodes = objects.nodes ?? []
  const hostNames = new Set(nodes.map((node) => node.metadata?.name ?? ''))
  const guests = guestsOf(objects, { now, quantities }).filter((guest) => isOnKnownHost(guest, hostNames, findings))
  const movers = guests.filter(({ isOfHost }) => !isOfHost)
  const hostRules = createHostRules(nodes)
  const plainSelector = hostRules.selectorOf({})
  const { rules, findings: lost } = guestRules(guests, countDomains(nodes))
  for (const rule of rules) if ('topologyKey' in rule && rule.topologyKey !== 'host') hostRules.countBy(rule.topologyKey)
  const isMeasured = movers.some(({ used }) => used !== undefined)
  const resources = resourcesOf(movers, {
    isMeasured,
    countsPods: nodes.some(({ status }) => 'pods' in (status?.allocatable ?? {})),
  })
  const isAlive = aliveHosts(nodes)
  const resourceNames = new Set(resources.map((resource) => resource.name))
  const workloads = movers.map((guest) => toWorkload(guest, { resourceNames, hostRules, isAlive }))
  const daemons = Map.groupBy(
    guests.filter(({ isOfHost }) => isOfHost),
    ({ nodeName }) => nodeName ?? '',
  )
  const { hostTypes, hosts } = hostsOf(nodes, { resources, daemons, hostRules, quantities })
  return {
    problem: {
      apiVersion: 'weir.dev/v1alpha1',
      kind: 'PlacementProblem',
      metadata: { name: name.slice(0, 253) },
      resources,
      hostTypes,
      hosts,
      workloads: workloads.map(({ workload }) => workload),
      rules,
    },
    plainSelector,
    staysBecause: new Map(workloads.flatMap(({ workload, why }) => (why === undefined ? [] : [[workload.name, why] as const]))),
    findings: [...findings, ...lost],
  }
}

function isOnKnownHost({ name, nodeName }: Guest, hostNames: ReadonlySet<string>, findings: Finding[]): boolean {
  if (nodeName === undefined || hostNames.has(nodeName)) return true
  findings.push(finding('guest.hostGone', { kind: 'Contradictory', object: `machine/${name}` }, { guest: name, host: nodeName }))
  return false
}

const countDomains =
  (nodes: readonly KubernetesNode[]) =>
  (topologyKey: string): number =>
    topologyKey === 'kubernetes.io/hostname'
      ? nodes.length
      : new Set(nodes.flatMap(({ metadata }) => metadata?.labels?.[topologyKey] ?? [])).size

const isReady = ({ status }: KubernetesNode): boolean =>
  status?.conditions?.some(({ type, status: state }) => type === 'Ready' && state === 'True') === true

const aliveHosts = (nodes: readonly KubernetesNode[]): ReadonlySet<string> =>
  new Set(nodes.filter(isReady).map(({ metadata }) => metadata?.name ?? ''))

/** CPU, memory and pods, what else anybody asks for, and what was measured. */
function resourcesOf(
  guests: readonly Guest[],
  { isMeasured, countsPods }: { readonly isMeasured: boolean; readonly countsPods: boolean },
): readonly ResourceDefinition[] {
  const usual = ['cpu', 'memory', ...(countsPods ? ['pods'] : [])]
  const asked = new Set(guests.flatMap(({ requests }) => Object.keys(requests)))
  const others = [...asked].filter((name) => !usual.includes(name) && name !== 'pods')
  return [
    ...[...usual, ...others.toSorted().slice(0, 27)].map(resourceOf),
    ...(isMeasured
      ? [
          { name: 'cpuUsed', unit: 'millicores' },
          { name: 'memoryUsed', unit: 'MiB', transient: true },
        ]
      : []),
  ]
}

/** What was not measured is taken to use what it asks for: what is not known is never nothing. */
const demandOf = ({ requests, used }: Guest): Amounts => ({
  ...requests,
  cpuUsed: requests['cpu'] ?? 0,
  memoryUsed: requests['memory'] ?? 0,
  ...used,
})

interface WorkloadContext {
  readonly resourceNames: ReadonlySet<string>
  readonly hostRules: HostRules
  readonly isAlive: ReadonlySet<string>
}

function toWorkload(
  guest: Guest,
  { resourceNames, hostRules, isAlive }: WorkloadContext,
): { readonly workload: Workload; readonly why: string | undefined } {
  const hostSelector = hostRules.selectorOf(guest.rules)
  const isCutOff = guest.nodeName !== undefined && !isAlive.has(guest.nodeName)
  return {
    workload: {
      name: guest.name,
      requests: Object.fromEntries(
        Object.entries(demandOf(guest)).filter(([name, amount]) => resourceNames.has(name) && amount > 0),
      ),
      ...(guest.app === undefined ? {} : { app: guest.app }),
      ...(Object.keys(hostSelector).length === 0 ? {} : { hostSelector }),
      ...(guest.priority === undefined ? {} : { priority: Math.max(-1e9, Math.min(1e9, guest.priority)) }),
      ...(guest.nodeName === undefined ? {} : { currentHost: guest.nodeName }),
      move: isCutOff ? { isMovable: false } : guest.move,
    },
    why: isCutOff ? `its host ${guest.nodeName} is not ready` : guest.staysBecause,
  }
}

interface HostContext {
  readonly resources: readonly ResourceDefinition[]
  readonly daemons: ReadonlyMap<string, readonly Guest[]>
  readonly hostRules: HostRules
  readonly quantities: (object: string) => ReturnType<typeof quantityReader>
}

/** Hosts that have alike are one type, as many as there are. */
function hostsOf(nodes: readonly KubernetesNode[], context: HostContext): { hostTypes: HostType[]; hosts: Host[] } {
  const types = new Map<string, HostType>()
  const names = new Map<string, number>()
  const hosts = nodes.map((node): Host => {
    const size = sizeOf(node, context)
    const key = JSON.stringify(size)
    const known = types.get(key)
    const shape = `${(size.capacity['cpu'] ?? 0) / 1000}c-${Math.round((size.capacity['memory'] ?? 0) / 1024)}GiB`
    const count = known === undefined ? (names.get(shape) ?? 0) + 1 : 0
    if (known === undefined) names.set(shape, count)
    const type = known ?? { name: count === 1 ? shape : `${shape} #${count}`, ...size, count: 0 }
    types.set(key, { ...type, count: (type.count ?? 0) + 1 })
    const labels = context.hostRules.labelsOf(node)
    return {
      name: node.metadata?.name ?? '',
      type: type.name,
      ...(Object.keys(labels).length === 0 ? {} : { labels }),
      ...(node.spec?.unschedulable === true || !isReady(node) ? { state: 'Cordoned' as const } : {}),
    }
  })
  return { hostTypes: [...types.values()], hosts }
}

/** What a node has, and of that what pods may not ask for, daemons and static pods among it. */
function sizeOf(
  node: KubernetesNode,
  { resources, daemons, quantities }: HostContext,
): Required<Pick<HostType, 'capacity' | 'reserve'>> {
  const name = node.metadata?.name ?? ''
  const read = quantities(`host/${name}`)
  const { allocatable = {}, capacity = allocatable } = node.status ?? {}
  const own = (daemons.get(name) ?? []).map(demandOf)
  const amounts = resources.map(({ name: resource }): [resource: string, has: number, kept: number] => {
    // What is used is limited by what there is, and daemons use it as well.
    const source = resource === 'cpuUsed' ? 'cpu' : resource === 'memoryUsed' ? 'memory' : resource
    const total = amountOf(capacity, { resource: source, read, round: 'Down' }) ?? 0
    const free = amountOf(allocatable, { resource: source, read, round: 'Down' }) ?? total
    const taken = own.reduce((sum, demand) => sum + (demand[resource] ?? 0), 0)
    return [resource, total, Math.min(total, Math.max(0, total - free) + taken)]
  })
  return {
    capacity: Object.fromEntries(amounts.map(([resource, has]) => [resource, has])),
    reserve: Object.fromEntries(amounts.flatMap(([resource, , kept]) => (kept > 0 ? [[resource, kept]] : []))),
  }
}
