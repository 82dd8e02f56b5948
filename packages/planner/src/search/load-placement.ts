import type { Instance } from '../compile/instance.ts'
import { i32, listAt } from '../compile/typed-array.ts'
import { addItem, createPacking, openSlot, type Packing } from './packing.ts'

/** Hosts and who is on them, by name. */
interface Placement {
  readonly hosts: readonly { readonly name: string; readonly type: string }[]
  readonly assignments: Readonly<Record<string, string>>
}

/** The packing of `placement`, with its slots by host name in the order of hosts; the workload `without` is left waiting. */
export function loadPlacement(
  instance: Instance,
  placement: Placement,
  without?: string,
): { readonly packing: Packing; readonly slotOf: ReadonlyMap<string, number> } {
  const { problem, classes, types } = instance
  const packing = createPacking(instance)
  const slotOf = new Map<string, number>()
  // Classes by the names of their hosts; those of hosts that may be added by type.
  const existing = new Map(classes.names.flatMap((names, index) => names.map((name) => [name, index] as const)))
  const added = new Map(
    classes.isOpen.flatMap((isOpen, index) =>
      isOpen ? [[problem.hostTypes[i32(classes.type, index)]?.name, index] as const] : [],
    ),
  )
  for (const host of placement.hosts) {
    // Hosts that are kept for failures may be more than the workloads would ever use.
    slotOf.set(host.name, openSlot(packing, existing.get(host.name) ?? added.get(host.type) ?? -1))
  }
  for (let type = 0; type < types.count; type++) {
    for (const item of listAt(types.items, type)) {
      const { name = '' } = problem.workloads[i32(listAt(types.workloads, item), 0)] ?? {}
      const host = Object.hasOwn(placement.assignments, name) ? placement.assignments[name] : undefined
      const slot = host === undefined || name === without ? undefined : slotOf.get(host)
      if (slot !== undefined) addItem(packing, slot, type)
    }
  }
  return { packing, slotOf }
}
