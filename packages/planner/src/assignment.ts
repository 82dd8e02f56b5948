import { sha256 } from '@noble/hashes/sha2.js'
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js'
import { i32, listAt } from './compile/typed-array.ts'
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

/** Gives hosts of `packing` their names, and each equal workload of a type one of the places of that type, both in order. */
export function nameAssignment(packing: Packing): Assignment {
  const { types, problem } = packing.instance
  const slots = nameSlots(packing)
  const hostOf = Array.from<string | undefined>({ length: problem.workloads.length })
  const next = new Int32Array(types.count)
  for (const { slot, name } of slots) {
    for (const type of itemsOn(packing, slot).toSorted()) {
      const item = i32(types.items.values, i32(types.items.starts, type) + i32(next, type))
      next[type] = i32(next, type) + 1
      for (const workload of listAt(types.workloads, item)) hostOf[workload] = name
    }
  }
  return { hostOf, slots }
}

function nameSlots(packing: Packing): NamedSlot[] {
  const { classes, problem } = packing.instance
  const taken = new Set((problem.hosts ?? []).map((host) => host.name))
  const given = new Int32Array(classes.count)
  const made = new Int32Array(problem.hostTypes.length)
  const fresh = (type: number): string => {
    made[type] = i32(made, type) + 1
    const name = `${problem.hostTypes[type]?.name ?? ''}-${i32(made, type)}`
    return taken.has(name) ? fresh(type) : name
  }
  const named: NamedSlot[] = []
  for (let slot = 0; slot < packing.slotCount; slot++) {
    if (i32(packing.itemCount, slot) === 0) continue
    const hostClass = i32(packing.hostClass, slot)
    const existing = classes.names[hostClass]?.[i32(given, hostClass)]
    given[hostClass] = i32(given, hostClass) + 1
    named.push({ slot, name: existing ?? fresh(i32(classes.type, hostClass)) })
  }
  return named
}

/** SHA-256, in hex, of who is where: one line per placed workload, in order of the problem. */
export function hashAssignment(names: readonly string[], hostOf: readonly (string | undefined)[]): string {
  const digest = sha256.create()
  names.forEach((name, index) => {
    const host = hostOf[index]
    if (host !== undefined) digest.update(utf8ToBytes(`${JSON.stringify([name, host])}\n`))
  })
  return bytesToHex(digest.digest())
}
