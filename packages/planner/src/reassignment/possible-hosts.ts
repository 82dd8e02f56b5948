import { f64, i32 } from '../compile/typed-array.ts'
import type { ReassignmentTables } from './tables.ts'

/**
 * Where each process could be if no other had moved there, as 0 or 1 by process and host: at home, and where its needs fit a capacity
 * less the transient needs of those whose home it is, which are held there wherever they go. What is 0 breaks a capacity in every
 * state, so leaving it out loses no plan. O(processes × hosts × resources) time, processes × hosts bytes.
 */
export function possibleHosts(tables: ReassignmentTables): Uint8Array {
  const { resourceCount: width, hostCount, processCount, need, home } = tables
  const room = roomsOf(tables)
  const possible = new Uint8Array(processCount * hostCount)
  for (let process = 0; process < processCount; process++) {
    for (let host = 0; host < hostCount; host++) {
      let fits = true
      for (let resource = 0; resource < width && fits; resource++)
        fits = f64(need, process * width + resource) <= f64(room, host * width + resource)
      possible[process * hostCount + host] = Number(fits || host === i32(home, process))
    }
  }
  return possible
}

/** Capacities by host and resource, less what is held at home for ever. */
function roomsOf({ resourceCount: width, processCount, capacity, need, home, isTransient }: ReassignmentTables): Float64Array {
  const room = capacity.slice()
  for (let process = 0; process < processCount; process++) {
    for (let resource = 0; resource < width; resource++) {
      const at = i32(home, process) * width + resource
      if (isTransient[resource] === 1) room[at] = f64(room, at) - f64(need, process * width + resource)
    }
  }
  return room
}
