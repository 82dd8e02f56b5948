import type { PlacementProblem, Workload } from '@weir/planner'
import { seeded } from './real-machines.ts'

/** One host while packing: shares of CPU and memory, each 1 when full. */
interface Bin {
  items: Item[]
  cpu: number
  memory: number
}

interface Item {
  readonly name: string
  readonly cpu: number
  readonly memory: number
}

/** Host of each workload by index (0 upwards) after first fit in random order and `rounds` of ruin and recreate on a few hosts. */
export function packHosts(
  problem: PlacementProblem,
  rounds: number,
): { readonly hostCount: number; readonly hostOf: ReadonlyMap<string, number> } {
  const random = seeded(7)
  const items = shuffled(
    problem.workloads.map((workload) => toItem(problem, workload)),
    random,
  )
  let bins: Bin[] = []
  for (const item of items) {
    const bin = bins.find((candidate) => fits(candidate, item)) ?? emptyBin()
    if (bin.items.length === 0) bins.push(bin)
    add(bin, item)
  }
  for (let round = 0; round < rounds; round++) {
    improve(bins, random)
    if (round % 1000 === 0) bins = bins.filter(({ items: inside }) => inside.length > 0)
  }
  const used = bins.filter(({ items: inside }) => inside.length > 0)
  return {
    hostCount: used.length,
    hostOf: new Map(used.flatMap((bin, at) => bin.items.map(({ name }) => [name, at] as const))),
  }
}

const emptyBin = (): Bin => ({ items: [], cpu: 0, memory: 0 })
const fits = (bin: Bin, item: Item): boolean => bin.cpu + item.cpu <= 1 && bin.memory + item.memory <= 1
const worth = (bins: readonly Bin[]): number => bins.reduce((sum, { cpu, memory }) => sum + (cpu + memory) ** 2, 0)

function add(bin: Bin, item: Item): void {
  bin.items.push(item)
  bin.cpu += item.cpu
  bin.memory += item.memory
}

function toItem({ hostTypes: [type] }: PlacementProblem, { name, requests }: Workload): Item {
  // A hair too large, so that sums of fractions never hide an overflow.
  const share = (resource: string): number =>
    ((requests[resource] ?? 0) / ((type?.capacity[resource] ?? 0) - (type?.reserve?.[resource] ?? 0))) * (1 + 1e-12)
  return { name, cpu: share('cpu'), memory: share('memory') }
}

/** Empties two to five hosts, the emptiest of a few among them, and fills them again; keeps what packs more tightly. */
function improve(bins: Bin[], random: () => number): void {
  const some = Array.from({ length: 2 + Math.floor(random() * 4) }, () => Math.floor(random() * bins.length))
  const candidates = Array.from({ length: 30 }, () => Math.floor(random() * bins.length))
  const load = (index: number): number =>
    bins[index]?.items.length === 0 ? 9 : (bins[index]?.cpu ?? 0) + (bins[index]?.memory ?? 0)
  const chosen = [...new Set([candidates.toSorted((a, b) => load(a) - load(b))[0] ?? 0, ...some])]
  const before = chosen.map((index) => bins[index] ?? emptyBin())
  const after = before.map(emptyBin)
  const blur = random()
  const keyed = before
    .flatMap(({ items }) => items)
    .map((item) => ({ item, key: Math.max(item.cpu, item.memory) * (1 - blur * random()) }))
  for (const { item } of keyed.toSorted((a, b) => b.key - a.key)) {
    let best: Bin | undefined
    for (const bin of after)
      if (fits(bin, item) && (best === undefined || bin.cpu + bin.memory > best.cpu + best.memory)) best = bin
    if (best === undefined) return
    add(best, item)
  }
  if (worth(after) < worth(before)) return
  for (const [at, index] of chosen.entries()) bins[index] = after[at] ?? emptyBin()
}

function shuffled<T>(items: readonly T[], random: () => number): readonly T[] {
  return items
    .map((item) => ({ item, key: random() }))
    .toSorted((a, b) => a.key - b.key)
    .map(({ item }) => item)
}
