import { sha256 } from '@noble/hashes/sha2.js'
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js'
import { i32, listAt } from './compile/typed-array.ts'
import { type Counts, matchNames } from './match-names.ts'
import type { PlacementProblem } from './problem.ts'
import { itemsOn, type Packing } from './search/packing.ts'

/** A used slot with the name of its host. */
export interface NamedSlot {
  readonly slot: number
  readonly name: string
}

/** Which host each workload is on, by workload index (undefined: on none), and the used slots by host name. */
export interface Assignment {
  readonly hostOf: readonly (string | undefined)[]
  readonly slots: readonly NamedSlot[]
}

/**
 * Gives hosts of `packing` their names, so that most of what runs stays where it is, and each equal workload of a type one of the places
 * of that type: its own host if it is among them, else in order.
 */
export function nameAssignment(packing: Packing): Assignment {
  const { types, problem } = packing.instance
  const current = currentCounts(packing)
  const slots = nameSlots(packing, current)
  const hostOf = Array.from<string | undefined>({ length: problem.workloads.length })
  const settled = new Set<number>()
  const settle = (item: number, name: string) => {
    settled.add(item)
    for (const workload of listAt(types.workloads, item)) hostOf[workload] = name
  }
  const open: { readonly type: number; readonly name: string }[] = []
  for (const { slot, name } of slots) {
    const here = current.get(name)
    for (const type of itemsOn(packing, slot).toSorted()) {
      const item = here?.get(type)?.pop()
      if (item === undefined) open.push({ type, name })
      else settle(item, name)
    }
  }
  const next = types.items.starts.slice(0, types.count)
  for (const { type, name } of open) {
    let at = i32(next, type)
    while (settled.has(i32(types.items.values, at))) at++
    next[type] = at + 1
    settle(i32(types.items.values, at), name)
  }
  return { hostOf, slots }
}

/** Items that run on each host now, by host name and type. */
type CurrentItems = ReadonlyMap<string, ReadonlyMap<number, number[]>>

function currentCounts({ instance }: Packing): CurrentItems {
  const { types, problem } = instance
  const byHost = new Map<string, Map<number, number[]>>()
  if (!problem.workloads.some(({ currentHost }) => currentHost !== undefined)) return byHost
  for (let type = 0; type < types.count; type++) {
    for (const item of listAt(types.items, type).toReversed()) {
      const host = problem.workloads[i32(listAt(types.workloads, item), 0)]?.currentHost
      if (host === undefined) continue
      const byType = byHost.get(host) ?? new Map<number, number[]>()
      byHost.set(host, byType)
      const items = byType.get(type)
      if (items === undefined) byType.set(type, [item])
      else items.push(item)
    }
  }
  return byHost
}

function nameSlots(packing: Packing, current: CurrentItems): NamedSlot[] {
  const { classes, problem } = packing.instance
  const taken = new Set((problem.hosts ?? []).map((host) => host.name))
  const made = new Int32Array(problem.hostTypes.length)
  const next = (type: number): string => {
    made[type] = i32(made, type) + 1
    return `${problem.hostTypes[type]?.name ?? ''}-${i32(made, type)}`
  }
  const fresh = (type: number): string => {
    let name = next(type)
    while (taken.has(name)) name = next(type)
    return name
  }
  const used = Array.from({ length: packing.slotCount }, (_, slot) => slot).filter((slot) => i32(packing.itemCount, slot) > 0)
  const slotsOf = Map.groupBy(used, (slot) => i32(packing.hostClass, slot))
  const countsOf = new Map([...current].map(([name, byType]) => [name, lengthsOf(byType)] as const))
  const nameOf = new Map<number, string>()
  classes.names.forEach((names, hostClass) => {
    const planned = new Map((slotsOf.get(hostClass) ?? []).map((slot) => [slot, countTypes(itemsOn(packing, slot))] as const))
    for (const [slot, name] of matchNames({ names, planned, runsOn: (name) => countsOf.get(name) })) nameOf.set(slot, name)
  })
  return used.map((slot) => ({ slot, name: nameOf.get(slot) ?? fresh(i32(classes.type, i32(packing.hostClass, slot))) }))
}

const lengthsOf = (lists: ReadonlyMap<number, readonly number[]>): Counts =>
  new Map([...lists].map(([type, { length }]) => [type, length]))

function countTypes(types: Int32Array): Counts {
  const counts = new Map<number, number>()
  for (const type of types) counts.set(type, (counts.get(type) ?? 0) + 1)
  return counts
}

/** SHA-256, in hex, of who is where: one line per placed workload, in order of the problem. */
export function hashAssignment({ workloads }: PlacementProblem, hostOf: Assignment['hostOf']): string {
  const digest = sha256.create()
  workloads.forEach(({ name }, index) => {
    const host = hostOf[index]
    if (host !== undefined) digest.update(utf8ToBytes(`${JSON.stringify([name, host])}\n`))
  })
  return bytesToHex(digest.digest())
}
