import type { Occupancy } from './model/occupancy.ts'
import { at } from './model/typed-array.ts'
import type { HeldWorkload, MoveGoal, MoveReason } from './move-plan.ts'

/** A move that is wanted, without a time. */
export interface WantedMove {
  readonly workload: number
  readonly to: number
  readonly reason: MoveReason
  readonly gain: number
}

/** What a goal asks for, and the least that it takes. */
export interface Wanted {
  readonly goal: MoveGoal
  readonly moves: readonly WantedMove[]
  readonly held: readonly HeldWorkload[]
  readonly bound: { readonly moveCount: number; readonly mebibytes: number }
}

/** Workloads that are elsewhere than before, in order. */
export function movedSince(occupancy: Occupancy, before: Int32Array): readonly number[] {
  return [...before.keys()].filter((workload) => {
    const host = at(occupancy.hostOf, workload)
    return host >= 0 && host !== at(before, workload)
  })
}

/** Puts everything back where it was. */
export function restore(occupancy: Occupancy, before: Int32Array): void {
  const moved = [...before.keys()].filter((workload) => at(occupancy.hostOf, workload) !== at(before, workload))
  for (const workload of moved) if (at(occupancy.hostOf, workload) >= 0) occupancy.take(workload)
  for (const workload of moved) if (at(before, workload) >= 0) occupancy.put(workload, at(before, workload))
}
