import { compileProblem } from '../compile/compile.ts'
import type { Instance } from '../compile/instance.ts'
import { i32, listAt } from '../compile/typed-array.ts'
import type { PlacementPlan, PlacementReason } from '../plan.ts'
import type { PlacementProblem } from '../problem.ts'
import { addSlot, type Packing } from '../search/packing.ts'
import { loadPlacement } from '../search/load-placement.ts'
import { refusalsOf } from './refusals.ts'

/**
 * Why `workload` is on no other host of `plan`: for each used host but its own every constraint that keeps it off, or `cost` if nothing
 * does and the host was just not needed; then the same for an empty host of each type. Empty if the problem has no such workload.
 * O(hosts * constraints).
 */
export function explain(problem: PlacementProblem, plan: PlacementPlan, workload: string): readonly PlacementReason[] {
  const instance = compileProblem(problem)
  const index = problem.workloads.findIndex(({ name }) => name === workload)
  if (index < 0) return []
  const { packing, slotOf } = loadPlacement(instance, plan, workload)
  const type = typeOf(instance, index)
  const own = Object.hasOwn(plan.assignments, workload) ? plan.assignments[workload] : undefined
  const used = [...slotOf].filter(([name]) => name !== own).flatMap(([host, slot]) => reasonsFor(packing, { type, slot, host }))
  return [...used, ...explainEmpty(packing, type)]
}

/** Why an item of `type` is not on an empty host, for each host type; `count` if there is none left. */
export function explainEmpty(packing: Packing, type: number): readonly PlacementReason[] {
  const { classes, problem } = packing.instance
  const seen = new Set<string>()
  const reasons: PlacementReason[] = []
  for (let hostClass = 0; hostClass < classes.count; hostClass++) {
    const host = problem.hostTypes[i32(classes.type, hostClass)]?.name ?? ''
    const slot = packing.spare[hostClass]?.at(-1) ?? addSlot(packing, hostClass)
    const found: readonly PlacementReason[] =
      slot < 0
        ? [{ host, constraint: 'count', message: `all ${i32(classes.limit, hostClass)} hosts are used, and none has room` }]
        : reasonsFor(packing, { type, slot, host })
    for (const reason of found) {
      const key = JSON.stringify(reason)
      if (!seen.has(key)) reasons.push(reason)
      seen.add(key)
    }
  }
  return [...reasons, ...absentTypes(packing)]
}

/** Host types that nothing can be placed on: none may be added, and none exists or all are in maintenance. */
function absentTypes({ instance: { classes, problem } }: Packing): readonly PlacementReason[] {
  const used = new Set(classes.type)
  return problem.hostTypes.flatMap(({ name }, index) =>
    used.has(index) ? [] : [{ host: name, constraint: 'count', message: 'there is no host of this type that may be used' }],
  )
}

function reasonsFor(
  packing: Packing,
  at: { readonly type: number; readonly slot: number; readonly host: string },
): readonly PlacementReason[] {
  const refusals = refusalsOf(packing, at.type, at.slot)
  if (refusals.length > 0) return refusals.map((refusal) => ({ host: at.host, ...refusal }))
  return [{ host: at.host, constraint: 'cost', message: 'it would fit, but the plan costs no less with it there' }]
}

function typeOf({ types }: Instance, workload: number): number {
  for (let type = 0; type < types.count; type++) {
    for (const item of listAt(types.items, type)) if (listAt(types.workloads, item).includes(workload)) return type
  }
  return 0
}
