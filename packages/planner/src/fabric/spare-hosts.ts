import type { PlacementProblem } from '../problem.ts'
import type { FabricModel, NamedHost } from './model/model.ts'
import { at, item } from './model/typed-array.ts'

/** Hosts that may be added: ready ones of the problem that are not used, then made-up ones within the counts of their types. */
export function spareHosts(problem: PlacementProblem, used: readonly NamedHost[]): readonly NamedHost[] {
  const hosts = problem.hosts ?? []
  const inUse = new Set(used.map(({ name }) => name))
  const names = new Set([...inUse, ...hosts.map(({ name }) => name)])
  const existing = hosts.filter(({ name, state }) => !inUse.has(name) && (state ?? 'Ready') === 'Ready')
  const madeUp = problem.hostTypes.flatMap(({ name: type, count }) => {
    const known = new Set(hosts.filter((host) => host.type === type).map(({ name }) => name))
    const there = known.size + used.filter((host) => host.type === type && !known.has(host.name)).length
    // As many as there are used: then every host that may fail has one to go to.
    const room = Math.min(count === undefined ? used.length : count - there, used.length)
    return Array.from({ length: Math.max(0, room) }, (_, index) => ({ name: freeName(names, type, index), type }))
  })
  return [...existing.map(({ name, type }) => ({ name, type })), ...madeUp]
}

function freeName(names: Set<string>, type: string, index: number): string {
  let name = `${type}-spare-${index + 1}`
  while (names.has(name)) name = `${name}x`
  names.add(name)
  return name
}

/** What a spare is chosen for. */
export interface SpareQuestion {
  readonly model: FabricModel
  /** Hosts that are used, by index. */
  readonly active: readonly number[]
  /** Names of the hosts whose failure leaves something without a place. */
  readonly lost: readonly string[]
  readonly topologyKey: string | undefined
}

/** Kinds of spares that are worth a trial. */
const mostKinds = 12

/**
 * The hosts that are not used, one of each kind, the best first: one that carries the largest lost host, outside of its domain, cheap,
 * there already, and in a domain with few others, so that spares are lost with nothing else.
 */
export function rankSpares(question: SpareQuestion): readonly number[] {
  const { model, active, lost } = question
  const used = new Set(active)
  const need = Math.max(...lost.map((name) => capacityOf(model, model.hostByName.get(name) ?? 0)))
  const lostDomains = new Set(lost.map((name) => domainOf(question, model.hostByName.get(name) ?? 0)))
  const rank = (host: number): readonly number[] => {
    const { type, isExisting } = item(model.hosts, host)
    const domain = domainOf(question, host)
    return [
      capacityOf(model, host) >= need ? 0 : 1,
      domain !== undefined && lostDomains.has(domain) ? 1 : 0,
      type.price ?? 1,
      isExisting ? 0 : 1,
      active.filter((other) => domain !== undefined && domainOf(question, other) === domain).length,
      host,
    ]
  }
  const ranked = [...model.hosts.keys()].filter((host) => !used.has(host)).map(rank)
  const kinds = new Map<string, number>()
  for (const host of ranked.toSorted(compare).map((ranks) => ranks.at(-1) ?? 0)) {
    const { type, labels } = item(model.hosts, host)
    const kind = JSON.stringify([type.name, [...labels].toSorted()])
    if (!kinds.has(kind)) kinds.set(kind, host)
  }
  return [...kinds.values()].slice(0, mostKinds)
}

function domainOf({ model, topologyKey }: SpareQuestion, host: number): string | undefined {
  return topologyKey === undefined ? undefined : item(model.hosts, host).labels.get(topologyKey)
}

/** The least share of the first host's capacity that a host has in any dimension. */
function capacityOf({ dimensionCount, usable }: FabricModel, host: number): number {
  let least = Number.POSITIVE_INFINITY
  for (let dimension = 0; dimension < dimensionCount; dimension++) {
    least = Math.min(least, at(usable, host * dimensionCount + dimension) / Math.max(1, at(usable, dimension)))
  }
  return least
}

function compare(a: readonly number[], b: readonly number[]): number {
  const index = a.findIndex((value, position) => value !== b[position])
  return index < 0 ? 0 : item(a, index) - item(b, index)
}
