import type { Occupancy } from './model/occupancy.ts'
import { at } from './model/typed-array.ts'

/**
 * Makes room for `workloads`, which are nowhere, by sending one other workload from a host to the hole of another host for each of
 * them (an ejection chain of length one); `mayMove` says which may be sent away. Returns those that still have no place.
 * O(workloads x hosts x workloads of a host x hosts) at worst.
 */
export function ejectFor(
  occupancy: Occupancy,
  workloads: readonly number[],
  hosts: readonly number[],
  mayMove: (workload: number) => boolean,
): readonly number[] {
  return workloads.filter((workload) => !hosts.some((host) => ejectOne(occupancy, workload, host, { hosts, mayMove })))
}

interface Around {
  readonly hosts: readonly number[]
  readonly mayMove: (workload: number) => boolean
}

/** Puts `workload` on `host` in place of one that is smaller and finds another hole. */
function ejectOne(occupancy: Occupancy, workload: number, host: number, { hosts, mayMove }: Around): boolean {
  if (occupancy.accepts(workload, host)) {
    occupancy.put(workload, host)
    return true
  }
  const { size } = occupancy.model
  const smaller = [...occupancy.on(host)].filter((other) => at(size, other) < at(size, workload) && mayMove(other))
  for (const other of smaller.toSorted((a, b) => at(size, a) - at(size, b) || a - b)) {
    occupancy.take(other)
    if (occupancy.accepts(workload, host)) {
      occupancy.put(workload, host)
      const hole = hosts.find((candidate) => candidate !== host && occupancy.accepts(other, candidate))
      if (hole !== undefined) {
        occupancy.put(other, hole)
        return true
      }
      occupancy.take(workload)
    }
    occupancy.put(other, host)
  }
  return false
}
