import type { Host, HostType, Labels, PlacementProblem } from '../problem.ts'
import type { HostClasses } from './instance.ts'

/** A class before it is laid out flat. */
export interface ClassDraft {
  readonly type: number
  readonly labels: Labels
  /** Names of the hosts that exist. */
  readonly names: string[]
  /** How many hosts there may be. */
  limit: number
  /** Hosts may be made up beside those that exist. */
  isOpen: boolean
  /** The one host of the class keeps what it runs and takes nothing else. */
  readonly isClosed: boolean
}

/**
 * Amount of `resource` on a host of `type` that workloads may use: capacity less reserve, never below 0, times the usage limit, rounded
 * down.
 */
export function usableAmount(problem: PlacementProblem, type: HostType, resource: string): number {
  const limit = own(problem.policy?.usageLimitPercent, resource) ?? 100
  const left = Math.max(0, (own(type.capacity, resource) ?? 0) - (own(type.reserve, resource) ?? 0))
  // Split, so that no product leaves the safe integers.
  return Math.floor(left / 100) * limit + Math.floor(((left % 100) * limit) / 100)
}

/** `record[key]` if the record itself has it, whatever its prototype says. */
export function own<T>(record: Readonly<Record<string, T>> | undefined, key: string): T | undefined {
  return record !== undefined && Object.hasOwn(record, key) ? record[key] : undefined
}

/**
 * Groups hosts that differ in nothing that matters: type, the labels that selectors and rules look at, and state. A host that
 * holds something which must not move is a class of its own; a host in maintenance is none. Hosts that may be made up are in the class of
 * existing ones like them, so that those get used. Classes of existing hosts come first.
 */
export function draftClasses(problem: PlacementProblem): ClassDraft[] {
  const keys = relevantLabels(problem)
  const types = new Map(problem.hostTypes.map((type, index) => [type.name, index]))
  const anchored = anchoredHosts(problem)
  const drafts = new Map<string, ClassDraft>()
  const existing = new Int32Array(problem.hostTypes.length)
  for (const host of problem.hosts ?? []) {
    const type = types.get(host.type) ?? 0
    existing[type] = (existing[type] ?? 0) + 1
    if (host.state !== 'Maintenance')
      addHost(drafts, host, { type, labels: pick(mergedLabels(problem, type, host), keys), anchored })
  }
  problem.hostTypes.forEach((type, index) => {
    const limit = Math.min((type.count ?? Infinity) - (existing[index] ?? 0), problem.workloads.length)
    if (limit > 0) addMadeUp(drafts, { type: index, labels: pick(type.labels ?? {}, keys), limit })
  })
  return [...drafts.values()]
}

interface HostTraits {
  readonly type: number
  readonly labels: Labels
  readonly anchored: ReadonlySet<string>
}

const likeness = (type: number, labels: Labels): string => `like ${type} ${JSON.stringify(Object.entries(labels))}`

function addMadeUp(
  drafts: Map<string, ClassDraft>,
  { type, labels, limit }: { readonly type: number; readonly labels: Labels; readonly limit: number },
): void {
  const key = likeness(type, labels)
  const draft = drafts.get(key) ?? { type, labels, names: [], limit: 0, isOpen: true, isClosed: false }
  draft.limit += limit
  draft.isOpen = true
  drafts.set(key, draft)
}

function addHost(drafts: Map<string, ClassDraft>, host: Host, traits: HostTraits): void {
  const isClosed = host.state === 'Cordoned'
  const isAlone = isClosed || traits.anchored.has(host.name)
  const key = isAlone ? `host ${host.name}` : likeness(traits.type, traits.labels)
  const draft = drafts.get(key) ?? { type: traits.type, labels: traits.labels, names: [], limit: 0, isOpen: false, isClosed }
  draft.names.push(host.name)
  draft.limit++
  drafts.set(key, draft)
}

function mergedLabels(problem: PlacementProblem, type: number, host: Host): Labels {
  return { ...problem.hostTypes[type]?.labels, ...host.labels }
}

function anchoredHosts(problem: PlacementProblem): ReadonlySet<string> {
  const names = new Set<string>()
  for (const workload of problem.workloads) {
    if (workload.move?.isMovable === false && workload.currentHost !== undefined) names.add(workload.currentHost)
  }
  return names
}

function relevantLabels(problem: PlacementProblem): readonly string[] {
  const keys = new Set<string>()
  for (const workload of problem.workloads) {
    for (const key of Object.keys(workload.hostSelector ?? {})) keys.add(key)
  }
  for (const rule of problem.rules ?? []) {
    if ('topologyKey' in rule) keys.add(rule.topologyKey)
  }
  return [...keys].toSorted()
}

function pick(labels: Labels, keys: readonly string[]): Labels {
  return Object.fromEntries(keys.flatMap((key) => (Object.hasOwn(labels, key) ? [[key, labels[key] ?? '']] : [])))
}

/** Lays `drafts` out flat. `scalars` and `series` are resource names. */
export function compileClasses(
  problem: PlacementProblem,
  drafts: readonly ClassDraft[],
  columns: { readonly scalars: readonly string[]; readonly series: readonly string[]; readonly licences: readonly string[] },
): HostClasses {
  const typeOf = (draft: ClassDraft) => problem.hostTypes[draft.type] ?? { name: '', capacity: {} }
  const table = (names: readonly string[]) =>
    Float64Array.from(drafts.flatMap((draft) => names.map((name) => usableAmount(problem, typeOf(draft), name))))
  return {
    count: drafts.length,
    type: Int32Array.from(drafts, (draft) => draft.type),
    limit: Int32Array.from(drafts, (draft) => draft.limit),
    usable: table(columns.scalars),
    usableSeries: table(columns.series),
    names: drafts.map((draft) => draft.names),
    isOpen: drafts.map((draft) => draft.isOpen),
    cost: Float64Array.from(drafts, (draft) => hostCost(problem, typeOf(draft))),
    licenceCost: Float64Array.from(
      drafts.flatMap((draft) =>
        columns.licences.map((licence) =>
          problem.policy?.objective === 'Price' ? (own(typeOf(draft).licencePrices, licence) ?? 0) : 0,
        ),
      ),
    ),
    licences: columns.licences,
    labels: drafts.map((draft) => draft.labels),
  }
}

function hostCost(problem: PlacementProblem, type: HostType): number {
  switch (problem.policy?.objective ?? 'Hosts') {
    case 'Hosts':
      return 1
    case 'Price':
      return type.price ?? 1
    case 'Watts':
      return type.watts ?? 0
  }
}
